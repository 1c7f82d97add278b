"""The comment in every state, as a file that a person reads: `INTERLOCK_UPDATE_GOLDEN=1 pytest`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from interlock import rendering
from tests import report_cases

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize("name", report_cases.CASES)
def test_comment__reads_as_its_golden_file(name: str) -> None:
    case = report_cases.CASES[name]()
    text = rendering.comment(case.report, lock=case.lock, links=report_cases.LINKS) + "\n"
    path = GOLDEN / f"{name}.md"
    if os.environ.get("INTERLOCK_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_golden_files__belong_to_a_state_each() -> None:
    assert {path.stem for path in GOLDEN.glob("*.md")} == set(report_cases.CASES)
