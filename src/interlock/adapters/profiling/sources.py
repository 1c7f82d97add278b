"""Files as batches of columns: opened, held to one shape, and seen to be the same at the end."""

from __future__ import annotations

import stat
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from interlock import errors
from interlock.adapters.profiling import csv_files, shapes, types
from interlock.adapters.profiling.csv_files import Table, Unreadable
from interlock.domain.drift.profile import Profile
from interlock.domain.model import monitor_rules
from interlock.services import tables

_HEAD_BYTES = 65_536
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError)
_HINT = "write Parquet or CSV that may be read, with one row per example"
_TEXTS = (".csv", ".tsv")
BATCH = 131_072
"""Rows that are read at once."""

Stamp = tuple[int, int, int]


class BadFiles(errors.CannotProfile):
    """Some files of several are of no use; the others may be. `files` says of each what is wrong:
    `cannot be read: …`."""

    def __init__(self, files: Mapping[str, str]) -> None:
        name, reason = next(iter(files.items()))
        super().__init__(f"{name} {reason}", hint=_HINT)
        self.files = files


@dataclass(frozen=True, slots=True)
class WantedColumns:
    """The columns that are read, by patterns of their names."""

    include: Sequence[str] = ("*",)
    exclude: Sequence[str] = ()

    def has(self, name: str) -> bool:
        return monitor_rules.matches(name, self.include) and not monitor_rules.matches(
            name, self.exclude
        )


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file as polars scans it; `stamp` tells a local one from itself later."""

    name: str
    frame: pl.LazyFrame
    schema: Mapping[str, pl.DataType]
    rows: int
    stamp: Stamp | None
    is_parquet: bool
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sources:
    """Files that are read as one: the wanted columns of all of them, each with the type that all
    parts have a place in. Where a part lacks a column, its values are missing."""

    files: tuple[DataFile, ...]
    schema: Mapping[str, pl.DataType]

    @classmethod
    def open(
        cls, names: Sequence[str], *, wanted: WantedColumns, like: Profile | None = None
    ) -> Sources:
        """Open them all; raises BadFiles for those that cannot be read or do not fit."""
        files, bad = _open_each(names, wanted=wanted, like=like)
        schemas = {each.name: each.schema for each in files}
        bad |= shapes.misfits(schemas, like=like)
        if bad:
            raise BadFiles(bad)
        schema = shapes.union(tuple(schemas.values()))
        return cls(tuple(_with_all(file, schema) for file in files), schema)

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

    def unreadable(self, name: str) -> Unreadable | None:
        """What a column has that is no value of its type, in all files; None where it has none."""
        found = [file.unreadable[name] for file in self.files if name in file.unreadable]
        return Unreadable(sum(each.rows for each in found), found[0].example) if found else None

    def lacking(self, names: Container[str]) -> dict[str, tuple[str, ...]]:
        """Which files have rows and not all of these columns that others have."""
        found = {
            file.name: tuple(n for n in self.schema if n in names and n not in file.schema)
            for file in self.files
            if file.rows
        }
        return {name: columns for name, columns in found.items() if columns}

    def batches(self, columns: Sequence[pl.Expr]) -> Iterator[pl.DataFrame]:
        """Read the columns, a batch at a time, in the order of the rows; raises BadFiles."""
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


def _open_each(
    names: Sequence[str], *, wanted: WantedColumns, like: Profile | None
) -> tuple[list[DataFile], dict[str, str]]:
    files: list[DataFile] = []
    bad: dict[str, str] = {}
    for name in names:
        try:
            files.append(_open(name, wanted=wanted, like=like))
        except BadFiles as error:
            bad |= error.files
    return files, bad


def _open(name: str, *, wanted: WantedColumns, like: Profile | None) -> DataFile:
    with _told(name):
        stamp = None if "://" in name else _stamp(name)
        if said := _objection(name, wanted):
            raise BadFiles({name: said})
        is_parquet = _is_parquet(name)
        table = _scan_parquet(name) if is_parquet else _scan_csv(name, wanted=wanted, like=like)
        rows = table.frame.select(pl.len()).collect(engine="streaming").item()
    schema = {column: dtype for column, dtype in table.schema.items() if wanted.has(column)}
    return DataFile(name, table.frame, schema, rows, stamp, is_parquet, table.unreadable)


def _with_all(file: DataFile, schema: Mapping[str, pl.DataType]) -> DataFile:
    """With every column: one that it lacks has missing values, and spans are seconds."""
    lacking = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in schema.items()
        if name not in file.schema
    ]
    spans = [
        types.seconds(name, dtype)
        for name, dtype in file.schema.items()
        if types.family(dtype) is types.Family.SPAN
    ]
    return replace(file, frame=file.frame.with_columns(spans).with_columns(lacking))


def _stamp(name: str) -> Stamp:
    try:
        found = Path(name).stat()
    except OSError as error:
        raise BadFiles({name: f"cannot be read: {error.strerror or error}"}) from error
    if not stat.S_ISREG(found.st_mode):
        raise BadFiles({name: "is no file"})
    return found.st_size, found.st_mtime_ns, found.st_ino


def _scan_parquet(name: str) -> Table:
    frame = pl.scan_parquet(name, glob=False, hive_partitioning=False, low_memory=True)
    return Table(frame, dict(frame.collect_schema()))


def _scan_csv(name: str, *, wanted: WantedColumns, like: Profile | None) -> Table:
    _refuse_bytes(name)
    columns = like.columns if like else ()
    known = {each.name: types.of_name(each.type) for each in columns}
    return csv_files.scan(name, wanted=wanted.has, known=known)


def _refuse_bytes(name: str) -> None:
    """Bytes that no text has would be read as one, with columns of nonsense: a Parquet that was cut
    off at its start, UTF-16."""
    if "://" in name:
        return
    with Path(name).open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if not head:
            raise BadFiles({name: "cannot be read: it is empty"})
        if b"\0" in head:
            raise BadFiles({name: "is neither Parquet nor CSV in UTF-8"})


def _objection(name: str, wanted: WantedColumns) -> str:
    """What keeps a file from being read; one behind a URL is read where it lies."""
    if "://" in name:
        return ""
    columns = {"include": wanted.include, "exclude": wanted.exclude}
    return tables.refusal(Path(name), use=tables.ReadMode.STREAMED, **columns)


def _is_parquet(name: str) -> bool:
    if "://" in name:
        return not name.lower().endswith(_TEXTS)
    return tables.is_parquet(Path(name))


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What polars says of a file, as an error of ours that names it."""
    try:
        yield
    except _FAILURES as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadFiles({name: f"cannot be read: {reason}"}) from error
