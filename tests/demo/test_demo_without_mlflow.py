"""The demo without MLflow has the end state of the demo with MLflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import kept_demo
from tests.act import end_state

# MLflow cannot be imported, as where only the packages of DVC are installed.
PROGRAM = """\
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "mlflow":
            raise ImportError(f"there is no {name}")
sys.meta_path.insert(0, Missing())
from interlock import cli
cli.main()
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    words = ["demo", "--no-mlflow", "--json", "--keep", str(folder / "kept")]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env=os.environ | {"HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder / "kept"


def model(kept: Path, name: str) -> Any:
    return json.loads((kept / "store" / "models" / f"{name}.json").read_text())


def test_demo__has_the_same_end_state_without_mlflow(
    kept: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    there = end_state.read(kept_demo.folder(tmp_path_factory) / "kept", registry=False)
    here = end_state.read(kept, registry=False)
    assert here == there
    assert len(here.comments) == 7
    assert not list((kept / "mlflow").iterdir())


def test_demo__versions_and_aliases_are_files(kept: Path) -> None:
    digits = model(kept, "digits")
    assert [each["version"] for each in digits["versions"]] == [1, 2]
    assert [each["version"] for each in model(kept, "diabetes")["versions"]] == [1, 2, 3]
    production = digits["aliases"]["production"]
    assert production["version"] == 1
    assert (kept / "store" / production["path"]).is_dir()
