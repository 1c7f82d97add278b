"""The table of what becomes of the issue that says that a feed is broken."""

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
from tests.retrain_cases import SERVED, day, mark, situation, window

BAD, GOOD = DriftStatus.BROKEN, DriftStatus.STABLE
TORN = ("live/a.parquet cannot be read: truncated",)
GONE = (ColumnReport("age", "number", BAD, "is in the reference, but not in the window"),)


def told(number: int, *, is_open: bool = True, severity: float = 0.5) -> DataIssue:
    return DataIssue(is_open, mark(number, Cause.BROKEN_PIPELINE, severity))


CASES: dict[str, tuple[tuple[Any, ...], DataIssue | None, type]] = {
    "no window": ((), None, NoIssue),
    "all is well": ((window(3, GOOD),), None, NoIssue),
    "drift is no matter of the feed": ((window(3),), None, NoIssue),
    "broken": ((window(3, BAD),), None, UpdateIssue),
    "told of this window": ((window(3, BAD),), told(3), NoIssue),
    "broken still": ((window(3, BAD), window(4, BAD)), told(3), UpdateIssue),
    "mended": ((window(3, BAD), window(4, GOOD)), told(3), CloseIssue),
    "too few rows say nothing": (
        (window(3, BAD), window(4, DriftStatus.INSUFFICIENT)),
        told(3),
        NoIssue,
    ),
    "closed already": ((window(3, BAD), window(4, GOOD)), told(3, is_open=False), NoIssue),
    "closed by a person": ((window(3, BAD), window(4, BAD)), told(3, is_open=False), NoIssue),
    "clearly worse": ((window(4, BAD),), told(3, is_open=False, severity=0.3), UpdateIssue),
    "broken anew": (
        (window(3, BAD), window(4, GOOD), window(5, BAD)),
        told(3, is_open=False),
        UpdateIssue,
    ),
    "closed by us when it was mended": (
        (window(5, BAD),),
        DataIssue(False, mark(4, Cause.NONE, 0.0)),
        UpdateIssue,
    ),
    "a file that cannot be read once": ((window(3, BAD, unread=TORN),), None, NoIssue),
    "twice": ((window(3, BAD, unread=TORN), window(4, BAD, unread=TORN)), None, NoIssue),
    "three times in a row": (
        tuple(window(number, BAD, unread=TORN) for number in (5, 3, 4)),
        None,
        UpdateIssue,
    ),
    "in a row but for one that says nothing": (
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
    "an open issue follows files as well": ((window(4, BAD, unread=TORN),), told(3), UpdateIssue),
    "a closed one does not for one file": (
        (window(3, GOOD), window(4, BAD, unread=TORN)),
        told(2, is_open=False),
        NoIssue,
    ),
    "a text that is not ours is written anew": (
        (window(3, BAD),),
        DataIssue(True, None),
        UpdateIssue,
    ),
}


@pytest.mark.parametrize(("windows", "known", "kind"), CASES.values(), ids=CASES)
def test_decide__table(windows: tuple[Any, ...], known: DataIssue | None, kind: type) -> None:
    assert type(issue_decision.decide(situation(drift=windows), known)) is kind


def test_decide__says_what_it_is_about() -> None:
    found: Decision = issue_decision.decide(situation(drift=(window(3, BAD),)), None)
    assert isinstance(found, UpdateIssue)
    assert found.mark == HiddenMark(Cause.BROKEN_PIPELINE, day(3), 0.5, SERVED)
    assert found.report.diagnosis.sentence == "`age` is gone"
