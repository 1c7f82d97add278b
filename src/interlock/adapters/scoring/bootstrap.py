"""Computes the bootstrap: metrics of one file, or of two files on the same resamples; without
gates.

Percentile intervals (Efron & Tibshirani 1993, chapter 13) between order statistics, so that
swapping the files mirrors an interval to the last bit.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring import labels, ranks, resampling, sums
from interlock.adapters.scoring.predictions import Codes, Floats
from interlock.adapters.scoring.sums import Sums
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import Task

MOST_GROUPS = 20_000
"""Rows that are resampled one by one. More rows are put at random into this number of groups, which
are resampled instead: an interval's width is then off by 1 / sqrt(2 * 20,000) = 0.5 % (one standard
error), as that of a variance of so many values."""
MOST_RANKED = 500
"""With more rows, ranking metrics are not computed again for each resample."""
MOST_UNDEFINED = 0.05
"""Share of resamples in which a metric may be undefined (a class was not drawn) and is ignored;
with more there is no interval."""
NO_INTERVAL = frozenset({"max_error"})
"""The bootstrap is inconsistent for a maximum (Bickel & Freedman 1981, section 6)."""

Differences = Mapping[str, Floats]
_Pieces = defaultdict[str, list[Floats]]


@dataclass(frozen=True, slots=True)
class Ends:
    low: float
    high: float


def differences(
    candidate: RowsView, champion: RowsView, *, resamples: int, seed: int
) -> Differences:
    """Return candidate minus champion per metric, [resamples] each."""
    mine, theirs = _drawn((candidate, champion), resamples=resamples, seed=seed)
    return {name: values - theirs[name] for name, values in mine.items()}


def values(view: RowsView, *, resamples: int, seed: int) -> Differences:
    """Return every metric of one file, [resamples] each."""
    (drawn,) = _drawn((view,), resamples=resamples, seed=seed)
    return drawn


def _drawn(views: tuple[RowsView, ...], *, resamples: int, seed: int) -> tuple[Differences, ...]:
    """Return each view's metrics that all views have, on the same resamples."""
    pieces = [_of_rows(views, resamples=resamples, seed=seed)]
    if views[0].task is not Task.REGRESSION:
        pieces.insert(0, _of_labels(views, resamples=resamples, seed=seed))
    return tuple(
        dict(itertools.chain(*(d.items() for d in each))) for each in zip(*pieces, strict=True)
    )


def interval(values: Floats, *, confidence: float) -> Ends | None:
    """Return the percentile interval, None if too many resamples are undefined.

    The ends are the k-th smallest and the k-th largest with k = floor((B + 1) (1 - confidence) /
    2), Efron & Tibshirani's rule (p. 160).
    """
    defined = np.sort(values[np.isfinite(values)])
    if len(defined) < (1 - MOST_UNDEFINED) * len(values):
        return None
    # It is rounded first: (2000 + 1) * (1 - 0.95) / 2 must not fall below 50 by a rounding error.
    k = int(np.floor(round((len(defined) + 1) * (1 - confidence) / 2, 9)))
    return None if k < 1 else Ends(float(defined[k - 1]), float(defined[-k]))


def _of_labels(views: tuple[RowsView, ...], *, resamples: int, seed: int) -> list[Differences]:
    classes = views[0].classes
    codes = views[0].target
    for view in views:
        codes = codes * classes + view.prediction
    cells = resampling.Cells.of(codes, size=classes ** (len(views) + 1))
    target = cells.codes
    called: list[Codes] = []
    for _ in views:
        target, last = np.divmod(target, classes)
        called.insert(0, last)
    drawn: list[_Pieces] = [defaultdict(list) for _ in views]
    for weights in resampling.of_cells(cells, resamples=resamples, seed=seed):
        for view, prediction, pieces in zip(views, called, drawn, strict=True):
            counts = labels.count(weights, target=target, prediction=prediction, classes=classes)
            for name, each in labels.of(counts, task=view.task, positive=view.positive).items():
                pieces[name].append(each)
    return [_joined(pieces) for pieces in drawn]


def _of_rows(views: tuple[RowsView, ...], *, resamples: int, seed: int) -> list[Differences]:
    prepared = [_prepared(view) for view in views]
    names = frozenset.intersection(*(each.names for each in prepared))
    if not names:
        return [{} for _ in views]
    rows = len(views[0].target)
    group = resampling.groups(rows, most=MOST_GROUPS, seed=seed) if rows > MOST_GROUPS else None
    grouped = [each.grouped(group) for each in prepared]
    units = rows if group is None else MOST_GROUPS
    drawn: list[_Pieces] = [defaultdict(list) for _ in views]
    for weights in resampling.of_rows(units, resamples=resamples, seed=seed):
        for each, pieces in zip(grouped, drawn, strict=True):
            computed = each.of(weights)
            for name in sorted(names):
                pieces[name].append(computed[name])
    return [_joined(pieces) for pieces in drawn]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The data for the metrics of one file: sums, including influences, and exact functions."""

    sums: tuple[Sums, ...]
    exact: Mapping[str, ranks.Exact]
    names: frozenset[str]

    def grouped(self, group: Codes | None) -> _Prepared:
        if group is None:
            return self
        totals = tuple(Sums(_totals(each.columns, group), each.statistics) for each in self.sums)
        return _Prepared(totals, self.exact, self.names)

    def of(self, weights: Floats) -> dict[str, Floats]:
        drawn = {name: exact(weights) for name, exact in self.exact.items()}
        for each in self.sums:
            drawn |= each.statistics(weights @ each.columns)
        return drawn


def _prepared(view: RowsView) -> _Prepared:
    needed: list[Sums] = []
    if view.task is Task.REGRESSION:
        needed.append(sums.of_values(view))
    elif view.scores is not None:
        needed.append(sums.of_scores(view, view.scores))
    ordered = ranks.of(view)
    if len(view.target) > MOST_RANKED:
        needed += [_linear(name, rank) for name, rank in ordered.items()]
        ordered = {}
    names = frozenset(ordered).union(
        *(each.statistics(each.columns[:1]) for each in needed), frozenset()
    )
    return _Prepared(tuple(needed), {n: rank.exact for n, rank in ordered.items()}, names)


def _linear(name: str, rank: ranks.Rank) -> Sums:
    with np.errstate(divide="ignore", invalid="ignore"):
        influence = rank.influence()
        point = float(rank.exact(np.ones((1, len(influence))))[0])
    return Sums(influence[:, None], lambda totals: {name: point + totals[:, 0]})


def _totals(columns: Floats, group: Codes) -> Floats:
    return np.column_stack([np.bincount(group, weights=column) for column in columns.T])


def _joined(pieces_by_metric: Mapping[str, Iterable[Floats]]) -> Differences:
    return {name: np.concatenate(list(pieces)) for name, pieces in pieces_by_metric.items()}
