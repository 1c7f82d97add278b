"""Compares a column of categories with the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from interlock.domain.drift import distances, significance, text_variants
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem
from interlock.domain.drift.profile import ColumnProfile

LEAST_EXPECTED = 5
"""Expected rows that a cell needs in both samples for a valid chi-square test (Cochran 1954);
smaller cells are counted together."""
MISSED = 10
"""Expected rows of a category that is reported as vanished: by chance, ten expected rows are absent
once in 22,000 times."""
RESPELLED, BY_CHANCE = 0.05, 1e-6
"""A column is broken if the share of rows in another spelling changed by at least the first value,
with a p-value below the second."""
_NAMED = 3


def measure(missing: ColumnMeasure, reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    """Add the statistics of the values; both sides have some. All spellings of a word count as the
    same word; spelling is checked separately."""
    cells = _cells(_words(reference), _words(live))
    statistic, degrees = significance.chi_square(*cells)
    is_respelled = _is_respelled(reference, live)
    unseen = None if reference.other else (live.other - sum(live.other_spellings)) / live.present
    return replace(
        missing,
        problem=ColumnProblem.SPELLING if is_respelled else None,
        detail=_example(reference, live) if is_respelled else _changes(reference, live),
        effect=distances.total_variation(*cells),
        p_value=significance.chi_square_tail(statistic, degrees=degrees),
        psi=distances.stability_index(*cells),
        jensen_shannon=distances.jensen_shannon(*cells),
        chi_square=statistic,
        unseen=unseen,
        vanished=sum(count for _, count in _vanished(reference, live, least=0)) / reference.present,
    )


def _words(column: ColumnProfile) -> tuple[int, ...]:
    """Rows of each word, then of all others together."""
    counts = _with_spellings(column)
    return (*text_variants.merge_counts(column.values, counts), column.present - sum(counts))


def _with_spellings(column: ColumnProfile) -> tuple[int, ...]:
    spellings = column.other_spellings or (0,) * len(column.counts)
    return tuple(map(sum, zip(column.counts, spellings, strict=True)))


def _is_respelled(reference: ColumnProfile, live: ColumnProfile) -> bool:
    before, now = _unusually_spelled(reference), _unusually_spelled(live)
    chance = significance.two_proportions(
        now, of=live.present, other=before, of_other=reference.present
    )
    change = abs(now / live.present - before / reference.present)
    return change >= RESPELLED and chance < BY_CHANCE


def _unusually_spelled(column: ColumnProfile) -> int:
    """Rows in another spelling than the most frequent one of the word in the reference."""
    usual = text_variants.first_spellings(column.values)
    pairs = zip(column.values, column.counts, strict=True)
    return sum(count for value, count in pairs if value not in usual) + sum(column.other_spellings)


def _cells(
    reference: Sequence[int], live: Sequence[int]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Counts of frequent words, then of all others together."""
    rows, others = sum(reference), sum(live)
    share = min(rows, others) / (rows + others)
    rest = [float(reference[-1]), float(live[-1])]
    common = []
    for pair in zip(reference[:-1], live[:-1], strict=True):
        if sum(pair) * share >= LEAST_EXPECTED:
            common.append(pair)
        else:
            rest = [rest[0] + pair[0], rest[1] + pair[1]]
    one, other = zip(*common, rest, strict=True)
    return tuple(map(float, one)), tuple(map(float, other))


def _vanished(
    reference: ColumnProfile, live: ColumnProfile, *, least: float
) -> list[tuple[str, int]]:
    """Categories without a live row in any spelling, and with at least `least` expected rows."""
    written = zip(live.values, _with_spellings(live), strict=True)
    present = {text_variants.fold(value) for value, count in written if count}
    return [
        (value, count)
        for value, count in zip(reference.values, reference.counts, strict=True)
        if text_variants.fold(value) not in present
        and count / reference.present * live.present >= least
    ]


def _example(reference: ColumnProfile, live: ColumnProfile) -> str:
    """An example of a changed spelling."""
    before = _written(reference)
    now = {**before, **_written(live)} | {
        text_variants.fold(v): v for v in reversed(live.other_values)
    }
    changed = [(old, now[word]) for word, old in before.items() if now[word] != old]
    return text_variants.describe_change(*changed[0]) if changed else ""


def _written(column: ColumnProfile) -> dict[str, str]:
    """The most frequent spelling of each word."""
    words: dict[str, str] = {}
    for count, value in sorted(zip(column.counts, column.values, strict=True), reverse=True):
        if count:
            words.setdefault(text_variants.fold(value), value)
    return words


def _changes(reference: ColumnProfile, live: ColumnProfile) -> str:
    gone = [value for value, _ in _vanished(reference, live, least=MISSED)]
    known = {text_variants.fold(value) for value in reference.values}
    new = [
        v for v in live.other_values if text_variants.fold(v) not in known and not reference.other
    ]
    parts = []
    if new:
        parts.append(f"new: {', '.join(map(repr, new[:_NAMED]))}")
    if gone:
        parts.append(f"vanished: {', '.join(map(repr, gone[:_NAMED]))}")
    return "; ".join(parts)
