"""A column of categories in a window, against the reference; no verdict may enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from interlock.domain.drift import distances, significance, text_variants
from interlock.domain.drift.measures import ColumnMeasure, ColumnProblem
from interlock.domain.drift.profile import ColumnProfile

LEAST_EXPECTED = 5
"""Rows that a cell must expect in both samples for chi-square's limit to hold (Cochran 1954); those
with fewer are counted together."""
MISSED = 10
"""Rows that a category must have been expected in to be named as vanished: by chance none of ten
comes once in 22,000 times."""
RESPELT, BY_CHANCE = 0.05, 1e-6
"""From such a share of the rows in another spelling, and below such a chance that it is as it was,
the data is at fault and not the world."""
_NAMED = 3


def measure(found: ColumnMeasure, reference: ColumnProfile, live: ColumnProfile) -> ColumnMeasure:
    """Return `found` with what the values show; both have some. Words that are spelt in another way
    are the same: how they are spelt is a question of its own."""
    cells = _cells(_words(reference), _words(live))
    statistic, degrees = significance.chi_square(*cells)
    is_respelt = _is_respelt(reference, live)
    unseen = None if reference.other else (live.other - sum(live.other_spellings)) / live.present
    return replace(
        found,
        problem=ColumnProblem.SPELLING if is_respelt else None,
        detail=_example(reference, live) if is_respelt else _changes(reference, live),
        effect=distances.total_variation(*cells),
        p_value=significance.chi_square_tail(statistic, degrees=degrees),
        psi=distances.stability_index(*cells),
        jensen_shannon=distances.jensen_shannon(*cells),
        chi_square=statistic,
        unseen=unseen,
        vanished=sum(count for _, count in _gone(reference, live, least=0)) / reference.present,
    )


def _words(column: ColumnProfile) -> tuple[int, ...]:
    """Rows of each word, and of all others together."""
    counts = _with_respelt(column)
    return (*text_variants.merge_counts(column.values, counts), column.present - sum(counts))


def _with_respelt(column: ColumnProfile) -> tuple[int, ...]:
    respelt = column.other_spellings or (0,) * len(column.counts)
    return tuple(map(sum, zip(column.counts, respelt, strict=True)))


def _is_respelt(reference: ColumnProfile, live: ColumnProfile) -> bool:
    before, now = _oddly_spelt(reference), _oddly_spelt(live)
    chance = significance.two_proportions(
        now, of=live.present, other=before, of_other=reference.present
    )
    change = abs(now / live.present - before / reference.present)
    return change >= RESPELT and chance < BY_CHANCE


def _oddly_spelt(column: ColumnProfile) -> int:
    """Rows in another spelling than the reference's commonest of that word."""
    usual = text_variants.first_spellings(column.values)
    pairs = zip(column.values, column.counts, strict=True)
    return sum(count for value, count in pairs if value not in usual) + sum(column.other_spellings)


def _cells(
    reference: Sequence[int], live: Sequence[int]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Counts of the common words, and of all others together."""
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


def _gone(reference: ColumnProfile, live: ColumnProfile, *, least: float) -> list[tuple[str, int]]:
    """Categories that no live row has in any spelling, of which at least so many were expected."""
    written = zip(live.values, _with_respelt(live), strict=True)
    there = {text_variants.fold(value) for value, count in written if count}
    return [
        (value, count)
        for value, count in zip(reference.values, reference.counts, strict=True)
        if text_variants.fold(value) not in there
        and count / reference.present * live.present >= least
    ]


def _example(reference: ColumnProfile, live: ColumnProfile) -> str:
    """One word as it was and as it is."""
    before = _written(reference)
    now = {**before, **_written(live)} | {
        text_variants.fold(v): v for v in reversed(live.other_values)
    }
    changed = [(old, now[word]) for word, old in before.items() if now[word] != old]
    return text_variants.describe_change(*changed[0]) if changed else ""


def _written(column: ColumnProfile) -> dict[str, str]:
    """The commonest spelling of each word."""
    words: dict[str, str] = {}
    for count, value in sorted(zip(column.counts, column.values, strict=True), reverse=True):
        if count:
            words.setdefault(text_variants.fold(value), value)
    return words


def _changes(reference: ColumnProfile, live: ColumnProfile) -> str:
    gone = [value for value, _ in _gone(reference, live, least=MISSED)]
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
