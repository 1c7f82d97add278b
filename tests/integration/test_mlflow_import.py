"""MLflow is imported without data frames, unless a plugin may need them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys
from interlock.adapters.mlflow import client
client.prepare(sys.argv[1])
print(sorted({"pandas", "polars"} & set(sys.modules)))
import pandas, polars
"""
_PLUGIN = """
[mlflow.request_header_provider]
acme = acme_headers:Provider
"""


def _loaded(folder: Path) -> str:
    command = [sys.executable, "-c", _PROGRAM, f"sqlite:///{folder}/mlflow.db"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_client__loads_no_data_frames_and_leaves_them_importable(tmp_path: Path) -> None:
    assert _loaded(tmp_path) == "[]"


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
    assert _loaded(tmp_path) == "['pandas', 'polars']"
