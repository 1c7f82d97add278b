"""Chooses the file of rows of a model among the tables that its pipeline writes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from interlock.domain.adoption import column_choice, metric_choice, name_words
from interlock.domain.adoption.column_choice import ColumnChoice, ColumnFacts, TableFacts
from interlock.domain.model import metrics
from interlock.domain.model.column_map import PREDICTED, TRUE
from interlock.domain.model.manifest import Aggregate, Better, RowMetric, Task

_OF_SCORES = name_words.split("score scores evaluation eval results result examples rows")
_SPENT = name_words.split("latency ms seconds cost usd")
"""Words of a column of which less is better, beside those of a metric."""
_MOST_METRICS = 6


def choose(tables: Iterable[TableFacts]) -> ColumnChoice | None:
    """Return the first file with sets of labels, with predictions and targets, or with scores."""
    known = tuple(tables)
    kinds = (_of_labels, column_choice.of_answers, _of_scores)
    return next((choice for of in kinds for table in known for choice in of(table)), None)


def _of_labels(table: TableFacts) -> Iterator[ColumnChoice]:
    """Two labels at least, each with a target and a prediction, in columns that are flags."""
    flags = {each.name for each in table.columns if _is_flag(each)}
    labels = {name.removeprefix(TRUE) for name in flags if name.startswith(TRUE)}
    if len(labels) > 1 and all(PREDICTED + label in flags for label in labels):
        key = column_choice.key_of(table.columns, rows=table.rows)
        yield ColumnChoice(table.path, Task.MULTILABEL, key, rows=table.rows)


def _of_scores(table: TableFacts) -> Iterator[ColumnChoice]:
    """Columns whose names say which direction is better, in a file whose name speaks of scores."""
    if not _OF_SCORES & name_words.split(posixpath.basename(table.path)):
        return
    key = column_choice.key_of(table.columns, rows=table.rows)
    own = [m for each in table.columns if each.name != key for m in _metric(each)]
    ordered = sorted(own, key=lambda metric: metric.better is not Better.GREATER)
    if ordered:
        chosen = tuple(ordered[:_MOST_METRICS])
        yield ColumnChoice(table.path, Task.SCORED, key, rows=table.rows, own=chosen)


def _metric(column: ColumnFacts) -> Iterator[RowMetric]:
    is_greater = metric_choice.direction(column.name)
    if name_words.split(column.name) & _SPENT:
        is_greater = False
    if not column.is_number or is_greater is None:
        return
    name = re.sub(r"[^a-z0-9]+", "_", column.name.lower()).strip("_")
    if name in metrics.METRICS or not name[0].isalpha():
        name = f"mean_{name}"
    aggregate = Aggregate.RATE if _is_flag(column) else Aggregate.MEAN
    better = Better.GREATER if is_greater else Better.SMALLER
    yield RowMetric(name[:64], aggregate, (column.name,), better)


def _is_flag(column: ColumnFacts) -> bool:
    is_whole = column.is_number and column.is_whole and column.distinct <= 2
    return is_whole and column.low in (0, 1) and column.high in (0, 1)
