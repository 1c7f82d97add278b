"""Detects drift in the measures of the last windows: significant, large enough, and lasting."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from interlock.domain.drift import explanations, significance
from interlock.domain.drift.findings import ColumnFinding, DriftResult
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem, WindowMeasure
from interlock.domain.drift.profile import ColumnKind
from interlock.domain.drift.rules import DriftRules, Effect
from interlock.domain.drift.status import DriftStatus

THRESHOLDS: Mapping[Effect, tuple[float, float]] = {
    Effect.SMALL: (0.04, 0.02),
    Effect.MEDIUM: (0.10, 0.05),
    Effect.LARGE: (0.155, 0.08),
}
"""The share of rows that must move, for numbers and for categories.

It is half of the change that must be detected, because a sample can hide a part of it. These are
0.2, 0.5 and 0.8 standard deviations (Cohen 1988), which are Kolmogorov–Smirnov distances of 0.08,
0.197 and 0.31 for a normal column; and 4, 10 and 16 % of rows in another category.
"""
COMBINED_LEVEL = 0.1
"""The part of the level at which several windows are significant together, even if none of them is
alone. It is strict because this test is repeated with every window."""
_RANK = (
    DriftStatus.BROKEN,
    DriftStatus.DRIFT,
    DriftStatus.WARNING,
    DriftStatus.STABLE,
    DriftStatus.INSUFFICIENT,
)


@dataclass(frozen=True, slots=True)
class _Test:
    """One test of a column in one window: `strength` is the effect divided by its threshold."""

    p_value: float
    strength: float
    adjusted_p: float = 1.0


@dataclass(frozen=True, slots=True)
class _ColumnWindow:
    """One column in one window, with the tests of its values and of its missing share."""

    measure: ColumnMeasure
    tests: Mapping[str, _Test]

    @property
    def strongest(self) -> _Test | None:
        return max(self.tests.values(), key=lambda test: test.strength, default=None)

    def exceeds(self, level: float, *, combined: Collection[str] = ()) -> bool:
        """True if the effect is large enough, and significant alone or combined with other
        windows."""
        return any(
            test.strength >= 1 and (test.adjusted_p <= level or name in combined)
            for name, test in self.tests.items()
        )

    @property
    def is_broken(self) -> bool:
        return self.measure.problem not in {None, ColumnProblem.NEW}


@dataclass(frozen=True, slots=True)
class _Window:
    rows: int
    reference_rows: int
    has_enough_rows: bool
    is_complete: bool
    columns: Mapping[str, _ColumnWindow]

    @property
    def is_broken(self) -> bool:
        broken = (each.is_broken for each in self.columns.values())
        return not self.is_complete or self.rows == 0 or any(broken)

    @property
    def compared(self) -> int:
        return sum(each.measure.is_compared for each in self.columns.values())


def detect(windows: Sequence[WindowMeasure], *, rules: DriftRules) -> DriftResult:
    """Return the verdicts; `windows` are oldest first.

    A column drifts if it exceeds its threshold in `rules.persist.needed` of the last `among`
    windows, and is significant in each or in all of them combined. Only windows with enough rows
    that are not broken count. A broken column or window is reported at once. A window with too few
    rows changes nothing: the previous verdict stays. Without a compared column, nothing is stable.
    """
    if not windows:
        return DriftResult(
            DriftStatus.INSUFFICIENT, explanations.describe_no_data(), (), (), compared=0
        )
    tested = [_window(window, rules=rules) for window in windows]
    columns = [_columns(tested[: place + 1], rules=rules) for place in range(len(tested))]
    verdicts = tuple(_summarise(*each) for each in zip(tested, columns, strict=True))
    last = max(
        (place for place, v in enumerate(verdicts) if v is not DriftStatus.INSUFFICIENT), default=-1
    )
    ranked = sorted(columns[last], key=lambda c: (_RANK.index(c.verdict), -c.strength))
    return DriftResult(
        verdicts[last],
        explanations.describe_window(
            verdicts[last],
            ranked,
            rows=windows[last].rows,
            reference_rows=windows[last].reference_rows,
        ),
        verdicts,
        tuple(ranked),
        tested[last].compared,
    )


def _window(window: WindowMeasure, *, rules: DriftRules) -> _Window:
    has_enough_rows = min(window.rows, window.reference_rows) >= rules.min_rows
    tests = [_tests(column, rules=rules) for column in window.columns]
    adjusted = iter(
        significance.benjamini_hochberg([t.p_value for each in tests for t in each.values()])
    )
    columns = {}
    for column, each in zip(window.columns, tests, strict=True):
        corrected = {name: replace(t, adjusted_p=next(adjusted)) for name, t in each.items()}
        columns[column.name] = _ColumnWindow(column, corrected)
    return _Window(window.rows, window.reference_rows, has_enough_rows, window.is_complete, columns)


def _tests(column: ColumnMeasure, *, rules: DriftRules) -> dict[str, _Test]:
    number, category = THRESHOLDS[rules.effect]
    threshold = number if column.kind is ColumnKind.NUMBER else category
    tests = {}
    if column.effect is not None and column.p_value is not None:
        tests["values"] = _Test(column.p_value, column.effect / threshold)
    if column.missing_rise is not None and column.missing_p is not None:
        # A change in both directions: values in a column that was empty are new to a model as well.
        change = abs(column.missing_rise) / rules.missing_max_increase
        tests["missing"] = _Test(column.missing_p, change)
    return tests


def _combined(windows: Sequence[_Window], *, rules: DriftRules) -> dict[str, set[str]]:
    """Return the tests, by column, that are significant in all windows combined, corrected for
    their number like the tests of one window.

    Windows share the random error of the one reference that they are compared with: with `live`
    and `reference` rows, their scores are correlated by live / (live + reference).
    """
    if len(windows) < 2:
        return {}
    last = windows[-1]
    live = max(window.rows for window in windows)
    correlation = live / (live + max(1, last.reference_rows))
    combined = {
        (column, test): significance.combined(p_values, correlation=correlation)
        for column, tested in last.columns.items()
        for test in tested.tests
        if len(p_values := _p_values(windows, column, test)) > 1
    }
    adjusted = significance.benjamini_hochberg(list(combined.values()))
    significant: dict[str, set[str]] = {}
    for (column, test), p_value in zip(combined, adjusted, strict=True):
        if p_value <= rules.level * COMBINED_LEVEL:
            significant.setdefault(column, set()).add(test)
    return significant


def _p_values(windows: Sequence[_Window], column: str, test: str) -> list[float]:
    columns = [window.columns[column].tests for window in windows if column in window.columns]
    return [tests[test].p_value for tests in columns if test in tests]


def _columns(windows: Sequence[_Window], *, rules: DriftRules) -> list[ColumnFinding]:
    """The finding of every column of the last window."""
    last = windows[-1]
    counted = [each for each in windows[:-1] if each.has_enough_rows and not each.is_broken]
    among = [*counted, *([last] if last.has_enough_rows else [])][-rules.persist.among :]
    combined = _combined(among, rules=rules)
    return [
        _finding(last, name, among, combined=combined.get(name, ()), rules=rules)
        for name in last.columns
    ]


def _finding(
    window: _Window,
    name: str,
    among: Sequence[_Window],
    *,
    combined: Collection[str],
    rules: DriftRules,
) -> ColumnFinding:
    column = window.columns[name]
    exceeded = tuple(
        name in each.columns and each.columns[name].exceeds(rules.level, combined=combined)
        for each in among
    )
    verdict = _verdict(window, column, exceeded=exceeded, rules=rules)
    strongest = column.strongest
    return ColumnFinding(
        name=name,
        verdict=verdict,
        sentence=explanations.describe_column(
            column.measure, verdict, exceeded=exceeded, rules=rules
        ),
        measure=column.measure,
        adjusted_p=strongest.adjusted_p if strongest else None,
        strength=strongest.strength if strongest else 0.0,
        exceeded=exceeded,
    )


def _verdict(
    window: _Window, column: _ColumnWindow, *, exceeded: Sequence[bool], rules: DriftRules
) -> DriftStatus:
    if column.is_broken:
        return DriftStatus.BROKEN
    if not window.has_enough_rows:
        return DriftStatus.INSUFFICIENT
    if sum(exceeded) >= rules.persist.needed:
        return DriftStatus.DRIFT
    if any(exceeded) or column.measure.problem:
        return DriftStatus.WARNING
    return DriftStatus.STABLE if column.measure.is_compared else DriftStatus.INSUFFICIENT


def _summarise(window: _Window, columns: Sequence[ColumnFinding]) -> DriftStatus:
    if window.is_broken:
        return DriftStatus.BROKEN
    if not window.has_enough_rows:
        return DriftStatus.INSUFFICIENT
    worst = min(
        (each.verdict for each in columns), key=_RANK.index, default=DriftStatus.INSUFFICIENT
    )
    if worst is DriftStatus.WARNING and not window.compared:
        return DriftStatus.INSUFFICIENT
    return worst
