"""Scores predictions files: polars reads, scikit-learn measures, numpy draws the intervals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from interlock.adapters.scoring import alone, charting, comparing, pairing, predictions, view
from interlock.adapters.scoring.pairing import Pair
from interlock.domain import metrics
from interlock.domain.manifest import Task
from interlock.domain.scores import Measured, Request, Scores
from interlock.domain.verdict import Comparison
from interlock.ports import scoring as port

__all__ = ["FileScoring"]


class FileScoring:
    """The scoring of ports.scoring over Parquet and CSV files."""

    def read(
        self, path: Path, *, name: str, task: Task, slices: tuple[str, ...] = ()
    ) -> predictions.Predictions:
        return predictions.read(path, name=name, task=task, slices=slices)

    def score(
        self,
        candidate: port.Predictions,
        *,
        champion: port.Predictions | None,
        request: Request,
    ) -> Scores:
        mine = cast(predictions.Predictions, candidate)
        pair = pairing.pair(mine, cast(predictions.Predictions | None, champion))
        one, other = _views(pair)
        found: dict[float, list[Comparison]] = {c: [] for c in request.confidences}
        for part in _parts(pair, one, other, request=request):
            for confidence, comparisons in part.items():
                found[confidence] += comparisons
        return Scores(
            rows=mine.rows,
            comparisons={confidence: tuple(every) for confidence, every in found.items()},
            charts=charting.of(pair.candidate, one),
            champion_charts=charting.of(pair.champion, other) if pair.champion and other else None,
            champion_problem=pair.problem,
        )

    def measure(
        self, path: Path, *, name: str, task: Task, metric: str, confidence: float, seed: int
    ) -> Measured:
        return alone.measure(
            path, name=name, task=task, metric=metric, confidence=confidence, seed=seed
        )


def _views(pair: Pair) -> tuple[view.View, view.View | None]:
    one = view.of(pair.candidate, positive=pair.positive)
    return one, view.of(pair.champion, positive=pair.positive) if pair.champion else None


def _parts(
    pair: Pair, one: view.View, other: view.View | None, *, request: Request
) -> Iterator[comparing.Compared]:
    """All rows with every metric, then each value of each slice with those in focus."""
    names = [n for n in metrics.named(request.task) if n != metrics.MODEL_SIZE]
    yield comparing.compare(one, other, names=names, request=request, problem=pair.problem)
    focus = [name for name in request.focus if name in names]
    for column in request.slices:
        sliced = pair.candidate.slices[column]
        for place, value in enumerate(sliced.values):
            rows = sliced.codes == place
            yield comparing.compare(
                one.only(rows),
                other.only(rows) if other else None,
                names=focus,
                request=request,
                problem=pair.problem,
                where=(column, value),
            )
