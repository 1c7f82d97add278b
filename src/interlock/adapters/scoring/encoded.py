"""Encodes a column that has few distinct values as whole numbers; only these values become text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from interlock import errors
from interlock.adapters.scoring import columns
from interlock.adapters.scoring.columns import RowPlace
from interlock.domain.basics import canonical_text
from interlock.domain.model.column_map import PREDICTION

Codes = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Encoded:
    """`values` has the text of each code; two codes may have the same text."""

    values: tuple[str, ...]
    codes: npt.NDArray[np.int32]

    def renamed(self, spelt: Mapping[str, str]) -> Encoded:
        return replace(self, values=tuple(spelt.get(value, value) for value in self.values))

    def numbered(self, order: tuple[str, ...]) -> Codes:
        """Return the index in `order` of the value of each row."""
        return np.array([order.index(value) for value in self.values], dtype=np.int16)[self.codes]

    def first_of(self, values: Collection[str]) -> int:
        """Return the first row with one of the values."""
        is_one = np.array([value in values for value in self.values])
        return int(is_one[self.codes].argmax())


def of_labels(column: pl.Series, *, place: RowPlace) -> Encoded:
    """Encode classes; raises CannotScore like columns.as_labels."""

    def texts(distinct: pl.Series) -> pl.Series:
        try:
            return columns.as_labels(distinct, place=place)
        except errors.CannotScore:
            columns.as_labels(column, place=place)  # raises with the row
            raise

    return of(column, texts)


def of(column: pl.Series, texts: Callable[[pl.Series], pl.Series]) -> Encoded:
    """Encode a column by the texts of its distinct values."""
    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    distinct = column.unique()
    values = tuple(texts(distinct))
    places = pl.Series(range(len(distinct)), dtype=pl.Int32)
    codes = column.replace_strict(distinct, places, return_dtype=pl.Int32)
    return Encoded(values, codes.to_numpy())


def refuse_unknown(prediction: Encoded, *, known: set[str], place: RowPlace) -> None:
    """Refuse a prediction of a class that has no target and no score column."""
    strange = {label for label in prediction.values if label not in known}
    if not strange:
        return
    index = prediction.first_of(strange)
    label, every = prediction.values[prediction.codes[index]], columns.in_order(known)
    twin = canonical_text.explain(label, every)
    raise errors.CannotScore(
        f"{place.file}: {place.column(PREDICTION)}, {place.row(index)}: unknown class "
        f"{label!r}; known are {columns.enumerated(every)}" + (twin and f"; {twin}"),
        hint="write one spelling everywhere"
        if twin
        else "write a column score_<class> for every class that the model knows",
    )
