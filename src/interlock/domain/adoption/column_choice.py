"""Finds the rows of an evaluation among the outputs: which columns are id, target, prediction."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from interlock.domain.adoption import name_words
from interlock.domain.adoption.metric_choice import MetricChoice
from interlock.domain.evaluation import scores as evaluation_scores
from interlock.domain.model import metrics
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import Better, RowMetric, Task

_PREDICTIONS = name_words.split("pred preds predicted prediction predictions yhat hat forecast")
_TARGETS = name_words.split("actual actuals expected gold label target true truth y")
_SCORES = name_words.split("p prob probability proba score")
_IDS = name_words.split("id ids key uuid index row number")
_FILES = (".csv", ".parquet", ".tsv")
_MOST_CLASSES = 20


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column of a file of rows. `distinct` counts its values, `is_whole` is False for numbers
    with decimals, `low` and `high` are None for text."""

    name: str
    distinct: int
    is_number: bool = False
    is_whole: bool = True
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class TableFacts:
    """The columns of a CSV or Parquet file, and its number of rows."""

    path: str
    rows: int
    columns: tuple[ColumnFacts, ...]


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """The columns of a file with predictions; without an `id` the row number is the key. `scores`
    maps a class to its column; `today` is the primary metric of these rows. Sets of labels have no
    single target and prediction. Scores have metrics of their `own`, the primary one first."""

    path: str
    task: Task
    id: str | None
    target: str = ""
    prediction: str = ""
    scores: tuple[tuple[str, str], ...] = ()
    rows: int = 0
    today: MetricChoice | None = None
    own: tuple[RowMetric, ...] = ()

    @property
    def columns(self) -> ColumnMap:
        """The map of the file's columns."""
        key = () if self.id is None else (self.id,)
        if self.task is Task.MULTILABEL:
            return ColumnMap(key, has_labels=True)
        if self.task is Task.SCORED:
            measured = tuple(column for metric in self.own for column in metric.columns)
            return ColumnMap(key, measured=measured, is_scored=True)
        return ColumnMap(key, self.target, self.prediction, self.scores or None)

    @property
    def written(self) -> dict[str, str | dict[str, str] | None]:
        """The fields of a manifest that map the columns; empty if they have the usual names."""
        fields: dict[str, str | dict[str, str] | None] = {} if self.id == "id" else {"id": self.id}
        if self.columns.has_answers and not self.columns.is_plain:
            fields = {"id": self.id, "target": self.target, "prediction": self.prediction}
            fields |= {"scores": dict(self.scores)} if self.scores else {}
        return fields

    @property
    def primary(self) -> tuple[str, bool]:
        """The metric to show first, and whether more of it is better."""
        if self.own:
            return self.own[0].name, self.own[0].better is Better.GREATER
        metric = metrics.METRICS[evaluation_scores.PRIMARY[self.task]]
        return metric.name, metric.greater_is_better


def is_file_of_rows(path: str) -> bool:
    """True if a file's name says that it has predictions."""
    name = posixpath.basename(path).lower()
    return name.endswith(_FILES) and bool(_PREDICTIONS & name_words.split(name))


def of_answers(table: TableFacts) -> Iterator[ColumnChoice]:
    """Yield the columns of a target and a prediction, if there are any."""
    prediction = _named(table.columns, _PREDICTIONS)
    if prediction is None:
        return
    others = [each for each in table.columns if each is not prediction]
    target = _named(others, _TARGETS) or _alike(others, prediction)
    if target is None or target.is_number != prediction.is_number:
        return
    rest = [each for each in others if each is not target]
    key = key_of(rest, rows=table.rows)
    scores = tuple(_score(each) for each in rest if _is_score(each))
    yield ColumnChoice(
        path=table.path,
        task=task(target),
        id=key,
        target=target.name,
        prediction=prediction.name,
        scores=scores,
        rows=table.rows,
    )


def task(target: ColumnFacts) -> Task:
    """Return the task of a target: classes are text, or a few whole numbers. Two classes are binary
    only where the positive one is known, for example 0 and 1."""
    if target.is_number and (not target.is_whole or target.distinct > _MOST_CLASSES):
        return Task.REGRESSION
    if target.is_number and target.distinct == 2 and target.high == 1 and target.low in (0, -1):
        return Task.BINARY
    return Task.MULTICLASS


def _named(columns: Iterable[ColumnFacts], names: frozenset[str]) -> ColumnFacts | None:
    return next((each for each in columns if name_words.split(each.name) & names), None)


def _alike(columns: Iterable[ColumnFacts], prediction: ColumnFacts) -> ColumnFacts | None:
    """Return the column whose name shares a word: `sale_price` belongs to `pred_price`."""
    shared = name_words.split(prediction.name) - _PREDICTIONS
    return next((each for each in columns if name_words.split(each.name) & shared), None)


def key_of(columns: Iterable[ColumnFacts], *, rows: int) -> str | None:
    """Return the column whose values name the rows."""
    return next((each.name for each in columns if _is_key(each, rows)), None)


def _is_key(column: ColumnFacts, rows: int) -> bool:
    is_named = bool(name_words.split(column.name) & _IDS)
    return column.distinct == rows and (is_named or not column.is_number or column.is_whole)


def _is_score(column: ColumnFacts) -> bool:
    is_share = column.low is not None and column.high is not None
    parts = name_words.split(column.name)
    return is_share and 0 <= column.low <= column.high <= 1 and bool(parts & _SCORES)  # type: ignore[operator]


def _score(column: ColumnFacts) -> tuple[str, str]:
    """Return the class of a score and its column: `p_fraud` is the score of `fraud`."""
    first, _, rest = column.name.partition("_")
    return (rest if first.lower() in _SCORES and rest else column.name), column.name
