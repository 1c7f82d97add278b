"""One column at a time: canonical ids, labels and finite numbers, or an error with its row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from interlock import errors
from interlock.adapters.scoring.reading import SCORE

SUM_TOLERANCE = 1e-3
"""How far a row's scores may sum from 1; float16 scores of ten classes stay within it."""
_WHOLE = r"^(-?\d+)\.0+$"
_TEXTS = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Datetime, pl.Time)


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows are: the file's name for people and, once they are known, every row's id."""

    file: str
    ids: pl.Series | None = None

    def row(self, index: int) -> str:
        """Name a row (0-based) by its place in the file, counted from 1, and its id."""
        return f"row {index + 1}" + ("" if self.ids is None else f" (id {self.ids[index]!r})")


def as_labels(column: pl.Series, *, place: Place) -> pl.Series:
    """Return ids or classes as text: the whole number 7, 7.0 and "7" are the same.

    Raises CannotScore for a missing one and for a type that has no such text.
    """
    _refuse(column.is_null(), "is missing", column=column.name, place=place)
    if column.dtype.is_float():
        return _of_floats(column, place=place)
    if column.dtype in _TEXTS:
        texts = column.cast(pl.String)
        return texts.str.replace(_WHOLE, "$1") if column.dtype == pl.String else texts
    if column.dtype.is_integer():
        return column.cast(pl.String)
    raise errors.CannotScore(
        f"{place.file}: column {column.name!r} holds {column.dtype}, which is neither text nor a "
        "whole number"
    )


def as_floats(column: pl.Series, *, place: Place) -> npt.NDArray[np.float64]:
    """Return finite doubles; raises CannotScore for a missing, unreadable, NaN or infinite one."""
    _refuse(column.is_null(), "is missing", column=column.name, place=place)
    if not (column.dtype.is_numeric() or column.dtype == pl.String):
        raise errors.CannotScore(
            f"{place.file}: column {column.name!r} holds {column.dtype}, and numbers are needed"
        )
    floats = column.cast(pl.Float64, strict=False)
    _refuse(floats.is_null(), "is no number", column=column.name, place=place, shown=column)
    _refuse(floats.is_nan(), "is NaN", column=column.name, place=place)
    _refuse(floats.is_infinite(), "is infinite", column=column.name, place=place)
    return floats.to_numpy()


def refuse_duplicates(ids: pl.Series, *, place: Place) -> None:
    """Refuse an id that stands twice; `ids` are sorted, so that equal ones are neighbours."""
    twice = ids.slice(1) == ids.slice(0, len(ids) - 1)
    if not twice.any():
        return
    first = ids[twice.arg_max() or 0]
    raise errors.CannotScore(
        f"{place.file}: column 'id': {first!r} stands more than once "
        f"({_rows(int(twice.sum()))} too many)",
        hint="give every evaluated example one row and an id of its own",
    )


def refuse_unknown(prediction: pl.Series, *, known: set[str], place: Place) -> None:
    """Refuse a prediction of a class that no target and no score column names."""
    strange = [label for label in prediction.unique() if label not in known]
    if not strange:
        return
    index = prediction.is_in(strange).arg_max() or 0
    raise errors.CannotScore(
        f"{place.file}: column 'prediction', {place.row(index)}: unknown class "
        f"{prediction[index]!r}; known are {_list(in_order(known))}",
        hint="write a column score_<class> for every class that the model knows",
    )


def check_scores(
    scores: Mapping[str, npt.NDArray[np.float64]],
    *,
    classes: tuple[str, ...],
    place: Place,
    is_binary: bool,
) -> None:
    """Check that scores are probabilities: a column a class, in [0, 1], rows that sum to 1.

    A binary task may have the positive class's column alone.
    """
    if not scores:
        return
    for label, values in scores.items():
        outside = pl.Series((values < 0) | (values > 1))
        shown = pl.Series(values)
        _refuse(outside, "is outside [0, 1]", column=f"score_{label}", place=place, shown=shown)
    if is_binary and len(scores) == 1:
        return
    for label in classes:
        if label not in scores:
            raise errors.CannotScore(f"{place.file} has no column 'score_{label}'")
    sums = np.sum(list(scores.values()), axis=0)
    wrong = pl.Series(np.abs(sums - 1) > SUM_TOLERANCE)
    _refuse(wrong, "must sum to 1", column="score_*", place=place, shown=pl.Series(sums))


def score_columns(names: Iterable[str], *, place: Place) -> Mapping[str, str]:
    """Map each class that has scores to its column: score_1 and score_1.0 are of the class 1."""
    found: dict[str, str] = {}
    for name in names:
        if not name.startswith(SCORE):
            continue
        label = re.sub(_WHOLE, r"\1", name.removeprefix(SCORE))
        if label in found:
            raise errors.CannotScore(
                f"{place.file} has two columns of scores of the class {label!r}: "
                f"{found[label]!r} and {name!r}"
            )
        found[label] = name
    return found


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Return classes in order: by number when all are numbers, else by text."""
    texts = list(labels)
    try:
        return tuple(sorted(texts, key=lambda text: (float(text), text)))
    except ValueError:
        return tuple(sorted(texts))


def _of_floats(column: pl.Series, *, place: Place) -> pl.Series:
    _refuse(column.is_nan(), "is NaN", column=column.name, place=place)
    whole = column.cast(pl.Int64, strict=False)
    broken = (whole != column).fill_null(value=True)
    _refuse(broken, "is no whole number", column=column.name, place=place, shown=column)
    return whole.cast(pl.String)


def _refuse(
    wrong: pl.Series, what: str, *, column: str, place: Place, shown: pl.Series | None = None
) -> None:
    count = int(wrong.sum())
    if not count:
        return
    index = wrong.arg_max() or 0
    value = "" if shown is None else f"{shown[index]!r} "
    verb = "is" if count == 2 else "are"
    more = f"; so {verb} {_rows(count - 1)} more" if count > 1 else ""
    raise errors.CannotScore(
        f"{place.file}: column {column!r}, {place.row(index)}: {value}{what}{more}"
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _list(labels: tuple[str, ...], *, most: int = 10) -> str:
    rest = f" and {len(labels) - most} more" if len(labels) > most else ""
    return ", ".join(labels[:most]) + rest
