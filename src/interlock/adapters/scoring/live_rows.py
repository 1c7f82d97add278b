"""Evaluates the candidate on live rows, compared with the champion's predictions in production.

The champion was trained before those rows came, so that it can be evaluated on them. The candidate
can, because it was evaluated on them itself. The files cannot choose those rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from interlock.adapters.scoring import paired_metrics, predictions, sides
from interlock.adapters.scoring.predictions import PredictionsFile
from interlock.domain.evaluation.scores import ScoringRequest
from interlock.domain.model.manifest import RECENT, RowsRule

SERVED = "served"
"""The one value of the slice: the rows that the champion predicted in production."""


def parts(
    candidate: PredictionsFile, served: PredictionsFile | None, *, request: ScoringRequest
) -> Iterator[paired_metrics.Compared]:
    """Yield one comparison of every metric; nothing if the candidate has none of the live rows."""
    if served is None or request.rows is not RowsRule.GROWING:
        return
    mine = candidate.ids.is_in(served.ids.implode())
    if not mine.any():
        return
    theirs = served.ids.is_in(candidate.ids.implode())
    both = sides.of(
        predictions.only(candidate, mine.to_numpy()),
        predictions.only(served, theirs.to_numpy()),
        rows=RowsRule.SAME,
        positive=request.positive,
    )
    yield paired_metrics.compare(
        replace(both.everywhere(), where=(RECENT, SERVED)),
        names=request.names,
        request=request,
    )
