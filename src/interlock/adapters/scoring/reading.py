"""Reads the relevant columns of a predictions file, and renames them to id, target, prediction and
score_<class>; the file name suffix is ignored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from interlock import errors
from interlock.adapters.scoring.file_errors import FileErrors
from interlock.domain.basics import canonical_text, csv_dialect
from interlock.domain.model.column_map import (
    ID,
    PREDICTED,
    PREDICTION,
    SCORE,
    TARGET,
    TRUE,
    ColumnMap,
)
from interlock.services import tables
from interlock.services.tables import cells

_TWICE = r"_duplicated_\d+$"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class OwnColumns:
    """The columns to read, by the file's own names."""

    columns: ColumnMap
    slices: tuple[str, ...]

    @property
    def patterns(self) -> list[str]:
        scores = [f"{SCORE}*"] if self.columns.has_prefix else []
        labels = [f"{TRUE}*", f"{PREDICTED}*"] if self.columns.has_labels else []
        return [*self.columns.required, *self.columns.measured, *self.slices, *scores, *labels]

    @property
    def hint(self) -> str:
        names = [*self.columns.required, *([f"{SCORE}<class>"] if self.columns.has_prefix else [])]
        names += [f"{TRUE}<label>", f"{PREDICTED}<label>"] if self.columns.has_labels else []
        return f"write Parquet or CSV with one row per example: {', '.join(names)}"

    def is_score(self, column: str) -> bool:
        if self.columns.has_prefix:
            return column.startswith(SCORE)
        return any(own == column for _, own in self.columns.scores or ())

    def of(self, columns: Iterable[str]) -> list[str]:
        wanted = {*self.columns.required, *self.columns.measured, *self.slices}
        return [c for c in columns if c in wanted or self.is_score(c) or self.is_label(c)]

    def is_label(self, column: str) -> bool:
        return self.columns.has_labels and column.startswith((TRUE, PREDICTED))

    def renamed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the columns under the names of this package. An id of several columns is a struct
        of them; without an id it is the number of the row, from 1."""
        own = self.columns
        if own.is_plain:
            return frame
        ids: pl.Expr = pl.int_range(1, pl.len() + 1)
        if own.id:
            ids = pl.col(own.id[0]) if len(own.id) == 1 else pl.struct(own.id)
        more = (c for c in (*own.measured, own.group) if c in frame.columns)
        labels = filter(self.is_label, frame.columns)
        kept = list(dict.fromkeys((*self.slices, *more, *labels)))
        if not own.has_answers:
            return frame.select(ids.alias(ID), *kept)
        scores = own.scores
        if scores is None:
            scores = tuple((c.removeprefix(SCORE), c) for c in frame.columns if self.is_score(c))
        return frame.select(
            ids.alias(ID),
            pl.col(own.target).alias(TARGET),
            pl.col(own.prediction).alias(PREDICTION),
            *(pl.col(column).alias(f"{SCORE}{label}") for label, column in scores),
            *kept,
        )


def read_frame(path: Path, *, name: str, wanted: OwnColumns) -> pl.DataFrame:
    """Return id, target, prediction, the slice columns and every score column, as stored.

    A file that starts with `PAR1` is Parquet, every other file is CSV, whose columns are text.
    Raises CannotScore for a file that cannot be read, is too large, has no rows, or lacks a column.
    """
    kind = "file"
    try:
        refusal = tables.refusal(path, use=tables.ReadMode.HELD, include=wanted.patterns)
        if refusal:
            raise errors.CannotScore(f"{name} {refusal}", hint=wanted.hint)
        kind = "Parquet" if tables.is_parquet(path) else "CSV"
        read_rows = _read_parquet if kind == "Parquet" else _read_csv
        return wanted.renamed(read_rows(path, name, wanted))
    except OSError as error:
        raise errors.CannotScore(
            f"{name} cannot be read: {error.strerror or error}",
            hint="name a file of predictions that exists and that you may read",
        ) from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotScore(
            f"{name} is not readable {kind}: {reason}", hint=wanted.hint
        ) from error


def _normal(columns: Iterable[str]) -> dict[str, str]:
    """Map each column to its name in the Unicode form NFC, unless two names would become one."""
    normalized = {column: unicodedata.normalize("NFC", column) for column in columns}
    return normalized if len(set(normalized.values())) == len(normalized) else {}


def _read_parquet(path: Path, name: str, wanted: OwnColumns) -> pl.DataFrame:
    # Polars reads the open file, not the path, because it expands * and ? in a path.
    with path.open("rb") as file:
        schema = pl.read_parquet_schema(file)
        names = _normal(schema)
        called = {names.get(column, column): dtype for column, dtype in schema.items()}
        rows = pl.scan_parquet(path, glob=False, hive_partitioning=False).select(pl.len())
        _require(called, rows.collect().item(), name=name, wanted=wanted)
        chosen = {*wanted.of(called)}
        columns = [column for column in schema if names.get(column, column) in chosen]
        file.seek(0)
        return pl.read_parquet(file, columns=columns).rename(names, strict=False)


def _read_csv(path: Path, name: str, wanted: OwnColumns) -> pl.DataFrame:
    frame = _read_text(path, wanted)
    _require(frame.schema, frame.height, name=name, wanted=wanted)
    chosen = frame.select(wanted.of(frame.columns))
    if refusal := cells.check_size(chosen):
        raise errors.CannotScore(f"{name} {refusal}", hint=wanted.hint)
    return chosen


def _read_text(path: Path, wanted: OwnColumns) -> pl.DataFrame:
    # Values are read as text: a reader that infers types turns the id 007 into 7.
    data = path.read_bytes()
    if not data.strip():
        return pl.DataFrame()
    if data.startswith(_UTF16):
        raise ValueError("it is encoded as UTF-16, and must be UTF-8")
    separator = _separator(data, wanted.columns)
    frame = pl.read_csv(data, infer_schema=False, encoding="utf8", separator=separator)
    frame = frame.rename(_normal(frame.columns))
    return (
        frame if separator == csv_dialect.COMMA else frame.with_columns(_with_points(frame, wanted))
    )


def _separator(data: bytes, columns: ColumnMap) -> str:
    head = data[: csv_dialect.HEAD_BYTES].decode("utf-8", errors="replace")
    names = head.partition("\n")[0].removeprefix("\ufeff").replace('"', "").split(csv_dialect.COMMA)
    is_plain = {*columns.required} <= {name.strip() for name in names}
    return csv_dialect.COMMA if is_plain else csv_dialect.separator(head)


def _with_points(frame: pl.DataFrame, wanted: OwnColumns) -> pl.DataFrame:
    """Convert numbers with a decimal comma, which spreadsheets write together with `;`; ids and
    slices are texts, and stay."""
    own = wanted.columns
    measured = (own.target, own.prediction, *own.measured)
    numbers = [c for c in frame.columns if c in measured or wanted.is_score(c)]
    decimal = pl.col(numbers).str.strip_chars().str.replace(csv_dialect.DECIMAL_COMMA, "$1.$2")
    return frame.select(decimal)


def _require(
    columns: Mapping[str, pl.DataType], rows: int, *, name: str, wanted: OwnColumns
) -> None:
    """Refuse a table without rows, with missing columns, with a column twice, or with a type that
    cannot be an id, class, number or slice."""
    if not columns and not rows:
        raise errors.CannotScore(f"{name} is empty", hint=wanted.hint)
    problems = FileErrors()
    for column in wanted.columns.required:
        if column not in columns:
            problems.add(
                f"{name} has no column {column!r}{_near(column, columns)}", hint=wanted.hint
            )
    for column in wanted.slices:
        if column not in columns:
            problems.add(
                f"{name} has no column {column!r}, which is required as a slice"
                + _near(column, columns),
                hint=f"write {column!r} beside the predictions, or remove the slice",
            )
    for column in wanted.of(columns):
        if not cells.is_flat(columns[column]):
            problems.add(
                f"{name}: column {column!r} holds {columns[column]}, and text, numbers, booleans "
                "or dates are needed",
                hint=f"write one value a row to {column!r}",
            )
    for column in dict.fromkeys(map(_once, filter(_is_twice, columns))):
        problems.add(f"{name} has the column {column!r} more than once")
    if not rows:
        problems.add(f"{name} has no rows", hint=wanted.hint)
    problems.refuse()


def _is_twice(column: str) -> bool:
    """True if the name is like those that polars gives to a duplicate column."""
    return re.search(_TWICE, column) is not None


def _once(column: str) -> str:
    return re.sub(_TWICE, "", column)


def _near(column: str, columns: Iterable[str]) -> str:
    """Suggest a column with a similar name."""
    twin = canonical_text.explain(column, tuple(columns))
    return f" ({twin})" if twin else ""
