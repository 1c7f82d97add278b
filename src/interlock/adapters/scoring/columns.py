"""Checks one column at a time: canonical ids, labels and finite numbers, or an error with its
row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from interlock import errors
from interlock.adapters.scoring import timestamp_text
from interlock.domain.basics import canonical_text
from interlock.domain.model.column_map import ID, SCORE, ColumnMap

SCORE_TOLERANCE = 1e-3
"""The largest distance of a score from [0, 1], and of a row's sum from 1; float16 scores of ten
classes stay within it. A score outside of [0, 1] counts as 0 or 1."""
_ROUNDING = 1e-9
"""With it, 0.999 is 0.001 away from 1 in doubles, too."""
_WHOLE = r"^(-?[0-9]+)\.0+$"
_TEXTS = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Time)


@dataclass(frozen=True, slots=True)
class RowPlace:
    """The place of rows: the file's name for messages and, after it is checked, its column of ids.
    `columns` has the file's own names."""

    file: str
    ids: pl.Series | None = None
    columns: ColumnMap = field(default_factory=ColumnMap)

    def column(self, name: str) -> str:
        """Name a column as the file does."""
        own = self.columns.own(name)
        if not own:
            return "the number of the row"
        return f"column{'s' if own[1:] else ''} {enumerated(tuple(map(repr, own)))}"

    def row(self, index: int) -> str:
        """Name a row (0-based) by its place in the file, counted from 1, and its id."""
        if self.ids is None:
            return f"row {index + 1}"
        (id_,) = as_labels(self.ids.slice(index, 1), place=RowPlace(self.file))
        return f"row {index + 1} (id {id_!r})"


def as_labels(column: pl.Series, *, place: RowPlace) -> pl.Series:
    """Return ids or classes as text, equal ones as the same text: the whole number 7, 7.0 and "7"
    of any type; a text in any form of Unicode; a timestamp in any unit and zone.

    Raises CannotScore for a missing one and for a type that has no such text.
    """
    _refuse(column.is_null(), "is missing", column=column.name, place=place)
    if column.dtype.is_float():
        return _of_floats(column, place=place)
    if column.dtype.is_decimal():
        return _of_decimals(column, place=place)
    if column.dtype == pl.Datetime:
        return timestamp_text.of_datetimes(column)
    if column.dtype in _TEXTS:
        return timestamp_text.of_texts(_normal(column.cast(pl.String)))
    if column.dtype.is_integer():
        return column.cast(pl.String)
    if column.dtype == pl.Struct:
        return _of_parts(column, place=place)
    raise errors.CannotScore(
        f"{place.file}: {place.column(column.name)} holds {column.dtype}, which is neither text "
        "nor a whole number"
    )


def _of_parts(column: pl.Series, *, place: RowPlace) -> pl.Series:
    """Join the texts of an id of several columns, so that two different ids have two texts."""
    bare = RowPlace(place.file)
    parts = [as_labels(part, place=bare) for part in column.struct.unnest().get_columns()]
    escaped = [part.str.replace_all(r"([\\,])", r"\$1") for part in parts]
    frame = pl.DataFrame({str(index): part for index, part in enumerate(escaped)})
    joined = frame.select(pl.concat_str(pl.all(), separator=", ")).to_series()
    return joined.alias(column.name)


def _normal(texts: pl.Series) -> pl.Series:
    """Normalise a whole column at once, like canonical_text.canonical."""
    whole = texts.str.normalize("NFC").str.replace(_WHOLE, "$1")
    return whole.str.replace("^-0$", "0")


def as_floats(column: pl.Series, *, place: RowPlace) -> npt.NDArray[np.float64]:
    """Return finite doubles; raises CannotScore for a missing, unreadable, NaN or infinite one."""
    _refuse(column.is_null(), "is missing", column=column.name, place=place)
    if not (column.dtype.is_numeric() or column.dtype == pl.String):
        raise errors.CannotScore(
            f"{place.file}: {place.column(column.name)} holds {column.dtype}, and numbers are "
            "needed"
        )
    floats = column.cast(pl.Float64, strict=False)
    _refuse(floats.is_null(), "is not a number", column=column.name, place=place, shown=column)
    _refuse(floats.is_nan(), "is NaN", column=column.name, place=place)
    _refuse(floats.is_infinite(), "is infinite", column=column.name, place=place)
    return floats.to_numpy()


def refuse_duplicates(written: pl.Series, *, ordered: pl.Series, place: RowPlace) -> None:
    """Refuse an id that occurs twice, in any spelling; `written` is the column itself, and
    `ordered` its texts in order."""
    if not (ordered.slice(1) == ordered.slice(0, len(ordered) - 1)).any():
        return
    ids = as_labels(written, place=place)
    extra = ~ids.is_first_distinct()
    first = ids[extra.arg_max() or 0]
    spellings = pl.Series(dtype=pl.String)
    if written.dtype != pl.Struct:
        spellings = written.filter(ids == first).cast(pl.String, strict=False).unique().sort()
    ways = f", written as {enumerated(tuple(map(repr, spellings)))}" if len(spellings) > 1 else ""
    raise errors.CannotScore(
        f"{place.file}: {place.column(ID)}: {first!r} occurs more than once{ways} "
        f"({_rows(int(extra.sum()))} too many)",
        hint="give every evaluated example one row and an id of its own",
    )


