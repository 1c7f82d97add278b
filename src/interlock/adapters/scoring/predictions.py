"""Reads a predictions file, sorted by id, as arrays, and checks it; every invalid value is an
error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from interlock import errors
from interlock.adapters.scoring import (
    columns,
    digest,
    encoded,
    label_columns,
    positives,
    reading,
    row_columns,
    score_columns,
)
from interlock.adapters.scoring.encoded import Encoded
from interlock.adapters.scoring.file_errors import FileErrors
from interlock.adapters.scoring.reading import OwnColumns
from interlock.adapters.scoring.score_columns import Scored
from interlock.domain.basics import canonical_text
from interlock.domain.model.column_map import ID, PREDICTED, PREDICTION, TARGET, TRUE, ColumnMap
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import Task

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
MOST_CLASSES = 1_000
MOST_SLICE_VALUES = 100


@dataclass(frozen=True, slots=True)
class Sliced:
    """A slice column: its values in order, and each row's as an index into them."""

    values: tuple[str, ...]
    codes: npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class PredictionsFile:
    """Rows in order of id. For classes `target` and `prediction` are indices into `classes`; a task
    `scored` has zeros, and one of sets of labels a number for each set. `columns` are those of the
    manifest's own metrics and of labels, and `group` has a number for each row, the same for rows
    that are resampled together."""

    name: str
    task: Task
    rows: Rows
    ids: pl.Series
    target: npt.NDArray[Any]
    prediction: npt.NDArray[Any]
    classes: tuple[str, ...]
    scores: Mapping[str, Floats]
    slices: Mapping[str, Sliced]
    columns: Mapping[str, Floats] = field(default_factory=dict)
    group: Codes | None = None


def read(
    path: Path,
    *,
    name: str,
    task: Task,
    slices: tuple[str, ...],
    positive: str | None = None,
    is_closed: bool = True,
    columns: ColumnMap | None = None,
) -> PredictionsFile:
    """Read and check a file; raises one CannotScore with all its problems, each with file, column
    and row. `columns` are the file's own names.

    If it is not closed, a prediction may name a class that no row has: a few live rows need not
    show all classes of the model.
    """
    wanted = OwnColumns(columns or ColumnMap(), slices)
    frame = reading.read_frame(path, name=name, wanted=wanted)
    rules = _Rules(task, slices, positive, is_closed, wanted.columns)
    return _check(frame, name=name, rules=rules)


def read_served(
    paths: Sequence[Path],
    *,
    name: str,
    task: Task,
    positive: str | None = None,
    names: ColumnMap,
) -> PredictionsFile:
    """Read several files as one, in which a later row replaces an earlier one; raises
    CannotScore."""
    wanted = OwnColumns(names, ())
    frames = [reading.read_frame(path, name=name, wanted=wanted) for path in paths]
    named = [
        frame.with_columns(_ids(frame, columns.RowPlace(name, columns=names))) for frame in frames
    ]
    frame = pl.concat(named, how="diagonal_relaxed").unique(ID, keep="last", maintain_order=True)
    return _check(
        frame, name=name, rules=_Rules(task, (), positive, is_closed=False, columns=names)
    )


def _ids(frame: pl.DataFrame, place: columns.RowPlace) -> pl.Series:
    return columns.as_labels(frame[ID], place=place)


def only(predictions: PredictionsFile, rows: npt.NDArray[np.bool_]) -> PredictionsFile:
    """Return some rows of a file, in the same numbering; `rows` is a mask in order of id."""
    ids, target = predictions.ids.filter(pl.Series(rows)), predictions.target[rows]
    return replace(
        predictions,
        rows=Rows(len(ids), digest.of_rows(ids, target, classes=predictions.classes)),
        ids=ids,
        target=target,
        prediction=predictions.prediction[rows],
        scores={label: values[rows] for label, values in predictions.scores.items()},
        columns={name: values[rows] for name, values in predictions.columns.items()},
        group=None if predictions.group is None else predictions.group[rows],
        slices={
            column: Sliced(sliced.values, sliced.codes[rows])
            for column, sliced in predictions.slices.items()
        },
    )


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules for one file."""

    task: Task
    slices: tuple[str, ...]
    positive: str | None
    is_closed: bool
    columns: ColumnMap = field(default_factory=ColumnMap)

    @property
    def is_binary(self) -> bool:
        return self.task is Task.BINARY


def _check(frame: pl.DataFrame, *, name: str, rules: _Rules) -> PredictionsFile:
    problems = FileErrors()
    names = rules.columns
    if names.has_labels:
        names = label_columns.resolve(names, frame.columns, file=name, problems=problems)
    place = columns.RowPlace(name, columns=names)
    order, ids = pl.Series(dtype=pl.UInt32), pl.Series(dtype=pl.String)
    with problems.noted():
        order, ids = _ordered(_ids(frame, place))
        ids_of = None if rules.columns.is_numbered else frame[ID]
        place = columns.RowPlace(name, ids_of, names)
        columns.refuse_duplicates(frame[ID], ordered=ids, place=place)
    measured = row_columns.read(frame, place=place, problems=problems)
    read = _answers(frame, measured, place=place, rules=rules, problems=problems)
    sliced: dict[str, Sliced] = {}
    for column in rules.slices:
        with problems.noted():
            sliced[column] = _slice(frame[column], place=place)
    problems.refuse()
    assert read is not None  # noqa: S101 - else it was refused
    index = order.to_numpy().astype(np.int64)
    target = read.target[index]
    return PredictionsFile(
        name=name,
        task=rules.task,
        rows=Rows(count=len(ids), sha256=digest.of_rows(ids, target, classes=read.classes)),
        ids=ids,
        target=target,
        prediction=read.prediction[index],
        classes=read.classes,
        scores={label: values[index].clip(0, 1) for label, values in read.scores.items()},
        slices={c: Sliced(each.values, each.codes[index]) for c, each in sliced.items()},
        columns={name: values[index] for name, values in measured.items()},
        group=row_columns.group(frame, place=place, order=index),
    )


def _ordered(ids: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the order of ids, and the ids in this order."""
    order = ids.arg_sort()
    return order, ids.gather(order)


