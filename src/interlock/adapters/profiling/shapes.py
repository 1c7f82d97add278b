"""What columns several files have together, and which of the files does not fit; no row is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from interlock.adapters.profiling import types
from interlock.adapters.profiling.types import Family
from interlock.domain.drift.profile import Profile

Schema = Mapping[str, pl.DataType]


def union(schemas: Sequence[Schema]) -> dict[str, pl.DataType]:
    """Return every column of any file, with the type that all of them have a place in."""
    names = dict.fromkeys(name for schema in schemas for name in schema)
    return {
        name: types.widest([schema[name] for schema in schemas if name in schema]) for name in names
    }


def misfits(files: Mapping[str, Schema], *, like: Profile | None) -> dict[str, str]:
    """Return the files in which a column is of another type than in others, with what is wrong.

    The reference says which type is the right one where any file has it, else the first file does.
    """
    known = {each.name: types.of_name(each.type) for each in like.columns} if like else {}
    bad: dict[str, str] = {}
    for column in union(tuple(files.values())):
        typed = {
            name: schema[column]
            for name, schema in files.items()
            if column in schema and types.family(schema[column]) is not Family.NULL
        }
        bad = _odd(column, typed, known.get(column)) | bad
    return bad


def _odd(column: str, typed: Mapping[str, pl.DataType], family: Family | None) -> dict[str, str]:
    dtypes = tuple(typed.values())
    right = next((each for each in dtypes if types.family(each) is family), (*dtypes, None)[0])
    return {
        name: f"has column {column!r} as {dtype}, where others have {right}"
        for name, dtype in typed.items()
        if right is not None and types.family(dtype) is not types.family(right)
    }
