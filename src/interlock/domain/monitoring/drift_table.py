"""What is shown of a model's windows: columns ranked by what matters; no Markdown may enter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    ColumnReport,
    Diagnosis,
    DriftReport,
    PerformanceReport,
    Remedy,
)

WINDOWS = 14
"""How many of the last windows a row shows."""

_EFFECTS = ("effect", "missing_rise")
"""Both are shares of the rows: that moved to another place, that went missing or came back."""

GRAVITY = (
    DriftStatus.BROKEN,
    DriftStatus.DRIFT,
    DriftStatus.WARNING,
    DriftStatus.INSUFFICIENT,
    DriftStatus.STABLE,
)
"""The gravest first."""

_QUIET = frozenset({DriftStatus.STABLE, DriftStatus.INSUFFICIENT})

GLYPHS = {
    DriftStatus.BROKEN: "⛔",
    DriftStatus.DRIFT: "❌",
    DriftStatus.WARNING: "👀",
    DriftStatus.INSUFFICIENT: "⚠️",
    DriftStatus.STABLE: "✅",
}
SAYS = {
    DriftStatus.BROKEN: "gets broken data",
    DriftStatus.DRIFT: "has drifted",
    DriftStatus.WARNING: "is watched",
    DriftStatus.INSUFFICIENT: "cannot be told",
    DriftStatus.STABLE: "is stable",
}
CAUSES = {
    Cause.BROKEN_PIPELINE: "what feeds it is broken",
    Cause.COVARIATE_SHIFT: "its inputs have shifted (covariate shift)",
    Cause.LABEL_SHIFT: "its outcomes come in other shares (prior shift)",
    Cause.CONCEPT_DRIFT: "the same inputs mean something else now (concept drift)",
    Cause.SEASONALITY: "it was like this a season ago (seasonality)",
    Cause.NONE: "",
}
REMEDIES = {
    Remedy.RETRAIN: "Retrain it.",
    Remedy.FIX_DATA: "Mend the data; do not retrain.",
    Remedy.NOTHING: "Nothing to do.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One column. `effect` is the share of its rows that moved, or that went missing, in the last
    window; `history` that of every window shown, oldest first; None is not measured."""

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
    """The last window, and how it came to it: `verdicts` of the windows shown, oldest first, and
    every column of the last one, what matters most first. `labelled` is the last window whose
    labels came, None where none did."""

    newest: DriftReport
    verdicts: tuple[DriftStatus, ...]
    rows: tuple[Row, ...]
    labelled: PerformanceReport | None = None

    @property
    def verdict(self) -> DriftStatus:
        """Of the window, or by its labels: the graver."""
        by_labels = self.labelled.performance.verdict if self.labelled else DriftStatus.STABLE
        return min(self.newest.verdict, by_labels, key=GRAVITY.index)

    @property
    def diagnosis(self) -> Diagnosis:
        """Whichever the verdict is of."""
        if self.labelled is None or self.verdict is self.newest.verdict:
            return self.newest.diagnosis
        return self.labelled.diagnosis

    @property
    def moved(self) -> tuple[Row, ...]:
        """The columns that there is something to say of."""
        return tuple(row for row in self.rows if row.verdict not in _QUIET)

    @property
    def top(self) -> float:
        """The greatest effect that is shown: one scale for all rows, so that they compare."""
        return max((e for row in self.rows for e in row.history if e is not None), default=0.0)


def look(
    reports: Iterable[DriftReport], *, labelled: Iterable[PerformanceReport] = ()
) -> WindowHistory | None:
    """Return what is shown of a model's windows, in whatever order they come; None without any.

    Windows that were held against another champion than the last are left out.
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


def effect(column: ColumnReport) -> float | None:
    """Return the greatest of its effects, None where nothing was measured."""
    measured = (abs(column.statistics[name]) for name in _EFFECTS if name in column.statistics)
    return max(measured, default=None)


def says(view: WindowHistory) -> str:
    """`has drifted: its inputs have shifted (covariate shift). Retrain it.`"""
    found = view.diagnosis
    because = CAUSES[found.cause] or ended(found.sentence).removesuffix(".")
    verdict = SAYS[view.verdict]
    return f"{verdict}{f': {because}' if because else ''}. {REMEDIES[found.remedy]}"


def explains(diagnosis: Diagnosis) -> str:
    """`its inputs have shifted (covariate shift): age drifted. Retrain it.`"""
    cause = CAUSES[diagnosis.cause]
    said = f"{cause}: {diagnosis.sentence}" if cause else diagnosis.sentence
    return f"{ended(said)} {REMEDIES[diagnosis.remedy]}".lstrip()


def ended(text: str) -> str:
    """A sentence with its full stop, whether it came with one or not."""
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def ranked(reports: Sequence[DriftReport]) -> tuple[ColumnReport, ...]:
    """Return the columns of the newest window that moved and whose shares are known, what matters
    most first: those worth a picture."""
    view = look(reports)
    if view is None:
        return ()
    seen = {column.name: column for column in view.newest.columns}
    return tuple(seen[row.name] for row in view.moved if seen[row.name].shares)


def by_model(
    reports: Iterable[DriftReport], *, labelled: Sequence[PerformanceReport] = ()
) -> tuple[WindowHistory, ...]:
    """One view a model, the gravest first."""
    models: dict[str, list[DriftReport]] = {}
    for report in reports:
        models.setdefault(report.model, []).append(report)
    looks = (
        look(found, labelled=[report for report in labelled if report.model == name])
        for name, found in models.items()
    )
    views = [view for view in looks if view is not None]
    return tuple(sorted(views, key=lambda v: (GRAVITY.index(v.verdict), v.newest.model)))


def _rank(column: ColumnReport, *, usual: float) -> tuple[int, float, str]:
    weight = usual if column.importance is None else column.importance
    return (GRAVITY.index(column.verdict), -weight * (effect(column) or 0.0), column.name)


def _usual_importance(columns: Sequence[ColumnReport]) -> float:
    """What a column counts that the model told nothing of: as much as the mean of the others."""
    told = [column.importance for column in columns if column.importance is not None]
    return sum(told) / len(told) if told else 1.0


def _row(column: ColumnReport, earlier: Sequence[Mapping[str, ColumnReport]]) -> Row:
    seen = (window.get(column.name) for window in earlier)
    return Row(
        name=column.name,
        kind=column.kind,
        verdict=column.verdict,
        sentence=column.sentence,
        effect=effect(column),
        importance=column.importance,
        history=tuple(None if found is None else effect(found) for found in seen),
        statistics=column.statistics,
    )
