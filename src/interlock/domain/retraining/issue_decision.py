"""The decision about the one issue for a failed upstream data pipeline; a pure table."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import Cause, DriftReport
from interlock.domain.retraining import retraining_reasons
from interlock.domain.retraining.retraining_facts import (
    CLEARLY_WORSE,
    HiddenMark,
    RetrainingFacts,
)

IN_A_ROW = 3
"""The issue is opened after this many windows in a row with unreadable files."""


@dataclass(frozen=True, slots=True)
class DataIssue:
    """The issue on GitHub: its state (open or closed), and its hidden mark."""

    is_open: bool
    mark: HiddenMark | None


@dataclass(frozen=True, slots=True)
class UpdateIssue:
    """Open the issue, or replace the text of the existing one."""

    report: DriftReport
    mark: HiddenMark


@dataclass(frozen=True, slots=True)
class CloseIssue:
    """Close the issue, with a note in its text."""

    report: DriftReport
    mark: HiddenMark


@dataclass(frozen=True, slots=True)
class NoIssue:
    """Nothing to write; `sentence` gives the reason when the pipeline failed, else ""."""

    sentence: str = ""


Decision = UpdateIssue | CloseIssue | NoIssue


def decide(facts: RetrainingFacts, issue: DataIssue | None) -> Decision:
    """Decide from the newest window. A window with too few rows changes nothing."""
    newest = retraining_reasons.newest(facts)
    if newest is None or newest.verdict is DriftStatus.INSUFFICIENT:
        return NoIssue()
    if newest.verdict is not DriftStatus.BROKEN:
        is_open = issue is not None and issue.is_open
        return CloseIssue(newest, _mark(newest)) if is_open else NoIssue()
    if not (issue and issue.is_open) and not _is_certain(facts, newest):
        return NoIssue("files of the newest window cannot be read; wait for the next window")
    mark = _mark(newest)
    if issue is None or _is_news(facts, issue, mark):
        return UpdateIssue(newest, mark)
    return NoIssue("the issue is up to date" if issue.is_open else "a user closed the issue")


def _is_certain(facts: RetrainingFacts, newest: DriftReport) -> bool:
    """True if a failure must be reported now. One truncated file may be an accident, so unreadable
    files count only in several windows in a row; a missing column or an empty window counts at
    once."""
    by_column = any(column.verdict is DriftStatus.BROKEN for column in newest.columns)
    if by_column or not newest.unread:
        return True
    windows = [each for each in facts.windows if each.verdict is not DriftStatus.INSUFFICIENT]
    last = sorted(windows, key=lambda window: window.end)[-IN_A_ROW:]
    return len(last) == IN_A_ROW and all(each.verdict is DriftStatus.BROKEN for each in last)


def _is_news(facts: RetrainingFacts, issue: DataIssue, mark: HiddenMark) -> bool:
    """An open issue is updated for every window. A closed one is opened again when the failure is
    clearly worse, or when a window in between was complete."""
    previous = issue.mark
    if previous is None:
        return True
    if issue.is_open:
        return mark.window_end > previous.window_end
    was_fixed = previous.cause is not Cause.BROKEN_PIPELINE or any(
        previous.window_end < window.end < mark.window_end
        and window.verdict not in (DriftStatus.BROKEN, DriftStatus.INSUFFICIENT)
        for window in facts.windows
    )
    is_worse = mark.severity > 0 and mark.severity >= CLEARLY_WORSE * previous.severity
    return was_fixed or is_worse


def _mark(report: DriftReport) -> HiddenMark:
    diagnosis = report.diagnosis
    return HiddenMark(diagnosis.cause, report.end, diagnosis.severity, report.reference)
