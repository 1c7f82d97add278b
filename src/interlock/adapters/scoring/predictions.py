"""A checked predictions file, sorted by id, as arrays; every doubt about a value is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from interlock import errors
from interlock.adapters.scoring import columns, digest, reading
from interlock.adapters.scoring.reading import ID, PREDICTION, TARGET
from interlock.domain.evidence import Rows
from interlock.domain.manifest import Task

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
MOST_CLASSES = 1_000
MOST_SLICE_VALUES = 100


@dataclass(frozen=True, slots=True)
class Sliced:
    """A slice column: its values in order, and each row's as an index into them."""

    values: tuple[str, ...]
    codes: Codes


@dataclass(frozen=True, slots=True)
class Predictions:
    """Rows in order of id. For classes `target` and `prediction` are indices into `classes`."""

    name: str
    task: Task
    rows: Rows
    ids: pl.Series
    target: npt.NDArray[Any]
    prediction: npt.NDArray[Any]
    classes: tuple[str, ...]
    scores: Mapping[str, Floats]
    slices: Mapping[str, Sliced]


def read(
    path: Path, *, name: str, task: Task, slices: tuple[str, ...], is_closed: bool = True
) -> Predictions:
    """Read and check a file; raises CannotScore that names the file, the column and the row.

    Where it is not closed, a prediction may name a class that no row is: a few live rows need not
    show all that the model knows.
    """
    frame = reading.read_frame(path, name=name, slices=slices)
    return _check(frame, name=name, task=task, slices=slices, is_closed=is_closed)


def read_served(paths: Sequence[Path], *, name: str, task: Task) -> Predictions:
    """Read several files as one, of which a later row takes the place of an earlier one; raises
    CannotScore."""
    frames = [reading.read_frame(path, name=name, slices=()) for path in paths]
    frame = pl.concat(frames, how="diagonal_relaxed").unique(ID, keep="last", maintain_order=True)
    return _check(frame, name=name, task=task, slices=(), is_closed=False)


def only(predictions: Predictions, rows: npt.NDArray[np.bool_]) -> Predictions:
    """Return some rows of a file, in the same numbering; `rows` is a mask in order of id."""
    ids, target = predictions.ids.filter(pl.Series(rows)), predictions.target[rows]
    return replace(
        predictions,
        rows=Rows(len(ids), digest.of_rows(ids, target, classes=predictions.classes)),
        ids=ids,
        target=target,
        prediction=predictions.prediction[rows],
        scores={label: values[rows] for label, values in predictions.scores.items()},
        slices={
            column: Sliced(sliced.values, sliced.codes[rows])
            for column, sliced in predictions.slices.items()
        },
    )


def _check(
    frame: pl.DataFrame, *, name: str, task: Task, slices: tuple[str, ...], is_closed: bool
) -> Predictions:
    unsorted = columns.as_labels(frame[ID], place=columns.Place(name))
    place = columns.Place(name, unsorted)
    order = unsorted.arg_sort()
    ids = unsorted.gather(order)
    columns.refuse_duplicates(ids, place=place)
    classes, target, prediction, scores = (
        _read_values(frame, place=place)
        if task is Task.REGRESSION
        else _read_classes(frame, place=place, is_binary=task is Task.BINARY, is_closed=is_closed)
    )
    index = order.to_numpy()
    target = target[index]
    return Predictions(
        name=name,
        task=task,
        rows=Rows(count=len(ids), sha256=digest.of_rows(ids, target, classes=classes)),
        ids=ids,
        target=target,
        prediction=prediction[index],
        classes=classes,
        scores={label: values[index] for label, values in scores.items()},
        slices={column: _slice(frame[column].gather(order), place=place) for column in slices},
    )


_Read = tuple[tuple[str, ...], npt.NDArray[Any], npt.NDArray[Any], Mapping[str, Floats]]


def _read_values(frame: pl.DataFrame, *, place: columns.Place) -> _Read:
    target, prediction = (
        columns.as_floats(frame[column], place=place) for column in (TARGET, PREDICTION)
    )
    return (), target, prediction, {}


def _read_classes(
    frame: pl.DataFrame, *, place: columns.Place, is_binary: bool, is_closed: bool
) -> _Read:
    target, prediction = (
        columns.as_labels(frame[column], place=place) for column in (TARGET, PREDICTION)
    )
    scores = {
        label: columns.as_floats(frame[column], place=place)
        for label, column in columns.score_columns(frame.columns, place=place).items()
    }
    known = {*target.unique(), *scores}
    if is_closed:
        columns.refuse_unknown(prediction, known=known, place=place)
    known |= {*prediction.unique()}
    classes = columns.in_order(known)
    if len(classes) > MOST_CLASSES:
        raise errors.CannotScore(
            f"{place.file} has {len(classes)} classes, and at most {MOST_CLASSES} are compared",
            hint="is this a regression?",
        )
    columns.check_scores(scores, classes=classes, place=place, is_binary=is_binary)
    return classes, _codes(target, classes), _codes(prediction, classes), scores


def _slice(values: pl.Series, *, place: columns.Place) -> Sliced:
    labels = values.cast(pl.String, strict=False).fill_null("(missing)")
    names = tuple(sorted(labels.unique()))
    if len(names) > MOST_SLICE_VALUES:
        raise errors.CannotScore(
            f"{place.file}: column {values.name!r} has {len(names)} values, and a slice may have "
            f"at most {MOST_SLICE_VALUES}",
            hint="bin the values into groups",
        )
    return Sliced(names, _codes(labels, names))


def _codes(labels: pl.Series, values: tuple[str, ...]) -> Codes:
    return labels.cast(pl.Enum(values)).to_physical().cast(pl.Int64).to_numpy()
