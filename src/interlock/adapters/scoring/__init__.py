"""Scores predictions files: polars reads, numpy computes the metrics and their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import cast

from interlock.adapters.scoring import (
    chart_counts,
    live_rows,
    paired_metrics,
    predictions,
    sides,
    single_file,
)
from interlock.adapters.scoring.file_errors import polars_errors
from interlock.adapters.scoring.sides import Sides
from interlock.domain.evaluation.chart_data import Charts
from interlock.domain.evaluation.scores import MetricValue, Scores, ScoringRequest
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import RowMetric, Task
from interlock.ports import scoring as port

__all__ = ["FileScoring"]


class FileScoring:
    """The scoring of ports.scoring over Parquet and CSV files."""

    def read(
        self,
        path: Path,
        *,
        name: str,
        task: Task,
        slices: tuple[str, ...] = (),
        positive: str | None = None,
        columns: ColumnMap | None = None,
    ) -> predictions.PredictionsFile:
        with polars_errors(name):
            return predictions.read(
                path, name=name, task=task, slices=slices, positive=positive, columns=columns
            )

    def read_served(
        self,
        paths: Sequence[Path],
        *,
        name: str,
        task: Task,
        positive: str | None = None,
        columns: ColumnMap | None = None,
    ) -> predictions.PredictionsFile:
        with polars_errors(name):
            return predictions.read_served(
                paths, name=name, task=task, positive=positive, names=columns or ColumnMap()
            )

    def score(
        self,
        candidate: port.Predictions,
        *,
        champion: port.Predictions | None,
        request: ScoringRequest,
        served: port.Predictions | None = None,
    ) -> Scores:
        mine, theirs, answered = (
            cast(predictions.PredictionsFile | None, each) for each in (candidate, champion, served)
        )
        assert mine is not None  # noqa: S101 - the cast above made it optional
        with polars_errors(mine.name):
            return _score(mine, theirs, served=answered, request=request)

    def measure(
        self,
        path: Path,
        *,
        name: str,
        task: Task,
        metric: str,
        confidence: float,
        seed: int,
        positive: str | None = None,
        columns: ColumnMap | None = None,
        own: tuple[RowMetric, ...] = (),
    ) -> MetricValue:
        with polars_errors(name):
            return single_file.measure(
                path,
                name=name,
                task=task,
                metric=metric,
                confidence=confidence,
                seed=seed,
                positive=positive,
                columns=columns,
                own=own,
            )


def _score(
    mine: predictions.PredictionsFile,
    theirs: predictions.PredictionsFile | None,
    *,
    served: predictions.PredictionsFile | None,
    request: ScoringRequest,
) -> Scores:
    both = sides.of(mine, theirs, rows=request.rows, positive=request.positive)
    parts = chain(_parts(both, request=request), live_rows.parts(mine, served, request=request))
    by_confidence: dict[float, list[Comparison]] = {c: [] for c in request.confidences}
    for part in parts:
        for confidence, comparisons in part.items():
            by_confidence[confidence] += comparisons
    return Scores(
        rows=mine.rows,
        comparisons={confidence: tuple(every) for confidence, every in by_confidence.items()},
        charts=chart_counts.of(both.pair.candidate, both.candidate),
        champion_charts=_champion_charts(both),
        champion_problem=both.pair.problem,
    )


def _champion_charts(both: Sides) -> Charts | None:
    if both.pair.champion is None or both.champion is None:
        return None
    return chart_counts.of(both.pair.champion, both.champion)


def _parts(both: Sides, *, request: ScoringRequest) -> Iterator[paired_metrics.Compared]:
    """All rows with every metric, then each value of each slice with those in focus."""
    names = request.names
    yield paired_metrics.compare(both.everywhere(), names=names, request=request)
    for place in both.labels() if request.label_focus else ():
        yield paired_metrics.compare(place, names=request.label_focus, request=request)
    focus = [name for name in request.focus if name in names]
    for column in request.slices:
        for place in both.values(column):
            yield paired_metrics.compare(place, names=focus, request=request)
