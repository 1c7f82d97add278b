"""What a machine says of itself, with and without a GPU's own program."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

import pytest

from interlock.adapters import machine


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def install(programs: Path, script: str) -> None:
    program = programs / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_describe__versions_are_those_that_the_packages_themselves_tell() -> None:
    found = machine.LocalMachine().describe()
    assert found.python == platform.python_version()
    assert found.cpu
    for name in ("dvc", "mlflow", "scikit-learn"):
        assert found.packages[name] == metadata.version(name)
    assert len(found.packages) <= machine.MAX_PACKAGES


def test_describe__gpus_and_their_driver(programs: Path) -> None:
    install(programs, "printf 'NVIDIA H200, 570.86.15\\nNVIDIA H200, 570.86.15\\n'")
    found = machine.LocalMachine().describe()
    assert (found.gpu, found.driver) == ("NVIDIA H200, NVIDIA H200", "570.86.15")


@pytest.mark.parametrize("script", ["exit 9", "echo 'No devices were found'"])
def test_describe__a_gpu_program_without_a_gpu(programs: Path, script: str) -> None:
    install(programs, script)
    found = machine.LocalMachine().describe()
    assert (found.gpu, found.driver) == ("", "")
