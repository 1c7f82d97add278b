"""What the measures of the windows so far amount to: significant, big enough, and lasting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlock.domain.drift import sentences, significance
from interlock.domain.drift.finding import ColumnFinding, Effect, Judgement, Rules
from interlock.domain.drift.measure import ColumnMeasure, Problem, WindowMeasure
from interlock.domain.drift.profile import Kind
from interlock.domain.drift.verdict import Verdict

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
_RANK = (Verdict.BROKEN, Verdict.DRIFT, Verdict.WATCH, Verdict.STABLE, Verdict.INSUFFICIENT)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One column in one window."""

    measure: ColumnMeasure
    adjusted_p: float | None
    strength: float
    exceeds: bool

    @property
    def is_broken(self) -> bool:
        return self.measure.problem not in {None, Problem.NEW}


@dataclass(frozen=True, slots=True)
class _Window:
    rows: int
    is_enough: bool
    seen: Mapping[str, _Seen]

    @property
    def is_broken(self) -> bool:
        return self.rows == 0 or any(each.is_broken for each in self.seen.values())


def judge(windows: Sequence[WindowMeasure], *, rules: Rules) -> Judgement:
    """Return verdicts; `windows` are oldest first.

    A column drifts when it exceeded in `rules.persist.needed` of the last `among` windows that have
    rows enough; what is broken is so at once. A window with too few rows changes nothing: the
    verdict before it stands.
    """
    seen = [_window(window, rules=rules) for window in windows]
    each = [_columns(seen[: place + 1], rules=rules) for place in range(len(seen))]
    verdicts = tuple(_sum(window, found) for window, found in zip(seen, each, strict=True))
    last = max(
        (place for place, v in enumerate(verdicts) if v is not Verdict.INSUFFICIENT), default=-1
    )
    if not windows:
        return Judgement(Verdict.INSUFFICIENT, sentences.of_nothing(), (), ())
    columns = sorted(each[last], key=lambda c: (_RANK.index(c.verdict), -c.strength))
    return Judgement(
        verdicts[last],
        sentences.of_all(verdicts[last], columns, rows=windows[last].rows),
        verdicts,
        tuple(columns),
    )


def _window(window: WindowMeasure, *, rules: Rules) -> _Window:
    is_enough = min(window.rows, window.reference_rows) >= rules.min_rows
    tests = [_tests(column, rules=rules) for column in window.columns]
    adjusted = iter(significance.benjamini_hochberg([p for column in tests for p, _ in column]))
    seen = {}
    for column, asked in zip(window.columns, tests, strict=True):
        found = [(next(adjusted), strength) for _, strength in asked]
        strongest = max(found, key=lambda test: test[1], default=(None, 0.0))
        seen[column.name] = _Seen(
            column,
            adjusted_p=strongest[0],
            strength=strongest[1],
            exceeds=any(p <= rules.level and strength >= 1 for p, strength in found),
        )
    return _Window(window.rows, is_enough, seen)


def _tests(column: ColumnMeasure, *, rules: Rules) -> list[tuple[float, float]]:
    """What is asked of a column, each with its p-value and its effect in multiples of the bar."""
    number, category = BARS[rules.effect]
    bar = number if column.kind is Kind.NUMBER else category
    asked = []
    if column.effect is not None and column.p_value is not None:
        asked.append((column.p_value, column.effect / bar))
    if column.missing_rise is not None and column.missing_p is not None:
        rise = max(0.0, column.missing_rise)
        asked.append((column.missing_p, rise / rules.missing_max_increase))
    return asked


def _columns(windows: Sequence[_Window], *, rules: Rules) -> list[ColumnFinding]:
    """Every column of the last window, as it stands after it."""
    last = windows[-1]
    among = [window for window in windows if window.is_enough][-rules.persist.among :]
    found = []
    for name, seen in last.seen.items():
        exceeded = tuple(name in w.seen and w.seen[name].exceeds for w in among)
        verdict = _verdict(last, seen, exceeded=exceeded, rules=rules)
        found.append(
            ColumnFinding(
                name=name,
                verdict=verdict,
                sentence=sentences.of_column(seen.measure, verdict, exceeded=exceeded, rules=rules),
                measure=seen.measure,
                adjusted_p=seen.adjusted_p,
                strength=seen.strength,
                exceeded=exceeded,
            )
        )
    return found


def _verdict(window: _Window, seen: _Seen, *, exceeded: Sequence[bool], rules: Rules) -> Verdict:
    if seen.is_broken:
        return Verdict.BROKEN
    if not window.is_enough:
        return Verdict.INSUFFICIENT
    if sum(exceeded) >= rules.persist.needed:
        return Verdict.DRIFT
    return Verdict.WATCH if any(exceeded) or seen.measure.problem else Verdict.STABLE


def _sum(window: _Window, columns: Sequence[ColumnFinding]) -> Verdict:
    if window.is_broken:
        return Verdict.BROKEN
    if not window.is_enough:
        return Verdict.INSUFFICIENT
    return min((column.verdict for column in columns), key=_RANK.index, default=Verdict.STABLE)
