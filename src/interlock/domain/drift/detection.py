"""What the measures of the windows so far amount to: significant, big enough, and lasting."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from interlock.domain.drift import explanations, significance
from interlock.domain.drift.findings import ColumnFinding, DriftResult, DriftRules, Effect
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem, WindowMeasure
from interlock.domain.drift.profile import ColumnKind
from interlock.domain.drift.status import DriftStatus

BARS: Mapping[Effect, tuple[float, float]] = {
    Effect.SMALL: (0.04, 0.02),
    Effect.MEDIUM: (0.10, 0.05),
    Effect.LARGE: (0.155, 0.08),
}
"""The share of rows that must have moved, for numbers and for categories.

Half of the change that is to be found, so that what a sample adds or takes away does not hide it:
0.2, 0.5 and 0.8 standard deviations (Cohen 1988), of which a normal column's Kolmogorov–Smirnov
distance is 0.08, 0.197 and 0.31; and 4, 10 and 16 % of rows in another category.
"""
_NOTHING = DriftStatus.INSUFFICIENT
_RANK = (
    DriftStatus.BROKEN,
    DriftStatus.DRIFT,
    DriftStatus.WARNING,
    DriftStatus.STABLE,
    DriftStatus.INSUFFICIENT,
)


TOGETHER = 0.1
"""The part of the level at which several windows are significant together, though none need be so
alone: the question is put again with every window."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question of a column in one window: `strength` is the effect in multiples of its bar."""

    p_value: float
    strength: float
    adjusted_p: float = 1.0


@dataclass(frozen=True, slots=True)
class _ColumnWindow:
    """One column in one window, and what was asked of it: of its values, of what is missing."""

    measure: ColumnMeasure
    asked: Mapping[str, _Asked]

    @property
    def strongest(self) -> _Asked | None:
        return max(self.asked.values(), key=lambda each: each.strength, default=None)

    def exceeds(self, level: float, *, together: Collection[str] = ()) -> bool:
        """Whether it is big enough, and significant alone or together with other windows."""
        return any(
            each.strength >= 1 and (each.adjusted_p <= level or question in together)
            for question, each in self.asked.items()
        )

    @property
    def is_broken(self) -> bool:
        return self.measure.problem not in {None, ColumnProblem.NEW}


@dataclass(frozen=True, slots=True)
class _Window:
    rows: int
    reference_rows: int
    is_enough: bool
    is_whole: bool
    seen: Mapping[str, _ColumnWindow]

    @property
    def is_broken(self) -> bool:
        broken = (each.is_broken for each in self.seen.values())
        return not self.is_whole or self.rows == 0 or any(broken)

    @property
    def compared(self) -> int:
        return sum(each.measure.is_compared for each in self.seen.values())


def detect(windows: Sequence[WindowMeasure], *, rules: DriftRules) -> DriftResult:
    """Return verdicts; `windows` are oldest first.

    A column drifts when it exceeded in `rules.persist.needed` of the last `among` windows that have
    rows enough and are not broken: big enough in each, and significant in each or in all of them
    together. What is broken is so at once. A window with too few rows changes nothing: the verdict
    before it stands. Where no column's values were compared nothing is stable.
    """
    seen = [_window(window, rules=rules) for window in windows]
    each = [_columns(seen[: place + 1], rules=rules) for place in range(len(seen))]
    verdicts = tuple(_sum(window, found) for window, found in zip(seen, each, strict=True))
    last = max(
        (place for place, v in enumerate(verdicts) if v is not DriftStatus.INSUFFICIENT), default=-1
    )
    if not windows:
        return DriftResult(DriftStatus.INSUFFICIENT, explanations.describe_no_data(), (), (), 0)
    columns = sorted(each[last], key=lambda c: (_RANK.index(c.verdict), -c.strength))
    return DriftResult(
        verdicts[last],
        explanations.describe_window(verdicts[last], columns, rows=windows[last].rows),
        verdicts,
        tuple(columns),
        seen[last].compared,
    )


