"""MLflow is imported without data frames and file systems, unless a plugin may need them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys
from interlock.adapters.mlflow import client
client.prepare(sys.argv[1])
print(sorted({"pandas", "polars", "pyarrow"} & set(sys.modules)))
import pandas, polars, pyarrow.fs
"""
_HDFS = """
import sys
from interlock.adapters.mlflow import light_import
light_import.client_type()
from mlflow.store.artifact import hdfs_artifact_repo
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
runs = get_artifact_repository("hdfs://namenode/runs")
assert "pyarrow" not in sys.modules
try:
    runs.list_artifacts()
except OSError as error:
    print(str(error).splitlines()[0])
import pyarrow.fs
assert hdfs_artifact_repo.FileType.Directory is pyarrow.fs.FileType.Directory
assert type(hdfs_artifact_repo.FileSelector("runs")) is pyarrow.fs.FileSelector
"""
_PLUGIN = """
[mlflow.request_header_provider]
acme = acme_headers:Provider
"""


def _output(folder: Path, program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _loaded(folder: Path) -> str:
    return _output(folder, _PROGRAM, f"sqlite:///{folder}/mlflow.db")


def test_client__loads_no_data_frames_and_leaves_them_importable(tmp_path: Path) -> None:
    assert _loaded(tmp_path) == "[]"


def test_client__imports_file_systems_where_a_run_is_on_hdfs(tmp_path: Path) -> None:
    # This machine has no Hadoop: libjvm or libhdfs is missing.
    assert _output(tmp_path, _HDFS).startswith("Unable to load lib")


def test_client__gives_plugins_every_package(tmp_path: Path) -> None:
    # `python -c` finds packages in its working directory.
    plugin = tmp_path / "acme-1.0.dist-info"
    plugin.mkdir()
    (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (plugin / "entry_points.txt").write_text(_PLUGIN)
    (tmp_path / "acme_headers.py").write_text(
        "import pandas\nfrom mlflow.tracking.request_header.abstract_request_header_provider "
        "import RequestHeaderProvider as Provider\n"
    )
    assert _loaded(tmp_path) == "['pandas', 'polars', 'pyarrow']"
