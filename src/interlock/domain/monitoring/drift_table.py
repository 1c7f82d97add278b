"""Arrange a model's windows of live data for display: columns by importance. No text here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import (
    ColumnReport,
    Diagnosis,
    DriftReport,
    PerformanceReport,
)

WINDOWS = 14
"""Number of windows in a row, the last ones."""

GRAVITY = (
    DriftStatus.BROKEN,
    DriftStatus.DRIFT,
    DriftStatus.WARNING,
    DriftStatus.INSUFFICIENT,
    DriftStatus.STABLE,
)
"""The worst first."""

_QUIET = frozenset({DriftStatus.STABLE, DriftStatus.INSUFFICIENT})


@dataclass(frozen=True, slots=True)
class Row:
    """One column. `effect` is the share of its rows that moved or are missing in the last window;
    `history` has that of every window, oldest first; None is not measured."""

    name: str
    kind: str
    verdict: DriftStatus
    sentence: str
    effect: float | None
    importance: float | None
    history: tuple[float | None, ...]
    statistics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class WindowHistory:
    """The last window with its history: `verdicts` of all windows shown, oldest first, and the
    columns of the last one, the most important first. `labelled` is the last window with labels,
    None without one."""

    newest: DriftReport
    verdicts: tuple[DriftStatus, ...]
    rows: tuple[Row, ...]
    labelled: PerformanceReport | None = None

    @property
    def verdict(self) -> DriftStatus:
        """The worse verdict of the window and of its labels."""
        by_labels = self.labelled.performance.verdict if self.labelled else DriftStatus.STABLE
        return min(self.newest.verdict, by_labels, key=GRAVITY.index)

    @property
    def diagnosis(self) -> Diagnosis:
        """The diagnosis behind the verdict."""
        if self.labelled is None or self.verdict is self.newest.verdict:
            return self.newest.diagnosis
        return self.labelled.diagnosis

    @property
    def moved(self) -> tuple[Row, ...]:
        """The columns that moved."""
        return tuple(row for row in self.rows if row.verdict not in _QUIET)

    @property
    def top(self) -> float:
        """The greatest effect of all rows: one scale, so that rows are comparable."""
        return max((e for row in self.rows for e in row.history if e is not None), default=0.0)


def arrange(
    reports: Iterable[DriftReport], *, labelled: Iterable[PerformanceReport] = ()
) -> WindowHistory | None:
    """Return the last window of a model with its history; None without any window.

    Windows with another champion as reference than the last one are left out.
    """
    every = sorted(reports, key=lambda report: report.end)
    if not every:
        return None
    newest = every[-1]
    shown = [report for report in every if report.reference == newest.reference][-WINDOWS:]
    earlier = [{column.name: column for column in report.columns} for report in shown]
    labels = (report for report in labelled if report.reference == newest.reference)
    usual = _usual_importance(newest.columns)
    ranked = sorted(newest.columns, key=lambda column: _rank(column, usual=usual))
    return WindowHistory(
        newest=newest,
        verdicts=tuple(report.verdict for report in shown),
        rows=tuple(_row(column, earlier) for column in ranked),
        labelled=max(labels, key=lambda r: (r.end, r.performance.rows), default=None),
    )


def columns_to_plot(reports: Sequence[DriftReport]) -> tuple[ColumnReport, ...]:
    """Return the columns for a plot: moved in the newest window, with known shares, the most
    important first."""
    view = arrange(reports)
    if view is None:
        return ()
    columns = {column.name: column for column in view.newest.columns}
    return tuple(columns[row.name] for row in view.moved if columns[row.name].shares)


def by_model(
    reports: Iterable[DriftReport], *, labelled: Sequence[PerformanceReport] = ()
) -> tuple[WindowHistory, ...]:
    """Return one history for each model, the worst first."""
    models: dict[str, list[DriftReport]] = {}
    for report in reports:
        models.setdefault(report.model, []).append(report)
    histories = (
        arrange(windows, labelled=[report for report in labelled if report.model == name])
        for name, windows in models.items()
    )
    views = [view for view in histories if view is not None]
    return tuple(sorted(views, key=lambda v: (GRAVITY.index(v.verdict), v.newest.model)))


def _rank(column: ColumnReport, *, usual: float) -> tuple[int, float, str]:
    weight = usual if column.importance is None else column.importance
    return (GRAVITY.index(column.verdict), -weight * (column.effect or 0.0), column.name)


def _usual_importance(columns: Sequence[ColumnReport]) -> float:
    """Importance of a column without one: the mean of the others."""
    known = [column.importance for column in columns if column.importance is not None]
    return sum(known) / len(known) if known else 1.0


def _row(column: ColumnReport, earlier: Sequence[Mapping[str, ColumnReport]]) -> Row:
    earlier_columns = (window.get(column.name) for window in earlier)
    return Row(
        name=column.name,
        kind=column.kind,
        verdict=column.verdict,
        sentence=column.sentence,
        effect=column.effect,
        importance=column.importance,
        history=tuple(None if one is None else one.effect for one in earlier_columns),
        statistics=column.statistics,
    )
