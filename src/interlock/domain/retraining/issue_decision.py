"""What becomes of the one issue that says that a model's feed is broken; a pure table."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import Cause, DriftReport
from interlock.domain.retraining import retraining_reasons
from interlock.domain.retraining.retraining_facts import CLEARLY_WORSE, HiddenMark, RetrainingFacts

IN_A_ROW = 3
"""Windows of which files cannot be read, from which on the feed is said to be broken."""


@dataclass(frozen=True, slots=True)
class DataIssue:
    """The issue as it is: open or not, and what it says of itself."""

    is_open: bool
    mark: HiddenMark | None


@dataclass(frozen=True, slots=True)
class UpdateIssue:
    """Open the issue, or let the one that is there say this."""

    report: DriftReport
    mark: HiddenMark


@dataclass(frozen=True, slots=True)
class CloseIssue:
    """Close the issue, which says so."""

    report: DriftReport
    mark: HiddenMark


@dataclass(frozen=True, slots=True)
class NoIssue:
    """Nothing is to be said; `sentence` tells why where something is broken."""

    sentence: str = ""


Decision = UpdateIssue | CloseIssue | NoIssue


def decide(situation: RetrainingFacts, known: DataIssue | None) -> Decision:
    """Return what to do about the issue. A window with too few rows says nothing either way; one
    that is broken by files alone is told when so many in a row are broken."""
    last = retraining_reasons.newest(situation)
    if last is None or last.verdict is DriftStatus.INSUFFICIENT:
        return NoIssue()
    if last.verdict is not DriftStatus.BROKEN:
        is_open = known is not None and known.is_open
        return CloseIssue(last, _mark(last)) if is_open else NoIssue()
    if not (known and known.is_open) and not _is_told(situation, last):
        return NoIssue("files of the last window cannot be read; the next may be whole")
    mark = _mark(last)
    if known is None or _says_news(situation, known, mark):
        return UpdateIssue(last, mark)
    return NoIssue("the issue says it" if known.is_open else "a person has closed the issue")


def _is_told(situation: RetrainingFacts, last: DriftReport) -> bool:
    """A file that was cut off is one bad day; a column that is gone stays so, and is told at once,
    as is a window without rows."""
    by_column = any(column.verdict is DriftStatus.BROKEN for column in last.columns)
    if by_column or not last.unread:
        return True
    telling = [each for each in situation.drift if each.verdict is not DriftStatus.INSUFFICIENT]
    newest = sorted(telling, key=lambda report: report.end)[-IN_A_ROW:]
    return len(newest) == IN_A_ROW and all(each.verdict is DriftStatus.BROKEN for each in newest)


def _says_news(situation: RetrainingFacts, known: DataIssue, mark: HiddenMark) -> bool:
    """An open issue follows every window; one that a person closed comes back when it is clearly
    worse, or when it was mended in between."""
    told = known.mark
    if told is None:
        return True
    if known.is_open:
        return mark.window_end > told.window_end
    mended = any(
        told.window_end < report.end < mark.window_end
        and report.verdict not in (DriftStatus.BROKEN, DriftStatus.INSUFFICIENT)
        for report in situation.drift
    )
    was_mended = told.cause is not Cause.BROKEN_PIPELINE
    worse = mark.severity > 0 and mark.severity >= CLEARLY_WORSE * told.severity
    return mended or was_mended or worse


def _mark(report: DriftReport) -> HiddenMark:
    diagnosis = report.diagnosis
    return HiddenMark(diagnosis.cause, report.end, diagnosis.severity, report.reference)
