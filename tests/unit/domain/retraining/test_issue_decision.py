"""The table of decisions about the issue for a failed data pipeline."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import Cause, ColumnReport
from interlock.domain.retraining import issue_decision
from interlock.domain.retraining.issue_decision import (
    CloseIssue,
    DataIssue,
    Decision,
    NoIssue,
    UpdateIssue,
)
from interlock.domain.retraining.retraining_facts import HiddenMark
from tests.retrain_cases import SERVED, day, facts, mark, window

BAD, GOOD = DriftStatus.BROKEN, DriftStatus.STABLE
TORN = ("live/a.parquet cannot be read: truncated",)
GONE = (ColumnReport("age", "number", BAD, "is in the reference, but not in the window"),)


def issue(number: int, *, is_open: bool = True, severity: float = 0.5) -> DataIssue:
    return DataIssue(is_open, mark(number, Cause.BROKEN_PIPELINE, severity))


CASES: dict[str, tuple[tuple[Any, ...], DataIssue | None, type]] = {
    "no window": ((), None, NoIssue),
    "all is well": ((window(3, GOOD),), None, NoIssue),
    "drift alone": ((window(3),), None, NoIssue),
    "broken": ((window(3, BAD),), None, UpdateIssue),
    "reported for this window": ((window(3, BAD),), issue(3), NoIssue),
    "still broken": ((window(3, BAD), window(4, BAD)), issue(3), UpdateIssue),
    "fixed": ((window(3, BAD), window(4, GOOD)), issue(3), CloseIssue),
    "too few rows change nothing": (
        (window(3, BAD), window(4, DriftStatus.INSUFFICIENT)),
        issue(3),
        NoIssue,
    ),
    "closed already": ((window(3, BAD), window(4, GOOD)), issue(3, is_open=False), NoIssue),
    "closed by a person": ((window(3, BAD), window(4, BAD)), issue(3, is_open=False), NoIssue),
    "clearly worse": ((window(4, BAD),), issue(3, is_open=False, severity=0.3), UpdateIssue),
    "broken again": (
        (window(3, BAD), window(4, GOOD), window(5, BAD)),
        issue(3, is_open=False),
        UpdateIssue,
    ),
    "closed by us when it was fixed": (
        (window(5, BAD),),
        DataIssue(False, mark(4, Cause.NONE, 0.5)),
        UpdateIssue,
    ),
    "a file that cannot be read once": ((window(3, BAD, unread=TORN),), None, NoIssue),
    "twice": ((window(3, BAD, unread=TORN), window(4, BAD, unread=TORN)), None, NoIssue),
    "three times in a row": (
        tuple(window(number, BAD, unread=TORN) for number in (5, 3, 4)),
        None,
        UpdateIssue,
    ),
    "in a row except for one with too few rows": (
        (
            window(2, BAD, unread=TORN),
            window(3, BAD, unread=TORN),
            window(4, DriftStatus.INSUFFICIENT),
            window(5, BAD, unread=TORN),
        ),
        None,
        UpdateIssue,
    ),
    "not in a row": (
        (
            window(2, BAD, unread=TORN),
            window(3, BAD, unread=TORN),
            window(4, GOOD),
            window(5, BAD, unread=TORN),
        ),
        None,
        NoIssue,
    ),
    "a file after two broken columns": (
        (window(3, BAD), window(4, BAD), window(5, BAD, unread=TORN)),
        None,
        UpdateIssue,
    ),
    "a file and a column": ((window(3, BAD, unread=TORN, columns=GONE),), None, UpdateIssue),
    "an open issue follows files as well": ((window(4, BAD, unread=TORN),), issue(3), UpdateIssue),
    "a closed one does not for one file": (
        (window(3, GOOD), window(4, BAD, unread=TORN)),
        issue(2, is_open=False),
        NoIssue,
    ),
    "a text without a mark is replaced": (
        (window(3, BAD),),
        DataIssue(True, None),
        UpdateIssue,
    ),
}


@pytest.mark.parametrize(("windows", "known", "kind"), CASES.values(), ids=CASES)
def test_decide__table(windows: tuple[Any, ...], known: DataIssue | None, kind: type) -> None:
    assert type(issue_decision.decide(facts(drift=windows), known)) is kind


def test_decide__has_report_and_mark() -> None:
    decision: Decision = issue_decision.decide(facts(drift=(window(3, BAD),)), None)
    assert isinstance(decision, UpdateIssue)
    assert decision.mark == HiddenMark(Cause.BROKEN_PIPELINE, day(3), 0.5, SERVED)
    assert decision.report.diagnosis.sentence == "`age` is gone"
