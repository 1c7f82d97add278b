"""The common schema of several files, and the files that do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from interlock.adapters.profiling import types
from interlock.adapters.profiling.types import Family
from interlock.domain.drift.profile import Profile

Schema = Mapping[str, pl.DataType]


def union(schemas: Sequence[Schema]) -> dict[str, pl.DataType]:
    """Return the columns of all files, each with its widest type."""
    names = dict.fromkeys(name for schema in schemas for name in schema)
    return {
        name: types.widest([schema[name] for schema in schemas if name in schema]) for name in names
    }


def misfits(files: Mapping[str, Schema], *, like: Profile | None) -> dict[str, str]:
    """Return the files with a column of another type than in other files, with the reason.

    The right type is the one in the reference if any file has it, else the one in the first file.
    """
    known = {each.name: types.of_name(each.type) for each in like.columns} if like else {}
    reasons: dict[str, str] = {}
    for column in union(tuple(files.values())):
        typed = {
            name: schema[column]
            for name, schema in files.items()
            if column in schema and types.family(schema[column]) is not Family.NULL
        }
        reasons = _odd(column, typed, known.get(column)) | reasons
    return reasons


def _odd(column: str, typed: Mapping[str, pl.DataType], family: Family | None) -> dict[str, str]:
    dtypes = tuple(typed.values())
    right = next((each for each in dtypes if types.family(each) is family), (*dtypes, None)[0])
    return {
        name: f"has column {column!r} as {dtype}, where others have {right}"
        for name, dtype in typed.items()
        if right is not None and types.family(dtype) is not types.family(right)
    }
