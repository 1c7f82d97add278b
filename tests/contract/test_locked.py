"""What a job installs is named by hash: no build back end and no tool comes unlocked."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import interlock
from tests.contract.workflows import ROOT

RUN = (ROOT / "actions" / "run").read_text(encoding="utf-8")


def packages() -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))[
        "package"
    ]
    return [each for each in documents if "registry" in each["source"]]


def test_packages__that_must_be_built_are_those_that_the_script_names() -> None:
    """All else is a wheel: `--no-build` refuses a package that is not."""
    built = {each["name"] for each in packages() if not each.get("wheels")}
    assert set(re.findall(r"--no-binary-package (\S+)", RUN)) == built
    assert set(re.findall(r"--no-build-isolation-package (\S+)", RUN)) == built
    assert {"--no-build", "--no-install-project", "--frozen"} <= set(RUN.split())
    assert "setuptools" in {each["name"] for each in packages()}


def test_packages__are_all_named_by_hash() -> None:
    files = [
        file
        for each in packages()
        for file in [*each.get("wheels", []), *([each["sdist"]] if "sdist" in each else [])]
    ]
    assert len(files) > 1000
    assert [file for file in files if not re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"])] == []


def test_uv__is_one_version_and_named_by_hash() -> None:
    text = (ROOT / "actions" / "uv.txt").read_text(encoding="utf-8")
    first, *rest = [line.strip(" \\") for line in text.splitlines() if not line.startswith("#")]
    assert re.fullmatch(r"uv==\d+\.\d+\.\d+", first)
    assert len(rest) >= 4
    assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in rest)
    installed = [line for line in RUN.splitlines() if "pip install" in line]
    assert ["--require-hashes" in line for line in installed] == [True]


def test_version__of_the_source_is_that_of_the_project() -> None:
    """The source runs without being installed, so that no metadata says its version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert interlock.__version__ == project["version"]
