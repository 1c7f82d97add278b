"""Names the columns of rows with a set of labels each, and encodes the sets; `target_<label>` and
`prediction_<label>` are true or false."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from interlock.adapters.scoring import columns
from interlock.adapters.scoring.file_errors import FileErrors
from interlock.domain.model.column_map import PREDICTED, TRUE, ColumnMap

if TYPE_CHECKING:
    from interlock.adapters.scoring.predictions import Floats

_HINT = "for each label, write target_<label> and prediction_<label> with true or false"


def labels(names: Iterable[str]) -> tuple[str, ...]:
    """Return the labels among some columns, sorted."""
    return tuple(sorted(n.removeprefix(TRUE) for n in names if n.startswith(TRUE)))


def resolve(
    names: ColumnMap, present: Iterable[str], *, file: str, problems: FileErrors
) -> ColumnMap:
    """Return the names with the two columns of each label as flags; a label with one column is a
    problem."""
    known = dict.fromkeys(present)
    true, predicted = (
        {column.removeprefix(prefix) for column in known if column.startswith(prefix)}
        for prefix in (TRUE, PREDICTED)
    )
    if not true | predicted:
        problems.add(f"{file} has no column 'target_<label>'", hint=_HINT)
    for prefix, lacking in ((PREDICTED, true - predicted), (TRUE, predicted - true)):
        if lacking:
            absent = columns.enumerated(tuple(repr(prefix + label) for label in sorted(lacking)))
            problems.add(f"{file} has no column {absent}", hint=_HINT)
    flags = tuple(
        prefix + label for label in sorted(true & predicted) for prefix in (TRUE, PREDICTED)
    )
    return replace(names, measured=(*names.measured, *flags), flags=(*names.flags, *flags))


def encode(read: Mapping[str, Floats], prefix: str) -> Floats:
    """Return a number for the set of each row [rows], from flags by column; equal numbers are equal
    sets of the same possible labels. It is 52 bits of a SHA-256, exact as a double."""
    known = labels(read)
    flags = np.column_stack([read[prefix + label] > 0 for label in known])
    packed = np.packbits(flags, axis=1)
    sets, place = np.unique(packed, axis=0, return_inverse=True)
    chosen = np.unpackbits(sets, axis=1, count=len(known)).astype(bool)
    numbers = [_number(known, np.flatnonzero(row)) for row in chosen]
    return np.array(numbers, dtype=np.float64)[place.ravel()]


def _number(known: tuple[str, ...], chosen: Iterable[int]) -> int:
    text = "\n".join([*known, "", *(known[index] for index in chosen)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 12
