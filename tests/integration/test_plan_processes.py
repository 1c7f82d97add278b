"""A plan starts the same few git processes for any number of models."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import cli
from tests import git_processes
from tests.benchmarks import plan_repository


def processes(folder: Path, *, models: int) -> list[str]:
    """The command line of each git process of a plan, without the options of all of them."""
    root = folder / f"with-{models}"
    plan_repository.make(root, models)
    plan_repository.change(root)
    with git_processes.counted(folder) as lines, pytest.raises(SystemExit) as ended:
        cli.main(["plan", "--base", "HEAD~1", "--repo", str(root)])
    assert ended.value.code == 0
    return [line.rpartition("maintenance.auto=false ")[2] for line in lines]


def test_plan__starts_the_same_processes_for_ten_times_the_models(tmp_path: Path) -> None:
    few, many = processes(tmp_path, models=2), processes(tmp_path, models=20)
    assert few == many
    assert len(few) <= 5
