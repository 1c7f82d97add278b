"""Computes the record of one window: the compared columns, verdicts and diagnosis."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from interlock.domain.basics import figures, timestamps
from interlock.domain.drift import comparison, detection, explanations, measures
from interlock.domain.drift.findings import ColumnFinding
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem, WindowMeasure
from interlock.domain.drift.profile import ColumnKind, Profile
from interlock.domain.drift.rules import DriftRules
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

IMPORTANCE = "importance."
"""The prefix of feature importances in the metrics files of the pipeline: {"importance": {"age":
0.4}}."""

_FORM = 2
"""Increased when older profiles cannot be compared with live data any more."""
_RULES_DIGITS = 12
_NAMED = 3
_UNKNOWN = Diagnosis(Cause.NONE, Remedy.NOTHING, 0.0, (), "")
_UNCOUNTED = frozenset({DriftStatus.INSUFFICIENT, DriftStatus.BROKEN})
_SCHEMA = frozenset({ColumnProblem.VANISHED, ColumnProblem.TYPE, ColumnProblem.NEW})


@dataclass(frozen=True, slots=True)
class ColumnSelection:
    """The columns to read, as patterns; `exclude` overrides `include`."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonitoredChampion:
    """The champion that live data is compared with; `importance` is by column."""

    model: str
    fingerprint: str
    version: int | None
    importance: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class WindowData:
    """The live data of one window. `untimed` counts rows without a time, which do not belong to a
    window. `unread` names unreadable files with the reason, `files` the files with times that were
    read. `lacking` names, for each file, the columns that only other files have."""

    window: Window
    live: Profile
    untimed: int = 0
    unread: tuple[str, ...] = ()
    files: tuple[FileTimeRange, ...] = ()
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def columns(monitor: Monitor) -> ColumnSelection:
    """Return the compared columns: without the id, the target, the time and Interlock's own
    columns, and with outputs of the model only if the manifest checks them."""
    outputs = () if monitor.checks.prediction else monitor.rows.outputs
    keys = monitor.rows.keys
    exclude = (*monitor.columns.exclude, *keys, monitor.time, BOOKKEEPING, *outputs)
    return ColumnSelection(monitor.columns.include, exclude)


def digest(monitor: Monitor) -> str:
    """Return a digest of the settings that select the reference data and its columns."""
    settings = [_FORM, monitor.reference, asdict(columns(monitor))]
    text = json.dumps(settings, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_RULES_DIGITS]


def rules(monitor: Monitor) -> DriftRules:
    """Return the rules of drift detection from a manifest."""
    drift = monitor.checks.drift
    return DriftRules(
        effect=drift.effect,
        persist=drift.persist,
        missing_max_increase=monitor.checks.max_missing_increase,
        min_rows=monitor.window.min_rows,
    )


