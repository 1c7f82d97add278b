"""Computes the bootstrap: metrics of one file, or of two files on the same resamples; without
gates.

Percentile intervals (Efron & Tibshirani 1993, chapter 13) between order statistics, so that
swapping the files mirrors an interval to the last bit.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from interlock.adapters.scoring import labels, resampling
from interlock.adapters.scoring.predictions import Codes, Floats
from interlock.adapters.scoring.resampling import Groups
from interlock.adapters.scoring.view import RowsView
from interlock.adapters.scoring.view_metrics import ViewMetrics

MOST_GROUPS = 20_000
"""Rows that are resampled one by one. More rows are put at random into this number of groups, which
are resampled instead: an interval's width is then off by 1 / sqrt(2 * 20,000) = 0.5 % (one standard
error), as that of a variance of so many values."""
MOST_UNDEFINED = 0.05
"""Share of resamples in which a metric may be undefined (a class was not drawn) and is ignored;
with more there is no interval."""
NO_INTERVAL = frozenset({"max_error"})
"""The bootstrap is inconsistent for a maximum (Bickel & Freedman 1981, section 6)."""

LEAST_CLUSTERS = 20
"""With fewer clusters the interval would be too narrow (tests/statistics measures it)."""

Differences = Mapping[str, Floats]
_Pieces = defaultdict[str, list[Floats]]


@dataclass(frozen=True, slots=True)
class Ends:
    low: float
    high: float


def too_few(view: RowsView) -> str:
    """Return the reason why the rows of a view cannot be resampled by cluster; "" if they can."""
    if view.group is None:
        return ""
    count = len(np.unique(view.group))
    if count >= LEAST_CLUSTERS:
        return ""
    return f"the rows have {count} groups, and an interval needs at least {LEAST_CLUSTERS}"


def groups(view: RowsView, *, seed: int) -> Groups:
    """Return the groups of rows that are resampled; a cluster is never divided."""
    if view.group is not None:
        return resampling.of_clusters(view.group, most=MOST_GROUPS, seed=seed)
    return resampling.groups(len(view.target), most=MOST_GROUPS, seed=seed)


def differences(
    candidate: ViewMetrics, champion: ViewMetrics, *, resamples: int, seed: int
) -> Differences:
    """Return candidate minus champion per metric, [resamples] each."""
    mine, theirs = _drawn((candidate, champion), resamples=resamples, seed=seed)
    return {name: drawn - theirs[name] for name, drawn in mine.items() if name in theirs}


def values(measured: ViewMetrics, *, resamples: int, seed: int) -> Differences:
    """Return every metric of one file, [resamples] each."""
    (drawn,) = _drawn((measured,), resamples=resamples, seed=seed)
    return drawn


def _drawn(
    measured: tuple[ViewMetrics, ...], *, resamples: int, seed: int
) -> tuple[Differences, ...]:
    """Return each file's metrics, on the same resamples."""
    views = [each.view for each in measured]
    pieces = [_of_rows(measured, resamples=resamples, seed=seed)]
    if views[0].task.has_classes:
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


def _of_labels(views: Sequence[RowsView], *, resamples: int, seed: int) -> list[Differences]:
    classes = views[0].classes
    codes = views[0].target.astype(np.int64)
    for view in views:
        codes *= classes
        codes += view.prediction
    size = classes ** (len(views) + 1)
    target, draws = _cells(views[0], codes, size, resamples=resamples, seed=seed)
    called: list[Codes] = []
    for _ in views:
        target, last = np.divmod(target, classes)
        called.insert(0, last)
    drawn: list[_Pieces] = [defaultdict(list) for _ in views]
    for weights in draws:
        for view, prediction, pieces in zip(views, called, drawn, strict=True):
            counts = labels.count(weights, target=target, prediction=prediction, classes=classes)
            for name, each in labels.of(counts, task=view.task, positive=view.positive).items():
                pieces[name].append(each)
    return [_joined(pieces) for pieces in drawn]


def _cells(
    view: RowsView, codes: Codes, size: int, *, resamples: int, seed: int
) -> tuple[Codes, Iterable[Floats]]:
    """Return the code of each cell, and chunks [resamples, cells] with its number of rows."""
    if view.group is None:
        cells = resampling.Cells.of(codes, size=size)
        return cells.codes, resampling.of_cells(cells, resamples=resamples, seed=seed)
    dealt = groups(view, seed=seed)
    pairs, counts = np.unique(dealt.of_row.astype(np.int64) * size + codes, return_counts=True)
    cluster, code = np.divmod(pairs, size)
    drawn = resampling.of_rows(dealt.count, resamples=resamples, seed=seed)
    return code, (weights[:, cluster] * counts for weights in drawn)


def _of_rows(measured: Sequence[ViewMetrics], *, resamples: int, seed: int) -> list[Differences]:
    rows = [each.rows for each in measured if each.rows is not None]
    drawn: list[_Pieces] = [defaultdict(list) for _ in measured]
    if len(rows) < len(measured):
        return [{} for _ in measured]
    for weights in resampling.of_rows(len(rows[0].totals), resamples=resamples, seed=seed):
        for each, pieces in zip(rows, drawn, strict=True):
            for name, values in each.resampled(weights).items():
                pieces[name].append(values)
    return [_joined(pieces) for pieces in drawn]


def _joined(pieces_by_metric: Mapping[str, Iterable[Floats]]) -> Differences:
    return {name: np.concatenate(list(pieces)) for name, pieces in pieces_by_metric.items()}
