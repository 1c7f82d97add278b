"""One window's measures to the record of it: what is compared, what counts, what is said; pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from interlock.domain.basics import figures, timestamps
from interlock.domain.drift import comparison, detection, explanations, measures
from interlock.domain.drift.findings import ColumnFinding, DriftRules
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem, WindowMeasure
from interlock.domain.drift.profile import ColumnKind, Profile
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.monitor_rules import BOOKKEEPING, Monitor
from interlock.domain.monitoring import diagnosis, histograms
from interlock.domain.monitoring.diagnosis import WindowResult
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    ColumnReport,
    Diagnosis,
    DriftReport,
    Remedy,
)
from interlock.domain.monitoring.windows import FileTimeRange, Window

ID, TARGET = "id", "target"
IMPORTANCE = "importance."
"""How the numbers begin that tell how much the model uses a column, in the pipeline's own metrics
files: {"importance": {"age": 0.4}}."""

_FORM = 2
"""Counted up when profiles of an older version cannot be held against live data any more."""
_RULES_DIGITS = 12
_NAMED = 3
_UNASKED = Diagnosis(Cause.NONE, Remedy.NOTHING, 0.0, (), "")
_UNCOUNTED = frozenset({DriftStatus.INSUFFICIENT, DriftStatus.BROKEN})
_SCHEMA = frozenset({ColumnProblem.VANISHED, ColumnProblem.TYPE, ColumnProblem.NEW})


@dataclass(frozen=True, slots=True)
class ColumnSelection:
    """Which columns are read, as patterns of `monitor.matches`; what is excluded is not."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonitoredChampion:
    """The champion that windows are held against, and what is known of it."""

    model: str
    fingerprint: str
    version: int | None
    importance: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class WindowData:
    """What was read of one window; `untimed` rows have no time, and so belong to no window.
    `unread` names the files of the window that could not be read, with the reason; `files` are
    those that were looked at for their times. `lacking` says of files which columns they have not,
    and others have."""

    window: Window
    live: Profile
    untimed: int = 0
    unread: tuple[str, ...] = ()
    files: tuple[FileTimeRange, ...] = ()
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def columns(monitor: Monitor) -> ColumnSelection:
    """Return the columns that are compared: not the id, not the target, not the time of serving,
    no bookkeeping of our own, and what the model says only where the manifest wants it."""
    outputs = () if monitor.checks.prediction else (diagnosis.PREDICTION, f"{diagnosis.SCORE}*")
    exclude = (*monitor.columns.exclude, ID, TARGET, monitor.time, BOOKKEEPING, *outputs)
    return ColumnSelection(monitor.columns.include, exclude)


def digest(monitor: Monitor) -> str:
    """Return what tells two references of one champion apart: their data and their columns."""
    decides = [_FORM, monitor.reference, asdict(columns(monitor))]
    text = json.dumps(decides, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_RULES_DIGITS]


def rules(monitor: Monitor) -> DriftRules:
    """Return a manifest's checks as the statistics know them."""
    drift = monitor.checks.drift
    return DriftRules(
        effect=drift.effect,
        persist=drift.persist,
        missing_max_increase=monitor.checks.max_missing_increase,
        min_rows=monitor.window.min_rows,
    )


