"""What fits the evidence of a window, and what to do about it; no number of drift is made here.

The rules stand in the order in which they are asked, and the first that fits is the answer: data
that is broken says nothing of the world, what comes every week is no change of it, and a model
that got worse while its inputs stayed has to learn what its labels say now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from interlock.domain.basics import figures, timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    ColumnReport,
    Diagnosis,
    DriftReport,
    Performance,
    Remedy,
    Share,
)

PREDICTION, SCORE = "prediction", "score_"
"""What a model says, in its predictions and in live data: the column, and how scores begin."""

MATTERS = 0.01
"""Importance times effect from which on a shift of the inputs is worth a retraining. A column that
carries a twentieth of what the model uses, moved by half a standard deviation (a fifth of its rows,
by Kolmogorov–Smirnov), is just that."""

ALIKE = 0.5
"""Two windows are alike in a column when they lie at most this share of the way apart that the
window lies from the reference."""

_EFFECTS = ("effect", "missing_rise")
_SEASONS = (
    ("a week", (7,)),
    # The same weekday, the same date, and the same date with a leap day between.
    ("a year", (364, 365, 366)),
)
_NAMED = 3
_BETWEEN = 30


@dataclass(frozen=True, slots=True)
class WindowResult:
    """A window as it was judged: `problem` says what broke it where no column tells, `compared`
    how many columns were compared, and why others were not."""

    start: str
    end: str
    rows: int
    min_rows: int
    verdict: DriftStatus
    columns: tuple[ColumnReport, ...]
    problem: str = ""
    compared: str = ""


def is_output(name: str) -> bool:
    """Whether a column holds what the model said, and not what it was asked about."""
    return name == PREDICTION or name.startswith(SCORE)


def effect(column: ColumnReport) -> float:
    """The greater of the shares of its rows that moved and that went missing, or are no longer
    missing; 0 unmeasured."""
    return max((abs(column.statistics.get(name, 0.0)) for name in _EFFECTS), default=0.0)


def diagnose(
    seen: WindowResult, *, past: Sequence[DriftReport] = (), performance: Performance | None = None
) -> Diagnosis:
    """Return what fits best. `past` are earlier windows, as far back as a season is looked for,
    in any order; `performance` is that of this very window, once labels came."""
    weights = _weights(seen.columns)

    def severity(columns: Iterable[ColumnReport]) -> float:
        return sum(weights[column.name] * effect(column) for column in columns)

    if seen.verdict is DriftStatus.BROKEN:
        return _broken(seen, weights)
    if performance is not None and performance.verdict is DriftStatus.DRIFT:
        return _fell(seen, performance, severity)
    if seen.verdict is DriftStatus.INSUFFICIENT:
        return _nothing(_too_little(seen))
    if seen.verdict is not DriftStatus.DRIFT:
        return _quiet(seen)
    season = _season(seen, past)
    if season:
        moved = _drifted(seen)
        said = f"{_names(moved)} moved as it did {season} before, and was different between"
        return _diagnosis(
            Cause.SEASONALITY, Remedy.NOTHING, severity(moved), columns=moved, sentence=said
        )
    return _shifted(seen, severity)


def _too_little(seen: WindowResult) -> str:
    if seen.rows < seen.min_rows:
        return f"{seen.rows:,} rows came, and {seen.min_rows:,} are needed to say anything"
    return f"nothing can be said: {seen.compared}"


def _broken(seen: WindowResult, weights: dict[str, float]) -> Diagnosis:
    columns = _of(seen, DriftStatus.BROKEN)
    severity = sum(weights[column.name] for column in columns) if columns else 1.0
    said = "; ".join(filter(None, (seen.problem, _told(columns))))
    return _diagnosis(
        Cause.BROKEN_PIPELINE,
        Remedy.FIX_DATA,
        severity,
        columns=columns,
        sentence=said or "the data is not what the model was made for",
    )


def _fell(
    seen: WindowResult,
    performance: Performance,
    severity: Callable[[Iterable[ColumnReport]], float],
) -> Diagnosis:
    """A model that got worse: because of its inputs where they drifted, else of their meaning."""
    features = [column for column in _drifted(seen) if not is_output(column.name)]
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


def _shifted(seen: WindowResult, severity: Callable[[Iterable[ColumnReport]], float]) -> Diagnosis:
    moved = _drifted(seen)
    features = [column for column in moved if not is_output(column.name)]
    outputs = [column for column in moved if is_output(column.name)]
    if not features:
        said = f"{_names(outputs)} moved, and no input did: the outcomes come in other shares"
        return _diagnosis(
            Cause.LABEL_SHIFT, Remedy.RETRAIN, severity(outputs), columns=outputs, sentence=said
        )
    matters = severity(features)
    is_known = any(column.importance is not None for column in seen.columns)
    if is_known and not outputs and matters < MATTERS:
        said = f"{_names(features)} drifted, which the model hardly uses"
        remedy = Remedy.NOTHING
    else:
        also = f", and so did {_names(outputs)}" if outputs else ""
        said = f"{_names(features)} drifted from what the model was made for{also}"
        remedy = Remedy.RETRAIN
    return _diagnosis(
        Cause.COVARIATE_SHIFT, remedy, matters, columns=[*features, *outputs], sentence=said
    )


def _quiet(seen: WindowResult) -> Diagnosis:
    watched = _of(seen, DriftStatus.WARNING)
    if watched:
        return _nothing(_told(watched))
    said = "live data looks as before"
    return _nothing(f"{said}; {seen.compared}" if seen.compared else said)


def season_ends(end: int, *, recorded: Sequence[int]) -> tuple[int, ...]:
    """Return which recorded windows the question for a season needs, by their ends, sorted: those
    of a season ago, and some of those between, evenly spread."""
    wanted: set[int] = set()
    for _, days in _SEASONS:
        backs = (end - day * timestamps.DAY_SECONDS for day in days)
        for then in (back for back in backs if back in recorded):
            between = [each for each in recorded if then < each < end]
            step = max(1, len(between) // _BETWEEN)
            wanted |= {then, *between[::step]}
    return tuple(sorted(wanted))


def _season(seen: WindowResult, past: Sequence[DriftReport]) -> str:
    """How long ago a window like this one was, with other ones between; empty when none was.

    Without other ones between it is a change that stayed, and no season.
    """
    moved = _drifted(seen)
    by_end = {timestamps.read(report.end): report for report in past}
    end = timestamps.read(seen.end) or 0
    for name, days in _SEASONS:
        for back in (day * timestamps.DAY_SECONDS for day in days):
            then = by_end.get(end - back)
            between = [r for at, r in by_end.items() if at is not None and end - back < at < end]
            unlike = [report for report in between if not _alike(moved, report)]
            if then is not None and _alike(moved, then) and len(unlike) * 2 > len(between):
                return name
    return ""


def _alike(moved: Sequence[ColumnReport], then: DriftReport) -> bool:
    """Whether every column that moved now lay then where it lies now, and not at the reference.

    Shares are held against each other by label: other bins are never alike.
    """
    before = {column.name: column for column in then.columns}
    return bool(moved) and all(
        column.name in before
        and bool(column.shares)
        and _apart(column.shares, before[column.name].shares) <= ALIKE * _moved_by(column.shares)
        for column in moved
    )


def _apart(one: Sequence[Share], other: Sequence[Share]) -> float:
    here = {share.label: share.live for share in one}
    there = {share.label: share.live for share in other}
    return sum(abs(here.get(k, 0.0) - there.get(k, 0.0)) for k in {*here, *there}) / 2


def _moved_by(shares: Sequence[Share]) -> float:
    return sum(abs(share.live - share.reference) for share in shares) / 2


def _weights(columns: Sequence[ColumnReport]) -> dict[str, float]:
    """Each column's share of what counts: of the inputs by importance (a column that the model
    did not name counts nothing), equal where none is known; of the outputs equal."""
    features = [column for column in columns if not is_output(column.name)]
    outputs = [column for column in columns if is_output(column.name)]
    told = {c.name: max(0.0, c.importance or 0.0) for c in features}
    if not sum(told.values()):
        told = {column.name: 1.0 for column in features}
    total = sum(told.values())
    shares = {name: weight / total for name, weight in told.items()}
    return shares | {column.name: 1 / len(outputs) for column in outputs}


def _drifted(seen: WindowResult) -> list[ColumnReport]:
    return _of(seen, DriftStatus.DRIFT)


def _of(seen: WindowResult, verdict: DriftStatus) -> list[ColumnReport]:
    """The columns of a verdict, what counts most first."""
    weights = _weights(seen.columns)
    found = [column for column in seen.columns if column.verdict is verdict]
    return sorted(found, key=lambda c: (-weights[c.name] * effect(c), c.name))


def _told(columns: Sequence[ColumnReport]) -> str:
    """What is said of each of the first columns, and how many more there are."""
    said = [f"{column.name} {column.sentence}" for column in columns[:_NAMED]]
    rest = len(columns) - len(said)
    return "; ".join([*said, f"{figures.count(rest, 'more column')}"] if rest else said)


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
