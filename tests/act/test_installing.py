"""The packages that `actions/run` installs without uv, in a checkout with misleading configuration.

It downloads from the package index, so it is not part of the suite.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import interlock
from tests import planted
from tests.contract.workflows import ROOT

# All programs that the script and pip call by name; uv is not one of them.
PROGRAMS = ("bash", "git", "dirname", "mktemp", "touch", "env", "sh")


@pytest.mark.timeout(900)
def test_run__installs_by_hash_and_reads_no_configuration_of_the_checkout(tmp_path: Path) -> None:
    checkout, programs, temporary = (tmp_path / name for name in ("checkout", "bin", "temporary"))
    for folder in (checkout, programs, temporary):
        folder.mkdir()
    planted.plant(checkout, tmp_path / "canary")
    for name in PROGRAMS:
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    place = tmp_path / "environment"
    kept = {k: v for k, v in os.environ.items() if k.startswith(("UV_", "PIP_", "SSL_", "HOME"))}
    done = subprocess.run(
        [str(ROOT / "actions" / "run"), "--version", "train"],
        cwd=checkout,
        env=kept
        | {
            "PATH": str(programs),
            "RUNNER_TEMP": str(temporary),
            "INTERLOCK_ENVIRONMENT": str(place),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"interlock, version {interlock.__version__}\n"
    assert "canary" not in done.stderr
    assert not (tmp_path / "canary").exists()
    (uv,) = temporary.glob("interlock-uv/lib/python3*/site-packages/uv-*.dist-info")
    assert uv.name.removesuffix(".dist-info").replace("-", "==") in (
        ROOT / "actions" / "uv.txt"
    ).read_text("utf-8")
    (packages,) = place.glob("lib/python3*/site-packages")
    assert (packages / "interlock.pth").read_text() == f"{ROOT / 'src'}\n"
    there = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
    assert {"dvc", "mlflow", "antlr4_python3_runtime", "setuptools"} <= there
    assert {"interlock", "hatchling"} & there == set()