def importance(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return what a pipeline's metrics tell of how much the model uses each column."""
    return {
        name.removeprefix(IMPORTANCE): value
        for name, value in metrics.items()
        if name.startswith(IMPORTANCE) and value >= 0
    }


def persisting(
    past: Iterable[DriftReport], *, served: MonitoredChampion, among: int
) -> tuple[DriftReport, ...]:
    """Return the windows that persistence counts, oldest first: the last that had rows enough and
    were not broken, held against the champion that is served now. A retraining that was merged
    begins from none."""
    own = [each for each in past if each.reference == served.fingerprint]
    counted = [each for each in own if each.verdict not in _UNCOUNTED]
    return tuple(sorted(counted, key=lambda each: each.end))[-among:]


def report(
    read: WindowData,
    *,
    reference: Profile,
    monitor: Monitor,
    served: MonitoredChampion,
    past: Iterable[DriftReport],
    at: str,
) -> DriftReport:
    """Return the record of one window, after those of `past`; `at` is the time to record. Whether
    it is a season is asked apart, see `with_season`."""
    live = read.live
    whole = comparison.compare(reference, live, is_whole=not read.unread)
    measured = _asked(whole, monitor)
    among = monitor.checks.drift.persist.among
    before = [_measured(each) for each in persisting(past, served=served, among=among)]
    judged = detection.detect([*before, measured], rules=rules(monitor))
    verdict = judged.windows[-1]
    is_judged = verdict is not DriftStatus.INSUFFICIENT or judged.is_blind
    findings = judged.columns if is_judged else _unjudged(measured)
    found = DriftReport(
        model=served.model,
        start=timestamps.write(read.window.start),
        end=timestamps.write(read.window.end),
        rows=live.rows,
        verdict=verdict,
        reference=served.fingerprint,
        reference_rows=reference.rows,
        diagnosis=_UNASKED,
        at=at,
        columns=_columns(findings, served.importance, reference, live),
        version=served.version,
        problems=_problems(read),
        unread=read.unread,
        files=read.files,
        compared=explanations.describe_coverage(measured.columns) if live.rows else "",
    )
    return replace(found, diagnosis=diagnosis.diagnose(window_result(found, monitor=monitor)))


def with_season(
    found: DriftReport, *, monitor: Monitor, past: Sequence[DriftReport]
) -> DriftReport:
    """Return a report whose diagnosis knows the windows of other seasons."""
    asked = window_result(found, monitor=monitor)
    return replace(found, diagnosis=diagnosis.diagnose(asked, past=past))


def window_result(report: DriftReport, *, monitor: Monitor) -> WindowResult:
    """Return a recorded window as triage asks of it, once more is known of it."""
    return WindowResult(
        start=report.start,
        end=report.end,
        rows=report.rows,
        min_rows=monitor.window.min_rows,
        verdict=report.verdict,
        columns=report.columns,
        problem=_problem(report),
        compared=report.compared,
    )


def _problem(report: DriftReport) -> str:
    """What broke a window where no column does."""
    if not report.unread:
        return "" if report.rows else _empty(report.start, report.end)
    more = len(report.unread) - 1
    also = f", and {figures.count(more, 'more file')} cannot be used" if more else ""
    return f"{report.unread[0]}{also}; {figures.count(report.rows, 'row')} could be read"


def _problems(read: WindowData) -> tuple[str, ...]:
    start, end = timestamps.write(read.window.start), timestamps.write(read.window.end)
    empty = () if read.live.rows or read.unread else (_empty(start, end),)
    said = f"{read.untimed:,} rows have no time, and belong to no window"
    return (*empty, *read.unread, *_lacking(read), *((said,) if read.untimed else ()))


def _lacking(read: WindowData) -> tuple[str, ...]:
    """By column: it is one writer that forgot one, mostly, in many files."""
    files: dict[str, list[str]] = {}
    for file, columns in read.lacking.items():
        for column in columns:
            files.setdefault(column, []).append(file)
    return tuple(
        f"{figures.listing(names, most=_NAMED)} lack{'s' if len(names) == 1 else ''} column "
        f"{column!r}, which has missing values there"
        for column, names in files.items()
    )


def _empty(start: str, end: str) -> str:
    return f"no rows came from {start} to {end}"


def _asked(measured: WindowMeasure, monitor: Monitor) -> WindowMeasure:
    """Without the check of the schema, columns that came, went or changed are passed over."""
    if monitor.checks.schema:
        return measured
    kept = tuple(each for each in measured.columns if each.problem not in _SCHEMA)
    return replace(measured, columns=kept)


def _measured(report: DriftReport) -> WindowMeasure:
    return WindowMeasure(
        report.rows, report.reference_rows, tuple(_restored(each) for each in report.columns)
    )


def _restored(column: ColumnReport) -> ColumnMeasure:
    return measures.restored(
        column.name, kind=ColumnKind(column.kind), statistics=column.statistics
    )


def _unjudged(measured: WindowMeasure) -> tuple[ColumnFinding, ...]:
    said = "too few rows to say anything"
    return tuple(
        ColumnFinding(column.name, DriftStatus.INSUFFICIENT, said, column)
        for column in measured.columns
    )


def _columns(
    findings: Iterable[ColumnFinding],
    importance: Mapping[str, float],
    reference: Profile,
    live: Profile,
) -> tuple[ColumnReport, ...]:
    before, after = reference.named(), live.named()
    return tuple(
        ColumnReport(
            name=each.name,
            kind=each.measure.kind.value,
            verdict=each.verdict,
            sentence=each.sentence,
            statistics=_written(measures.statistics(each.measure)),
            importance=_weight(each.name, importance),
            # Of what is as it was nobody wants a picture, and ten thousand columns are a burden.
            shares=histograms.compare(before[each.name], after.get(each.name))
            if each.name in before and each.verdict is not DriftStatus.STABLE
            else (),
        )
        for each in findings
    )


def _written(statistics: Mapping[str, float]) -> dict[str, float]:
    """To six digits: more say nothing, and hang on the order in which rows were added up."""
    return {name: float(f"{value:.6g}") for name, value in statistics.items()}


def _weight(name: str, importance: Mapping[str, float]) -> float | None:
    """None where the pipeline told nothing, and of what the model itself says."""
    if not importance or diagnosis.is_output(name):
        return None
    return importance.get(name, 0.0)