def importance(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return the feature importances in the metrics of a pipeline."""
    return {
        name.removeprefix(IMPORTANCE): value
        for name, value in metrics.items()
        if name.startswith(IMPORTANCE) and value >= 0
    }


def persisting(
    past: Iterable[DriftReport], *, champion: MonitoredChampion, among: int
) -> tuple[DriftReport, ...]:
    """Return the windows that count for persistence, oldest first: the last conclusive ones of this
    champion. So they start again after a retraining."""
    own = [each for each in past if each.reference == champion.fingerprint]
    counted = [each for each in own if each.verdict not in _UNCOUNTED]
    return tuple(sorted(counted, key=lambda each: each.end))[-among:]


def report(
    data: WindowData,
    *,
    reference: Profile,
    monitor: Monitor,
    champion: MonitoredChampion,
    past: Iterable[DriftReport],
    at: str,
) -> DriftReport:
    """Return the record of one window after those of `past`; `at` is the time of the record. See
    `with_season` for seasonality."""
    live = data.live
    comparable = comparison.compare(reference, live, is_complete=not data.unread)
    measured = _without_schema(comparable, monitor)
    among = monitor.checks.drift.persist.among
    before = [_restored_window(each) for each in persisting(past, champion=champion, among=among)]
    result = detection.detect([*before, measured], rules=rules(monitor))
    verdict = result.windows[-1]
    is_conclusive = verdict is not DriftStatus.INSUFFICIENT or result.has_no_comparison
    findings = result.columns if is_conclusive else _inconclusive(measured)
    report = DriftReport(
        model=champion.model,
        start=timestamps.write(data.window.start),
        end=timestamps.write(data.window.end),
        rows=live.rows,
        verdict=verdict,
        reference=champion.fingerprint,
        reference_rows=reference.rows,
        diagnosis=_UNKNOWN,
        at=at,
        columns=_columns(findings, _importance(monitor, champion), reference, live),
        version=champion.version,
        problems=_problems(data),
        unread=data.unread,
        files=data.files,
        compared=explanations.describe_coverage(measured.columns) if live.rows else "",
    )
    return with_season(report, monitor=monitor, past=())


def with_season(
    report: DriftReport, *, monitor: Monitor, past: Sequence[DriftReport]
) -> DriftReport:
    """Return the report with a diagnosis that takes the windows of other seasons into account."""
    result = window_result(report, monitor=monitor)
    return replace(report, diagnosis=diagnosis.diagnose(result, past=past))


def window_result(report: DriftReport, *, monitor: Monitor) -> WindowResult:
    """Return the part of a recorded window that its diagnosis depends on."""
    return WindowResult(
        start=report.start,
        end=report.end,
        rows=report.rows,
        reference_rows=report.reference_rows,
        min_rows=monitor.window.min_rows,
        verdict=report.verdict,
        columns=report.columns,
        problem=_problem(report),
        compared=report.compared,
        names=monitor.rows,
    )


def _problem(report: DriftReport) -> str:
    """The problem of a window that is broken, but has no broken column."""
    if not report.unread:
        return "" if report.rows else _empty(report.start, report.end)
    more = len(report.unread) - 1
    also = f", and {figures.count(more, 'more file')} cannot be read" if more else ""
    return f"{report.unread[0]}{also}; {figures.count(report.rows, 'row')} in the other files"


def _problems(data: WindowData) -> tuple[str, ...]:
    start, end = timestamps.write(data.window.start), timestamps.write(data.window.end)
    empty = () if data.live.rows or data.unread else (_empty(start, end),)
    sentence = f"{data.untimed:,} rows have no time and belong to no window"
    untimed = (sentence,) if data.untimed else ()
    return (*empty, *data.unread, *_lacking(data), *untimed)


def _lacking(data: WindowData) -> tuple[str, ...]:
    """By column: usually one program omits the same column in many files."""
    files: dict[str, list[str]] = {}
    for file, columns in data.lacking.items():
        for column in columns:
            files.setdefault(column, []).append(file)
    return tuple(
        f"{figures.listing(names, most=_NAMED)} lack{'s' if len(names) == 1 else ''} column "
        f"{column!r}: its values count as missing there"
        for column, names in files.items()
    )


def _empty(start: str, end: str) -> str:
    return f"no rows from {start} to {end}"


def _without_schema(measured: WindowMeasure, monitor: Monitor) -> WindowMeasure:
    """If the schema is not checked, leave out columns that are new, missing or of another type."""
    if monitor.checks.schema:
        return measured
    kept = tuple(each for each in measured.columns if each.problem not in _SCHEMA)
    return replace(measured, columns=kept)


def _restored_window(report: DriftReport) -> WindowMeasure:
    return WindowMeasure(
        report.rows, report.reference_rows, tuple(_restored(each) for each in report.columns)
    )


def _restored(column: ColumnReport) -> ColumnMeasure:
    return measures.restored(
        column.name, kind=ColumnKind(column.kind), statistics=column.statistics
    )


def _inconclusive(measured: WindowMeasure) -> tuple[ColumnFinding, ...]:
    sentence = "has too few rows to decide"
    return tuple(
        ColumnFinding(column.name, DriftStatus.INSUFFICIENT, sentence, column)
        for column in measured.columns
    )


def _columns(
    findings: Iterable[ColumnFinding],
    importance: Callable[[str], float | None],
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
            importance=importance(each.name),
            # A stable column needs no picture, and ten thousand columns need much space.
            shares=histograms.compare(before[each.name], after.get(each.name))
            if each.name in before and each.verdict is not DriftStatus.STABLE
            else (),
        )
        for each in findings
    )


def _written(statistics: Mapping[str, float]) -> dict[str, float]:
    """Six digits: further digits depend on the order in which rows were added."""
    return {name: float(f"{value:.6g}") for name, value in statistics.items()}


def _importance(monitor: Monitor, champion: MonitoredChampion) -> Callable[[str], float | None]:
    """The importance of a column: None if the pipeline reports none, and for outputs."""
    known = champion.importance
    return lambda name: known.get(name, 0.0) if known and not monitor.rows.is_output(name) else None
