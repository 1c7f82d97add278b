"""Reads files as batches of columns with one schema, and checks that they do not change."""

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
from interlock.domain.basics.refusal import Refusal
from interlock.domain.drift.profile import Profile
from interlock.domain.model import monitor_rules
from interlock.services import tables

_HEAD_BYTES = 65_536
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError)
_HINT = "write Parquet or CSV that may be read, with one row per example"
_TEXTS = (".csv", ".tsv")
BATCH = 131_072
"""Rows per batch."""

Stamp = tuple[int, int, int]


class UnreadableFiles(errors.CannotProfile):
    """Some of several files cannot be used. `files` has the reason for each: `cannot be read:
    …`."""

    def __init__(self, files: Mapping[str, str]) -> None:
        name, reason = next(iter(files.items()))
        super().__init__(f"{name} {reason}", hint=_HINT)
        self.files = files


@dataclass(frozen=True, slots=True)
class WantedColumns:
    """The columns to read, by patterns of their names."""

    include: Sequence[str] = ("*",)
    exclude: Sequence[str] = ()

    def has(self, name: str) -> bool:
        return monitor_rules.matches(name, self.include) and not monitor_rules.matches(
            name, self.exclude
        )


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file as polars scans it; `stamp` changes when a local file changes."""

    name: str
    frame: pl.LazyFrame
    schema: Mapping[str, pl.DataType]
    rows: int
    stamp: Stamp | None
    is_parquet: bool
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sources:
    """Files that are read as one: the wanted columns of all files, each with its widest type. A
    file without a column has missing values."""

    files: tuple[DataFile, ...]
    schema: Mapping[str, pl.DataType]

    @classmethod
    def open(
        cls, names: Sequence[str], *, wanted: WantedColumns, like: Profile | None = None
    ) -> Sources:
        """Open all files; raises UnreadableFiles for those that cannot be read or do not fit."""
        files, reasons = _open_each(names, wanted=wanted, like=like)
        schemas = {each.name: each.schema for each in files}
        reasons |= shapes.misfits(schemas, like=like)
        if reasons:
            raise UnreadableFiles(reasons)
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
        """True if a column can be read without the others."""
        return all(file.is_parquet for file in self.files)

    def unreadable(self, name: str) -> Unreadable | None:
        """The values of a column with another type, in all files; None if there are none."""
        parts = [file.unreadable[name] for file in self.files if name in file.unreadable]
        return Unreadable(sum(each.rows for each in parts), parts[0].example) if parts else None

    def lacking(self, names: Container[str]) -> dict[str, tuple[str, ...]]:
        """Return the columns among `names` that a file with rows lacks and other files have."""
        missing = {
            file.name: tuple(n for n in self.schema if n in names and n not in file.schema)
            for file in self.files
            if file.rows
        }
        return {name: columns for name, columns in missing.items() if columns}

    def batches(self, columns: Sequence[pl.Expr]) -> Iterator[pl.DataFrame]:
        """Read the columns, a batch at a time, in the order of the rows; raises UnreadableFiles."""
        for file in self.files:
            with _polars_errors(file.name):
                yield from file.frame.select(columns).collect_batches(
                    chunk_size=BATCH, engine="streaming"
                )

    def require_unchanged(self) -> None:
        """Raises OutsideFailure if a file changed since it was opened."""
        for file in self.files:
            if file.stamp is not None and file.stamp != _stamp(file.name):
                raise errors.OutsideFailure(
                    f"{file.name} changed while it was read",
                    hint="run it again when the file is complete",
                )


def _open_each(
    names: Sequence[str], *, wanted: WantedColumns, like: Profile | None
) -> tuple[list[DataFile], dict[str, str]]:
    files: list[DataFile] = []
    reasons: dict[str, str] = {}
    for name in names:
        try:
            files.append(_open(name, wanted=wanted, like=like))
        except UnreadableFiles as error:
            reasons |= error.files
    return files, reasons


def _open(name: str, *, wanted: WantedColumns, like: Profile | None) -> DataFile:
    with _polars_errors(name):
        stamp = None if "://" in name else _stamp(name)
        if refusal := _refusal(name, wanted):
            raise UnreadableFiles({name: str(refusal)})
        is_parquet = _is_parquet(name)
        table = _scan_parquet(name) if is_parquet else _scan_csv(name, wanted=wanted, like=like)
        rows = table.frame.select(pl.len()).collect(engine="streaming").item()
    schema = {column: dtype for column, dtype in table.schema.items() if wanted.has(column)}
    return DataFile(name, table.frame, schema, rows, stamp, is_parquet, table.unreadable)


def _with_all(file: DataFile, schema: Mapping[str, pl.DataType]) -> DataFile:
    """Add the columns that the file lacks, with missing values; convert durations to seconds."""
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
        status = Path(name).stat()
    except OSError as error:
        raise UnreadableFiles({name: f"cannot be read: {error.strerror or error}"}) from error
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFiles({name: "is not a file"})
    return status.st_size, status.st_mtime_ns, status.st_ino


def _scan_parquet(name: str) -> Table:
    frame = pl.scan_parquet(name, glob=False, hive_partitioning=False, low_memory=True)
    return Table(frame, dict(frame.collect_schema()))


def _scan_csv(name: str, *, wanted: WantedColumns, like: Profile | None) -> Table:
    _refuse_bytes(name)
    columns = like.columns if like else ()
    known = {each.name: types.of_name(each.type) for each in columns}
    return csv_files.scan(name, wanted=wanted.has, known=known)


def _refuse_bytes(name: str) -> None:
    """Refuse binary files, which polars would read as CSV: a Parquet file without its beginning, or
    UTF-16."""
    if "://" in name:
        return
    with Path(name).open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if not head:
            raise UnreadableFiles({name: "cannot be read: it is empty"})
        if b"\0" in head:
            raise UnreadableFiles({name: "is neither Parquet nor CSV in UTF-8"})


def _refusal(name: str, wanted: WantedColumns) -> Refusal | None:
    """The reason why a file is refused; remote files are not checked."""
    if "://" in name:
        return None
    columns = {"include": wanted.include, "exclude": wanted.exclude}
    return tables.refusal(Path(name), use=tables.ReadMode.STREAMED, **columns)


def _is_parquet(name: str) -> bool:
    if "://" in name:
        return not name.lower().endswith(_TEXTS)
    return tables.is_parquet(Path(name))


@contextmanager
def _polars_errors(name: str) -> Iterator[None]:
    """Convert errors of polars to an error with the name of the file."""
    try:
        yield
    except _FAILURES as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableFiles({name: f"cannot be read: {reason}"}) from error
