"""`ledger log` and `verify` start the same few git processes for any number of records."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import cli
from tests import git_processes
from tests.benchmarks import generated_ledger
from tests.benchmarks.generated_ledger import Size


def processes(folder: Path, command: str, *, days: int) -> list[str]:
    """The verb of each process, in order."""
    place = generated_ledger.make(folder / str(days), Size(models=3, days=days, promotions=days))
    with git_processes.counted(folder) as lines, pytest.raises(SystemExit) as ended:
        cli.main(["ledger", command, "--repo", str(place)])
    assert ended.value.code == 0
    return [line.rpartition("maintenance.auto=false ")[2].split()[0] for line in lines]


@pytest.mark.parametrize("command", ["log", "verify"])
def test_ledger__starts_the_same_processes_for_ten_times_the_records(
    tmp_path: Path, command: str
) -> None:
    few, many = (processes(tmp_path, command, days=days) for days in (4, 40))
    own = [verb for verb in many if not verb.startswith("git-")]
    assert few == many
    assert own == ["rev-parse", "cat-file", "config", "fetch", "log"]
