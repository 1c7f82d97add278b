"""Files as batches of columns: opened, held to one shape, and seen to be the same at the end."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import polars as pl

from interlock import errors
from interlock.adapters.profiling import types
from interlock.domain.drift.profile import Profile

_MAGIC = b"PAR1"
_HEAD_BYTES = 65_536
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError)
_HINT = "write Parquet or CSV with one row per example and the same columns in every part"
BATCH = 131_072
"""Rows that are read at once."""

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """One file as polars scans it; `stamp` tells a local one from itself later."""

    name: str
    frame: pl.LazyFrame
    schema: Mapping[str, pl.DataType]
    rows: int
    stamp: Stamp | None
    is_parquet: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """Files that are read as one: the first one's columns, each with the type that all parts have
    a place in."""

    files: tuple[Source, ...]
    schema: Mapping[str, pl.DataType]

    @classmethod
    def open(cls, names: Sequence[str], *, like: Profile | None = None) -> Sources:
        """Open them all; raises CannotProfile for one that cannot be read or does not fit."""
        files = tuple(_open(name, like=like) for name in names)
        for other in files[1:]:
            _require_same_shape(files[0], other)
        schema = {
            name: types.widest([file.schema[name] for file in files]) for name in files[0].schema
        }
        return cls(files, schema)

    @property
    def name(self) -> str:
        return self.files[0].name if len(self.files) == 1 else f"{self.files[0].name} and others"

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def are_parquet(self) -> bool:
        """Whether a column can be read without the others."""
        return all(file.is_parquet for file in self.files)

    def columns(self, *, include: Sequence[str], exclude: Sequence[str]) -> list[str]:
        """Names that are asked for, in the data's order."""
        return [
            name
            for name in self.schema
            if any(fnmatchcase(name, pattern) for pattern in include)
            and not any(fnmatchcase(name, pattern) for pattern in exclude)
        ]

    def batches(self, columns: Sequence[pl.Expr]) -> Iterator[pl.DataFrame]:
        """Read the columns, a batch at a time, in the order of the rows."""
        for file in self.files:
            with _told(file.name):
                yield from file.frame.select(columns).collect_batches(
                    chunk_size=BATCH, engine="streaming"
                )

    def see_unchanged(self) -> None:
        """Raises OutsideFailure where a file is not what it was when it was opened."""
        for file in self.files:
            if file.stamp is not None and file.stamp != _stamp(file.name):
                raise errors.OutsideFailure(
                    f"{file.name} changed while it was read",
                    hint="compare data that nobody writes any more, or try again",
                )


def _open(name: str, *, like: Profile | None) -> Source:
    with _told(name):
        stamp = None if "://" in name else _stamp(name)
        is_parquet = _is_parquet(name)
        frame = _scan_parquet(name) if is_parquet else _scan_csv(name, like=like)
        schema = dict(frame.collect_schema())
        rows = frame.select(pl.len()).collect(engine="streaming").item()
    return Source(name, frame, schema, rows, stamp, is_parquet)


def _stamp(name: str) -> Stamp:
    try:
        found = Path(name).stat()
    except OSError as error:
        raise errors.CannotProfile(
            f"{name} cannot be read: {error.strerror or error}",
            hint="name files of data that exist and that you may read",
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise errors.CannotProfile(f"{name} is no file", hint="name the files themselves")
    return found.st_size, found.st_mtime_ns, found.st_ino


def _scan_parquet(name: str) -> pl.LazyFrame:
    return pl.scan_parquet(name, glob=False, hive_partitioning=False, low_memory=True)


def _scan_csv(name: str, *, like: Profile | None) -> pl.LazyFrame:
    # Guessed from all rows, or a text in the last of them would be no finding but an error; what
    # the reference knows as text stays text: the codes 007 and 1e5 are no numbers.
    _refuse_bytes(name)
    texts = {c.name: pl.String for c in like.columns if c.type == "String"} if like else {}
    header = pl.scan_csv(name, glob=False, infer_schema=False).collect_schema()
    known = {column: kind for column, kind in texts.items() if column in header}
    return pl.scan_csv(
        name, glob=False, schema_overrides=known, infer_schema_length=None, try_parse_dates=True
    )


def _refuse_bytes(name: str) -> None:
    """Bytes that no text has would be read as one, with columns of nonsense: a Parquet that was cut
    off at its start, UTF-16."""
    if "://" in name:
        return
    with Path(name).open("rb") as file:
        if b"\0" in file.read(_HEAD_BYTES):
            raise errors.CannotProfile(f"{name} is neither Parquet nor CSV in UTF-8", hint=_HINT)


def _is_parquet(name: str) -> bool:
    if "://" in name:
        return not name.lower().endswith(".csv")
    with Path(name).open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What polars says of a file, as an error of ours that names it."""
    try:
        yield
    except _FAILURES as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotProfile(f"{name} cannot be read: {reason}", hint=_HINT) from error


def _require_same_shape(one: Source, other: Source) -> None:
    for name in {**one.schema, **other.schema}:
        for has, lacks in ((one, other), (other, one)):
            if name not in lacks.schema:
                raise errors.CannotProfile(
                    f"{lacks.name} has no column {name!r}, and {has.name} has it", hint=_HINT
                )
        kinds = [types.family(each.schema[name]) for each in (one, other)]
        if kinds[0] is not kinds[1] and types.Family.NULL not in kinds:
            raise errors.CannotProfile(
                f"column {name!r} is {other.schema[name]} in {other.name} and "
                f"{one.schema[name]} in {one.name}",
                hint=_HINT,
            )
