"""The processes and reads of a report do not grow with the models of its pull request."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from interlock.cli import report as cli
from interlock.services import snapshots
from tests.benchmarks import report as benchmark


def _costs(folder: Path, monkeypatch: pytest.MonkeyPatch, *, count: int) -> Counter[str]:
    """Report a pull request that changes `count` models; count processes and read revisions."""
    costs: Counter[str] = Counter()
    start, read = subprocess.Popen.__init__, snapshots.Reader._read

    def start_counted(self: Any, arguments: Any, *rest: Any, **named: Any) -> None:
        costs["processes"] += 1
        start(self, arguments, *rest, **named)

    def read_counted(self: Any, tree: Any) -> Any:
        costs["revisions"] += 1
        return read(self, tree)

    folder.mkdir()
    with benchmark.served(folder, count=count) as pull, monkeypatch.context() as patch:
        words = ["--repo", str(pull.checkout), "--pull", "1"]
        assert CliRunner().invoke(cli.command, words, env=pull.environment).exit_code == 0
        patch.setattr(subprocess.Popen, "__init__", start_counted)
        patch.setattr(snapshots.Reader, "_read", read_counted)
        done = CliRunner().invoke(cli.command, words, env=pull.environment)
        assert done.output.startswith(f"✅ all {count} models pass")
    return costs


def test_report__needs_the_same_processes_and_reads_for_any_number_of_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = _costs(tmp_path / "few", monkeypatch, count=3)
    many = _costs(tmp_path / "many", monkeypatch, count=9)
    assert few == many
    # The merge base and the head.
    assert many["revisions"] == 2
