"""The log and the audit of a ledger start the same git processes for any number of commits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from interlock import cli
from tests import git_processes
from tests.benchmarks import generated_ledger
from tests.benchmarks.generated_ledger import Size


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two ledgers: one has ten times the records of the other."""
    sizes = (Size(models=2, days=5, promotions=3), Size(models=2, days=50, promotions=30))
    return [generated_ledger.make(tmp_path_factory.mktemp("made"), size) for size in sizes]


def processes(ledger: Path, folder: Path, arguments: Sequence[str]) -> list[str]:
    """The verb of each git process of a command that succeeds."""
    with git_processes.counted(folder) as lines, pytest.raises(SystemExit) as ended:
        cli.main(["ledger", *arguments, "--repo", str(ledger)])
    assert ended.value.code == 0
    words = (line.split() for line in lines)
    return [next(w for w in line[2:] if not w.startswith("-") and "=" not in w) for line in words]


@pytest.mark.parametrize(
    "arguments",
    [("log",), ("log", "--json"), ("verify",), ("verify", "--since", "interlock-ledger~3")],
)
def test_ledger__starts_the_same_processes_for_ten_times_the_commits(
    ledgers: list[Path], arguments: tuple[str, ...], tmp_path: Path
) -> None:
    few, many = (processes(ledger, tmp_path, arguments) for ledger in ledgers)
    assert few == many
    assert few.count("log") == 1