def check_range(values: npt.NDArray[np.float64], *, column: str, place: RowPlace) -> None:
    """Refuse a score that is not a probability."""
    slack = SCORE_TOLERANCE * (1 + _ROUNDING)
    outside = pl.Series((values < -slack) | (values > 1 + slack))
    _refuse(outside, "is outside [0, 1]", column=column, place=place, shown=pl.Series(values))


def check_flags(values: npt.NDArray[np.float64], *, column: str, place: RowPlace) -> None:
    """Refuse a value of a rate or a label that is neither true nor false."""
    other = pl.Series((values != 0) & (values != 1))
    what = "is neither true nor false"
    _refuse(other, what, column=column, place=place, shown=pl.Series(values))


def check_classes(
    scores: Collection[str], *, classes: tuple[str, ...], place: RowPlace, is_binary: bool
) -> None:
    """Refuse a class without a column of scores if others have one; a binary task may have the
    column of one class only."""
    if not scores or (is_binary and len(scores) == 1):
        return
    lacking = [f"'{SCORE}{label}'" for label in classes if label not in scores]
    if lacking and place.columns.scores is not None:
        raise errors.CannotScore(
            f"{place.file}: outputs.predictions.scores has no column for "
            + enumerated(tuple(lacking))
        )
    if lacking:
        raise errors.CannotScore(f"{place.file} has no column {enumerated(tuple(lacking))}")


def check_sums(
    scores: Mapping[str, npt.NDArray[np.float64]], *, place: RowPlace, is_binary: bool
) -> None:
    """Refuse rows with scores that do not sum to 1."""
    if not scores or (is_binary and len(scores) == 1):
        return
    sums = np.sum(list(scores.values()), axis=0)
    wrong = pl.Series(np.abs(sums - 1) > SCORE_TOLERANCE * (1 + _ROUNDING))
    _refuse(wrong, "must sum to 1", column="score_*", place=place, shown=pl.Series(sums))


def score_columns(names: Iterable[str], *, place: RowPlace) -> Mapping[str, str]:
    """Map each class that has scores to its column: score_1 and score_1.0 are of the class 1."""
    by_class: dict[str, str] = {}
    for name in names:
        if not name.startswith(SCORE):
            continue
        label = canonical_text.canonical(name.removeprefix(SCORE))
        if label in by_class:
            raise errors.CannotScore(
                f"{place.file} has two columns of scores of the class {label!r}: "
                f"{_own(by_class[label], place)} and {_own(name, place)}"
            )
        by_class[label] = name
    return by_class


def _own(name: str, place: RowPlace) -> str:
    return ", ".join(map(repr, place.columns.own(name)))


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Return classes in order: by number if all are numbers, else by text."""
    texts = list(labels)
    try:
        return tuple(sorted(texts, key=lambda text: (float(text), text)))
    except ValueError:
        return tuple(sorted(texts))


def _of_floats(column: pl.Series, *, place: RowPlace) -> pl.Series:
    _refuse(column.is_nan(), "is NaN", column=column.name, place=place)
    whole = column.cast(pl.Int64, strict=False)
    broken = (whole != column).fill_null(value=True)
    _refuse(broken, "is not a whole number", column=column.name, place=place, shown=column)
    return whole.cast(pl.String)


def _of_decimals(column: pl.Series, *, place: RowPlace) -> pl.Series:
    texts = _normal(column.cast(pl.String))
    broken = ~texts.str.contains(r"^-?[0-9]+$")
    _refuse(broken, "is not a whole number", column=column.name, place=place, shown=column)
    return texts


def _refuse(
    wrong: pl.Series, what: str, *, column: str, place: RowPlace, shown: pl.Series | None = None
) -> None:
    count = int(wrong.sum())
    if not count:
        return
    index = wrong.arg_max() or 0
    value = "" if shown is None else f"{shown[index]!r} "
    verb = "is" if count == 2 else "are"
    more = f"; so {verb} {_rows(count - 1)} more" if count > 1 else ""
    raise errors.CannotScore(
        f"{place.file}: {place.column(column)}, {place.row(index)}: {value}{what}{more}"
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def enumerated(labels: tuple[str, ...], *, most: int = 10) -> str:
    """Return the first labels of a list, and the number of the others."""
    rest = f" and {len(labels) - most} more" if len(labels) > most else ""
    return ", ".join(labels[:most]) + rest
