"""Computes metrics and intervals of two views of the same rows, as comparisons; no file is read
here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from interlock.adapters.scoring import bootstrap, view_metrics
from interlock.adapters.scoring.sides import ComparedRows
from interlock.adapters.scoring.view import RowsView
from interlock.adapters.scoring.view_metrics import ViewMetrics
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation.scores import ScoringRequest
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model import metrics
from interlock.domain.model.manifest import Better
from interlock.domain.model.metrics import MetricSource

Compared = dict[float, list[Comparison]]
_SIDES = "candidate", "champion", "whole"


def compare(place: ComparedRows, *, names: Sequence[str], request: ScoringRequest) -> Compared:
    """Return the comparisons of `names` in one place, for each confidence."""
    measured = _measured(place, request=request)
    mine, theirs, whole = (measured.get(side) for side in _SIDES)
    assert mine is not None  # noqa: S101 - a place has a candidate
    drawn = _differences(mine, theirs, request=request)
    directions = {metric.name: metric.better for metric in request.metrics}
    return {
        confidence: [
            _comparison(
                name,
                mine=mine.values,
                theirs=theirs.values if theirs else None,
                interval=_interval(name, drawn, confidence=confidence),
                place=place,
                whole=finite(whole.values.get(name)) if whole else None,
                better=directions.get(name),
            )
            for name in names
        ]
        for confidence in request.confidences
    }


def _measured(place: ComparedRows, *, request: ScoringRequest) -> Mapping[str, ViewMetrics]:
    candidate, champion = place.candidate, place.champion
    is_drawn = champion is not None and not _is_same(candidate, champion)
    groups = bootstrap.groups(candidate, seed=request.seed) if is_drawn else None
    views = (candidate, groups), (champion, groups), (place.whole, None)
    sides = dict(zip(_SIDES, views, strict=True))
    return view_metrics.of_each(sides, metrics=request.metrics)


def _differences(
    mine: ViewMetrics, theirs: ViewMetrics | None, *, request: ScoringRequest
) -> bootstrap.Differences | None:
    """Return None without a champion, and only zeros if both files have the same predictions."""
    if theirs is None:
        return None
    if _is_same(mine.view, theirs.view):
        return dict.fromkeys(mine.values, np.zeros(request.resamples))
    if bootstrap.too_few(mine.view):
        return {}
    return bootstrap.differences(mine, theirs, resamples=request.resamples, seed=request.seed)


def _is_same(candidate: RowsView, champion: RowsView) -> bool:
    if not np.array_equal(candidate.prediction, champion.prediction):
        return False
    if candidate.columns.keys() != champion.columns.keys():
        return False
    pairs = ((values, champion.columns[name]) for name, values in candidate.columns.items())
    if not all(np.array_equal(*pair) for pair in pairs):
        return False
    if candidate.scores is None or champion.scores is None:
        return candidate.scores is champion.scores
    return candidate.scored == champion.scored and np.array_equal(candidate.scores, champion.scores)


def _interval(
    name: str, drawn: bootstrap.Differences | None, *, confidence: float
) -> Interval | None:
    if drawn is None or name not in drawn:
        return None
    ends = bootstrap.interval(drawn[name], confidence=confidence)
    return None if ends is None else Interval(ends.low, ends.high, confidence)


def _comparison(
    name: str,
    *,
    mine: Mapping[str, float],
    theirs: Mapping[str, float] | None,
    interval: Interval | None,
    place: ComparedRows,
    whole: float | None,
    better: Better | None,
) -> Comparison:
    slice_, value = place.where
    problem = place.problem
    one = finite(mine.get(name))
    other = None if theirs is None else finite(theirs.get(name))
    difference = None if one is None or other is None else one - other
    if one is None:
        problem = absent(name, mine)
    elif theirs is not None and other is None:
        lacks = name not in theirs and name not in metrics.METRICS
        why = "its rows lack a column of this metric" if lacks else absent(name, theirs)
        problem = f"of the champion: {why}"
    elif theirs is not None and interval is None:
        problem = bootstrap.too_few(place.candidate) or undrawn(name)
    return Comparison(
        metric=name,
        candidate=one,
        champion=other,
        difference=difference,
        interval=None if difference is None else interval,
        slice=slice_,
        value=value,
        problem=problem,
        rows=len(place.candidate.target),
        is_part=place.whole is not None,
        whole=whole,
        positive=place.positive if metrics.is_of_positive(name) else "",
        better=better,
    )


def finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def absent(name: str, values: Mapping[str, float]) -> str:
    metric = metrics.METRICS.get(name)
    if metric is None and name not in values:
        return "is not a known metric"
    if metric is not None and name not in values and metric.needs is MetricSource.SCORES:
        return "needs the columns score_<class>, and the file has none"
    if name not in values:
        return "is not a metric of this task"
    return "is undefined on these rows (not a finite number)"


def undrawn(name: str) -> str:
    if name in bootstrap.NO_INTERVAL:
        return "the bootstrap says nothing about a maximum"
    return "it is undefined in too many resamples"
