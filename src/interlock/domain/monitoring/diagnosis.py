"""Finds the most likely cause of a change in a window, and the remedy.

The first rule that applies decides. For example, broken data shows nothing about the world, a
weekly pattern is not a change, and a model that got worse without a change of its inputs needs new
labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from interlock.domain.basics import figures, timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    ColumnReport,
    Diagnosis,
    DriftReport,
    Performance,
    Remedy,
    Share,
)

MATTERS = 0.01
"""The smallest importance times effect that is worth a retraining. For example, a column with an
importance of 0.05 moved by half a standard deviation (a Kolmogorov–Smirnov distance of 0.2)."""

ALIKE = 0.5
"""Two windows are similar in a column if their distance is at most this share of the distance
between the window and the reference."""

_SEASONS = (
    ("a week", (7,)),
    # The same weekday, the same date, and the same date with a leap day between.
    ("a year", (364, 365, 366)),
)
LONGEST_SEASON_SECONDS = max(day for _, days in _SEASONS for day in days) * timestamps.DAY_SECONDS
_NAMED = 3
_BETWEEN = 30


@dataclass(frozen=True, slots=True)
class WindowResult:
    """A window after drift detection. `problem` explains a broken window without broken columns,
    `compared` how many columns were compared and why others were not. `names` tells outputs of the
    model from its inputs."""

    start: str
    end: str
    rows: int
    reference_rows: int
    min_rows: int
    verdict: DriftStatus
    columns: tuple[ColumnReport, ...]
    problem: str = ""
    compared: str = ""
    names: ColumnMap = field(default_factory=ColumnMap)

    def divided(self, columns: Iterable[ColumnReport]) -> tuple[list[ColumnReport], ...]:
        """Return the inputs of the model among some columns, and its outputs."""
        inputs: list[ColumnReport] = []
        outputs: list[ColumnReport] = []
        for column in columns:
            (outputs if self.names.is_output(column.name) else inputs).append(column)
        return inputs, outputs


def diagnose(
    window: WindowResult,
    *,
    past: Sequence[DriftReport] = (),
    performance: Performance | None = None,
) -> Diagnosis:
    """Return the most likely cause and its remedy. `past` are earlier windows, to detect a season;
    `performance` is the one of this window, if labels arrived."""
    weights = _weights(window)

    def severity(columns: Iterable[ColumnReport]) -> float:
        return sum(weights[column.name] * (column.effect or 0.0) for column in columns)

    if window.verdict is DriftStatus.BROKEN:
        return _broken(window, weights)
    if performance is not None and performance.verdict is DriftStatus.DRIFT:
        return _performance_loss(window, performance, severity)
    if window.verdict is DriftStatus.INSUFFICIENT:
        return _nothing(_too_little(window))
    if window.verdict is not DriftStatus.DRIFT:
        return _no_drift(window)
    season = _season(window, past)
    if season:
        moved = _drifted(window)
        sentence = f"{_names(moved)} moved in the same way {season} ago, but not in between"
        return _diagnosis(
            Cause.SEASONALITY, Remedy.NOTHING, severity(moved), columns=moved, sentence=sentence
        )
    return _data_drift(window, severity)


def _too_little(window: WindowResult) -> str:
    if window.rows < window.min_rows:
        return f"only {window.rows:,} rows; `min_rows` is {window.min_rows:,}"
    if window.reference_rows < window.min_rows:
        return f"only {window.reference_rows:,} reference rows; `min_rows` is {window.min_rows:,}"
    return window.compared or "no column was compared"


def _broken(window: WindowResult, weights: dict[str, float]) -> Diagnosis:
    columns = _with_verdict(window, DriftStatus.BROKEN)
    severity = sum(weights[column.name] for column in columns) if columns else 1.0
    reasons = "; ".join(filter(None, (window.problem, _listing(columns))))
    return _diagnosis(
        Cause.BROKEN_PIPELINE,
        Remedy.FIX_DATA,
        severity,
        columns=columns,
        sentence=reasons or "live data is broken",
    )


def _performance_loss(
    window: WindowResult,
    performance: Performance,
    severity: Callable[[Iterable[ColumnReport]], float],
) -> Diagnosis:
    """The cause of a worse metric is drift of the inputs if there is any, else concept drift."""
    features, _ = window.divided(_drifted(window))
    if features:
        return _diagnosis(
            Cause.COVARIATE_SHIFT,
            Remedy.RETRAIN,
            severity(features),
            columns=features,
            sentence=f"{performance.sentence}, and {_names(features)} drifted",
        )
    return _diagnosis(
        Cause.CONCEPT_DRIFT,
        Remedy.RETRAIN,
        abs(performance.difference or 0.0),
        columns=[],
        sentence=f"{performance.sentence}, while no input drifted",
    )


def _data_drift(
    window: WindowResult, severity: Callable[[Iterable[ColumnReport]], float]
) -> Diagnosis:
    features, outputs = window.divided(_drifted(window))
    if not features:
        sentence = f"{_names(outputs)} drifted, but no input did: label shift (prior shift)"
        return _diagnosis(
            Cause.LABEL_SHIFT, Remedy.RETRAIN, severity(outputs), columns=outputs, sentence=sentence
        )
    matters = severity(features)
    is_known = any(column.importance is not None for column in window.columns)
    if is_known and not outputs and matters < MATTERS:
        sentence = f"{_names(features)} drifted, with little importance for the model"
        remedy = Remedy.NOTHING
    else:
        also = f", and so did {_names(outputs)}" if outputs else ""
        sentence = f"{_names(features)} drifted from the reference data{also}"
        remedy = Remedy.RETRAIN
    return _diagnosis(
        Cause.COVARIATE_SHIFT, remedy, matters, columns=[*features, *outputs], sentence=sentence
    )


def _no_drift(window: WindowResult) -> Diagnosis:
    columns = _with_verdict(window, DriftStatus.WARNING)
    if columns:
        return _nothing(_listing(columns))
    return _nothing("; ".join(filter(None, ("no data drift", window.compared))))


def season_ends(end: int, *, recorded: Sequence[int]) -> tuple[int, ...]:
    """Return the ends of the recorded windows that are needed to detect a season, sorted: those of
    a season ago, and some in between, evenly spread."""
    ends: set[int] = set()
    for _, days in _SEASONS:
        backs = (end - day * timestamps.DAY_SECONDS for day in days)
        for then in (back for back in backs if back in recorded):
            between = [each for each in recorded if then < each < end]
            step = max(1, len(between) // _BETWEEN)
            ends |= {then, *between[::step]}
    return tuple(sorted(ends))


def _season(window: WindowResult, past: Sequence[DriftReport]) -> str:
    """Return how long ago a similar window was, with different ones in between; else "".

    Without different windows in between it is a permanent change and not a season.
    """
    moved = _drifted(window)
    by_end = {timestamps.read(report.end): report for report in past}
    end = timestamps.read(window.end) or 0
    for name, days in _SEASONS:
        for back in (day * timestamps.DAY_SECONDS for day in days):
            then = by_end.get(end - back)
            between = [r for at, r in by_end.items() if at is not None and end - back < at < end]
            unlike = [report for report in between if not _alike(moved, report)]
            if then is not None and _alike(moved, then) and len(unlike) * 2 > len(between):
                return name
    return ""


def _alike(moved: Sequence[ColumnReport], then: DriftReport) -> bool:
    """True if every column that changed now had a similar histogram then.

    Shares are compared by label, so that histograms with other bins are never similar.
    """
    before = {column.name: column for column in then.columns}
    return bool(moved) and all(
        column.name in before
        and bool(column.shares)
        and _distance(column.shares, before[column.name].shares)
        <= ALIKE * _distance_to_reference(column.shares)
        for column in moved
    )


def _distance(one: Sequence[Share], other: Sequence[Share]) -> float:
    here = {share.label: share.live for share in one}
    there = {share.label: share.live for share in other}
    return sum(abs(here.get(k, 0.0) - there.get(k, 0.0)) for k in {*here, *there}) / 2


def _distance_to_reference(shares: Sequence[Share]) -> float:
    return sum(abs(share.live - share.reference) for share in shares) / 2


def _weights(window: WindowResult) -> dict[str, float]:
    """The weight of each column. Inputs are weighted by importance (0 for a column without one), or
    equally if no importance is known; outputs are weighted equally."""
    features, outputs = window.divided(window.columns)
    weights = {c.name: max(0.0, c.importance or 0.0) for c in features}
    if not sum(weights.values()):
        weights = {column.name: 1.0 for column in features}
    total = sum(weights.values())
    shares = {name: weight / total for name, weight in weights.items()}
    return shares | {column.name: 1 / len(outputs) for column in outputs}


def _drifted(window: WindowResult) -> list[ColumnReport]:
    return _with_verdict(window, DriftStatus.DRIFT)


def _with_verdict(window: WindowResult, verdict: DriftStatus) -> list[ColumnReport]:
    """The columns with a verdict, sorted by their part of the severity."""
    weights = _weights(window)
    columns = [column for column in window.columns if column.verdict is verdict]
    return sorted(columns, key=lambda c: (-weights[c.name] * (c.effect or 0.0), c.name))


def _listing(columns: Sequence[ColumnReport]) -> str:
    """The sentences of the first columns, and the number of further columns."""
    sentences = [f"{column.name} {column.sentence}" for column in columns[:_NAMED]]
    rest = len(columns) - len(sentences)
    return "; ".join([*sentences, figures.count(rest, "more column")] if rest else sentences)


def _names(columns: Sequence[ColumnReport]) -> str:
    return figures.listing([column.name for column in columns], most=_NAMED)


def _nothing(sentence: str) -> Diagnosis:
    return _diagnosis(Cause.NONE, Remedy.NOTHING, 0.0, columns=[], sentence=sentence)


def _diagnosis(
    cause: Cause,
    remedy: Remedy,
    severity: float,
    *,
    columns: Sequence[ColumnReport],
    sentence: str,
) -> Diagnosis:
    return Diagnosis(cause, remedy, severity, tuple(column.name for column in columns), sentence)
