"""Reads the columns of scores of one file, by their class; other modules check sums and missing
classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from interlock import errors
from interlock.adapters.scoring import columns
from interlock.adapters.scoring.file_errors import FileErrors


@dataclass(frozen=True, slots=True)
class Scored:
    """`named` are all classes that have a column, `values` the columns that hold probabilities."""

    named: tuple[str, ...]
    values: Mapping[str, npt.NDArray[np.float64]]

    @property
    def is_sound(self) -> bool:
        return len(self.named) == len(self.values)


def read(frame: pl.DataFrame, *, place: columns.RowPlace, problems: FileErrors) -> Scored:
    """Return the scores by class, as the columns name it."""
    named: Mapping[str, str] = {}
    with problems.noted():
        named = columns.score_columns(frame.columns, place=place)
    scores: dict[str, npt.NDArray[np.float64]] = {}
    for label, column in named.items():
        with problems.noted():
            values = columns.as_floats(frame[column], place=place)
            columns.check_range(values, column=column, place=place)
            scores[label] = values
    return Scored(tuple(named), scores)


def renamed(scored: Scored, spelt: Mapping[str, str], *, file: str, problems: FileErrors) -> Scored:
    """Return the scores by the canonical spelling of their class."""
    named = tuple(spelt.get(label, label) for label in scored.named)
    with problems.noted():
        _refuse_twice(named, file=file)
    values = {spelt.get(label, label): each for label, each in scored.values.items()}
    return Scored(named, values)


def _refuse_twice(named: Iterable[str], *, file: str) -> None:
    every = list(named)
    twice = next((name for name in every if every.count(name) > 1), None)
    if twice is not None:
        raise errors.CannotScore(f"{file} has two columns of scores of the class {twice!r}")