@dataclass(frozen=True, slots=True)
class _Read:
    """The predictions of a file in its own order of rows."""

    classes: tuple[str, ...]
    target: npt.NDArray[Any]
    prediction: npt.NDArray[Any]
    scores: Mapping[str, Floats]


def _answers(
    frame: pl.DataFrame,
    measured: Mapping[str, Floats],
    *,
    place: columns.RowPlace,
    rules: _Rules,
    problems: FileErrors,
) -> _Read | None:
    if rules.task is Task.MULTILABEL:
        if problems.collected:
            return None
        true, predicted = (label_columns.encode(measured, prefix) for prefix in (TRUE, PREDICTED))
        return _Read((), true, predicted, {})
    if rules.task is Task.SCORED:
        nothing = np.zeros(frame.height)
        return _Read((), nothing, nothing, {})
    if rules.task is Task.REGRESSION:
        return _values(frame, place=place, problems=problems)
    return _classes(frame, place=place, rules=rules, problems=problems)


def _values(frame: pl.DataFrame, *, place: columns.RowPlace, problems: FileErrors) -> _Read | None:
    read: dict[str, Floats] = {}
    for column in (TARGET, PREDICTION):
        with problems.noted():
            read[column] = columns.as_floats(frame[column], place=place)
    return None if problems.collected else _Read((), read[TARGET], read[PREDICTION], {})


def _classes(
    frame: pl.DataFrame, *, place: columns.RowPlace, rules: _Rules, problems: FileErrors
) -> _Read | None:
    read: dict[str, Encoded] = {}
    for column in (TARGET, PREDICTION):
        with problems.noted():
            read[column] = encoded.of_labels(frame[column], place=place)
    scored = score_columns.read(frame, place=place, problems=problems)
    if len(read) < 2:
        return None
    spelt = canonical_text.as_one(read[TARGET].values, [*read[PREDICTION].values, *scored.named])
    scores = score_columns.renamed(scored, spelt, file=place.file, problems=problems)
    target, prediction = (read[column].renamed(spelt) for column in (TARGET, PREDICTION))
    classes = _known(target, prediction, scores, place=place, rules=rules, problems=problems)
    if problems.collected:
        return None
    codes = target.numbered(classes), prediction.numbered(classes)
    return _Read(classes, *codes, scores.values)


def _known(
    target: Encoded,
    prediction: Encoded,
    scores: Scored,
    *,
    place: columns.RowPlace,
    rules: _Rules,
    problems: FileErrors,
) -> tuple[str, ...]:
    """Return the classes of a file. If it is closed, each class has a target or a score column."""
    known = {*target.values, *scores.named}
    if rules.is_closed:
        with problems.noted():
            encoded.refuse_unknown(prediction, known=known, place=place)
    classes = columns.in_order(known | {*prediction.values})
    with problems.noted():
        _refuse_too_many(classes, file=place.file)
    if rules.is_binary:
        with problems.noted():
            positives.require(
                classes, requested=rules.positive, scored=scores.named, file=place.file
            )
    with problems.noted():
        columns.check_classes(scores.named, classes=classes, place=place, is_binary=rules.is_binary)
        if scores.is_sound:
            columns.check_sums(scores.values, place=place, is_binary=rules.is_binary)
    return classes


def _refuse_too_many(classes: tuple[str, ...], *, file: str) -> None:
    if len(classes) > MOST_CLASSES:
        raise errors.CannotScore(
            f"{file} has {len(classes)} classes, and at most {MOST_CLASSES} are compared",
            hint="is this a regression?",
        )


def _slice(column: pl.Series, *, place: columns.RowPlace) -> Sliced:
    try:
        values = encoded.of(column, _slice_texts)
    except pl.exceptions.InvalidOperationError as error:
        raise errors.CannotScore(
            f"{place.file}: column {column.name!r} holds {column.dtype}, of which no slice can be "
            "made",
            hint="write text, numbers, booleans or dates",
        ) from error
    names = tuple(sorted(set(values.values)))
    if len(names) > MOST_SLICE_VALUES:
        raise errors.CannotScore(
            f"{place.file}: column {column.name!r} has {len(names)} values, and a slice may have "
            f"at most {MOST_SLICE_VALUES}",
            hint="bin the values into groups",
        )
    return Sliced(names, values.numbered(names))


def _slice_texts(values: pl.Series) -> pl.Series:
    return values.cast(pl.String, strict=False).str.normalize("NFC").fill_null("(missing)")
