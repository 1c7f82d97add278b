"""The table of costs has every benchmark with rows, and a row names what it compares."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import benchmarks
from tests.benchmarks import __main__ as whole
from tests.benchmarks import table
from tests.benchmarks.table import Row


def test_subjects__every_module_with_rows() -> None:
    modules = Path(benchmarks.__path__[0]).glob("*.py")
    assert sorted(whole.SUBJECTS) == sorted(
        module.stem for module in modules if "\ndef rows(" in module.read_text("utf-8")
    )


@pytest.mark.parametrize(
    ("row", "within"),
    [
        (Row(name="a", ours=2.0, limit=2.0), "yes"),
        (Row(name="a", ours=2.1, limit=2.0), "**no**"),
        (Row(name="a", ours=6.0, limit=3, is_ratio=True, peer=2.0, peer_name="git"), "yes"),
        (Row(name="a", ours=6.1, limit=3, is_ratio=True, peer=2.0, peer_name="git"), "**no**"),
    ],
)
def test_line__within_the_limit(row: Row, within: str) -> None:
    assert table.line(row).endswith(f"| {within} |")


def test_ratio__without_a_peer_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a peer"):
        table.line(Row(name="a", ours=1.0, limit=3, is_ratio=True))