def _window(window: WindowMeasure, *, rules: DriftRules) -> _Window:
    is_enough = min(window.rows, window.reference_rows) >= rules.min_rows
    asked = [_ask(column, rules=rules) for column in window.columns]
    adjusted = iter(
        significance.benjamini_hochberg([each.p_value for q in asked for each in q.values()])
    )
    seen = {}
    for column, questions in zip(window.columns, asked, strict=True):
        found = {q: replace(each, adjusted_p=next(adjusted)) for q, each in questions.items()}
        seen[column.name] = _ColumnWindow(column, found)
    return _Window(window.rows, window.reference_rows, is_enough, window.is_whole, seen)


def _ask(column: ColumnMeasure, *, rules: DriftRules) -> dict[str, _Asked]:
    number, category = BARS[rules.effect]
    bar = number if column.kind is ColumnKind.NUMBER else category
    asked = {}
    if column.effect is not None and column.p_value is not None:
        asked["values"] = _Asked(column.p_value, column.effect / bar)
    if column.missing_rise is not None and column.missing_p is not None:
        # Values that come where none came before are as new to a model as those that go.
        change = abs(column.missing_rise) / rules.missing_max_increase
        asked["missing"] = _Asked(column.missing_p, change)
    return asked


def _together(windows: Sequence[_Window], *, rules: DriftRules) -> dict[str, set[str]]:
    """Return which questions of which columns the windows answer together, corrected for their
    number as those of one window are.

    Windows that are held against one reference differ from it alike by its own chance: of `live`
    and `reference` rows, their scores are correlated by live / (live + reference).
    """
    if len(windows) < 2:
        return {}
    last = windows[-1]
    live = max(window.rows for window in windows)
    correlation = live / (live + max(1, last.reference_rows))
    pooled = {
        (name, question): significance.combined(found, correlation=correlation)
        for name, seen in last.seen.items()
        for question in seen.asked
        if len(found := _p_values(windows, name, question)) > 1
    }
    adjusted = significance.benjamini_hochberg(list(pooled.values()))
    answered: dict[str, set[str]] = {}
    for (name, question), p_value in zip(pooled, adjusted, strict=True):
        if p_value <= rules.level * TOGETHER:
            answered.setdefault(name, set()).add(question)
    return answered


def _p_values(windows: Sequence[_Window], name: str, question: str) -> list[float]:
    seen = [window.seen[name].asked for window in windows if name in window.seen]
    return [asked[question].p_value for asked in seen if question in asked]


def _columns(windows: Sequence[_Window], *, rules: DriftRules) -> list[ColumnFinding]:
    """Every column of the last window, as it stands after it."""
    last = windows[-1]
    counted = [window for window in windows[:-1] if window.is_enough and not window.is_broken]
    among = [*counted, *([last] if last.is_enough else [])][-rules.persist.among :]
    together = _together(among, rules=rules)
    found = []
    for name, seen in last.seen.items():
        exceeded = tuple(
            name in w.seen and w.seen[name].exceeds(rules.level, together=together.get(name, ()))
            for w in among
        )
        strongest = seen.strongest
        verdict = _verdict(last, seen, exceeded=exceeded, rules=rules)
        found.append(
            ColumnFinding(
                name=name,
                verdict=verdict,
                sentence=explanations.describe_column(
                    seen.measure, verdict, exceeded=exceeded, rules=rules
                ),
                measure=seen.measure,
                adjusted_p=strongest.adjusted_p if strongest else None,
                strength=strongest.strength if strongest else 0.0,
                exceeded=exceeded,
            )
        )
    return found


def _verdict(
    window: _Window, seen: _ColumnWindow, *, exceeded: Sequence[bool], rules: DriftRules
) -> DriftStatus:
    if seen.is_broken:
        return DriftStatus.BROKEN
    if not window.is_enough:
        return DriftStatus.INSUFFICIENT
    if sum(exceeded) >= rules.persist.needed:
        return DriftStatus.DRIFT
    if any(exceeded) or seen.measure.problem:
        return DriftStatus.WARNING
    return DriftStatus.STABLE if seen.measure.is_compared else DriftStatus.INSUFFICIENT


def _sum(window: _Window, columns: Sequence[ColumnFinding]) -> DriftStatus:
    if window.is_broken:
        return DriftStatus.BROKEN
    if not window.is_enough:
        return DriftStatus.INSUFFICIENT
    found = min((each.verdict for each in columns), key=_RANK.index, default=_NOTHING)
    return _NOTHING if found is DriftStatus.WARNING and not window.compared else found
