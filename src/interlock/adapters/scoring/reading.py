"""Reads the relevant columns of a predictions file; the file name suffix is ignored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from interlock import errors
from interlock.adapters.scoring.file_errors import FileErrors
from interlock.domain.basics import canonical_text, csv_dialect
from interlock.services import tables
from interlock.services.tables import cells

ID, TARGET, PREDICTION, SCORE = "id", "target", "prediction", "score_"
_TWICE = r"_duplicated_\d+$"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HINT = "write Parquet or CSV with one row per example: id, target, prediction, score_<class>"


def read_frame(path: Path, *, name: str, slices: tuple[str, ...]) -> pl.DataFrame:
    """Return id, target, prediction, the slice columns and every score column, as stored.

    A file that starts with `PAR1` is Parquet, every other file is CSV, whose columns are text.
    Raises CannotScore for a file that cannot be read, is too large, has no rows, or lacks a column.
    """
    kind = "file"
    try:
        read = [ID, TARGET, PREDICTION, *slices, f"{SCORE}*"]
        refusal = tables.refusal(path, use=tables.ReadMode.HELD, include=read)
        if refusal:
            raise errors.CannotScore(f"{name} {refusal}", hint=_HINT)
        kind = "Parquet" if tables.is_parquet(path) else "CSV"
        read_rows = _read_parquet if kind == "Parquet" else _read_csv
        return read_rows(path, name, slices)
    except OSError as error:
        raise errors.CannotScore(
            f"{name} cannot be read: {error.strerror or error}",
            hint="name a file of predictions that exists and that you may read",
        ) from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotScore(f"{name} is not readable {kind}: {reason}", hint=_HINT) from error


def _normal(columns: Iterable[str]) -> dict[str, str]:
    """Map each column to its name in the Unicode form NFC, unless two names would become one."""
    normalized = {column: unicodedata.normalize("NFC", column) for column in columns}
    return normalized if len(set(normalized.values())) == len(normalized) else {}


def _read_parquet(path: Path, name: str, slices: tuple[str, ...]) -> pl.DataFrame:
    # Polars reads the open file, not the path, because it expands * and ? in a path.
    with path.open("rb") as file:
        schema = pl.read_parquet_schema(file)
        names = _normal(schema)
        called = {names.get(column, column): dtype for column, dtype in schema.items()}
        rows = pl.scan_parquet(path, glob=False, hive_partitioning=False).select(pl.len())
        _require(called, rows.collect().item(), name=name, slices=slices)
        wanted = {*_wanted(called, slices)}
        columns = [column for column in schema if names.get(column, column) in wanted]
        file.seek(0)
        return pl.read_parquet(file, columns=columns).rename(names, strict=False)


def _read_csv(path: Path, name: str, slices: tuple[str, ...]) -> pl.DataFrame:
    frame = _read_text(path)
    _require(frame.schema, frame.height, name=name, slices=slices)
    wanted = frame.select(_wanted(frame.columns, slices))
    if refusal := cells.check_size(wanted):
        raise errors.CannotScore(f"{name} {refusal}", hint=_HINT)
    return wanted


def _read_text(path: Path) -> pl.DataFrame:
    # Values are read as text: a reader that infers types turns the id 007 into 7.
    data = path.read_bytes()
    if not data.strip():
        return pl.DataFrame()
    if data.startswith(_UTF16):
        raise ValueError("it is encoded as UTF-16, and must be UTF-8")
    separator = _separator(data)
    frame = pl.read_csv(data, infer_schema=False, encoding="utf8", separator=separator)
    frame = frame.rename(_normal(frame.columns))
    return frame if separator == csv_dialect.COMMA else frame.with_columns(_with_points(frame))


def _separator(data: bytes) -> str:
    head = data[: csv_dialect.HEAD_BYTES].decode("utf-8", errors="replace")
    names = head.partition("\n")[0].removeprefix("\ufeff").replace('"', "").split(csv_dialect.COMMA)
    is_plain = {ID, TARGET, PREDICTION} <= {name.strip() for name in names}
    return csv_dialect.COMMA if is_plain else csv_dialect.separator(head)


def _with_points(frame: pl.DataFrame) -> pl.DataFrame:
    """Convert numbers with a decimal comma, which spreadsheets write together with `;`; ids and
    slices are texts, and stay."""
    numbers = [c for c in frame.columns if c in (TARGET, PREDICTION) or c.startswith(SCORE)]
    decimal = pl.col(numbers).str.strip_chars().str.replace(csv_dialect.DECIMAL_COMMA, "$1.$2")
    return frame.select(decimal)


def _wanted(columns: Iterable[str], slices: tuple[str, ...]) -> list[str]:
    wanted = {ID, TARGET, PREDICTION, *slices}
    return [name for name in columns if name in wanted or name.startswith(SCORE)]


def _require(
    columns: Mapping[str, pl.DataType], rows: int, *, name: str, slices: tuple[str, ...]
) -> None:
    """Refuse a table without rows, with missing columns, with a column twice, or with a type that
    cannot be an id, class, number or slice."""
    if not columns and not rows:
        raise errors.CannotScore(f"{name} is empty", hint=_HINT)
    problems = FileErrors()
    for column in (ID, TARGET, PREDICTION):
        if column not in columns:
            problems.add(f"{name} has no column {column!r}{_near(column, columns)}", hint=_HINT)
    for column in slices:
        if column not in columns:
            problems.add(
                f"{name} has no column {column!r}, which is required as a slice"
                + _near(column, columns),
                hint=f"write {column!r} beside the predictions, or remove the slice",
            )
    for column in _wanted(columns, slices):
        if not cells.is_flat(columns[column]):
            problems.add(
                f"{name}: column {column!r} holds {columns[column]}, and text, numbers, booleans "
                "or dates are needed",
                hint=f"write one value a row to {column!r}",
            )
    for column in dict.fromkeys(map(_once, filter(_is_twice, columns))):
        problems.add(f"{name} has the column {column!r} more than once")
    if not rows:
        problems.add(f"{name} has no rows", hint=_HINT)
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
