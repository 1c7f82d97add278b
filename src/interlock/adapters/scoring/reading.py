"""A predictions file to a frame of the columns that count, whatever its suffix says."""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from interlock import errors
from interlock.adapters.scoring.complaints import Complaints
from interlock.domain import csv_dialect, spelling

ID, TARGET, PREDICTION, SCORE = "id", "target", "prediction", "score_"
_MAGIC = b"PAR1"
_TWICE = r"_duplicated_\d+$"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HINT = "write Parquet or CSV with one row per example: id, target, prediction, score_<class>"


def read_frame(path: Path, *, name: str, slices: tuple[str, ...]) -> pl.DataFrame:
    """Return id, target, prediction, the slice columns and every score column, as stored.

    Parquet is told by its first four bytes and all else is CSV, in which every column is text.
    Raises CannotScore for what cannot be read, has no rows, or lacks a column.
    """
    try:
        _refuse_pipe(path, name=name)
        is_parquet = _starts_as_parquet(path)
        frame = _read_parquet(path, slices) if is_parquet else _read_csv(path)
    except OSError as error:
        raise errors.CannotScore(
            f"{name} cannot be read: {error.strerror or error}",
            hint="name a file of predictions that exists and that you may read",
        ) from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError) as error:
        kind = "Parquet" if _starts_as_parquet(path) else "CSV"
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotScore(f"{name} is no readable {kind}: {reason}", hint=_HINT) from error
    _require(frame, name=name, slices=slices)
    return frame.select(_wanted(frame.columns, slices))


def _normal(columns: Iterable[str]) -> dict[str, str]:
    """Each column to its name in the form in which names are looked for; two of one stay two."""
    found = {column: unicodedata.normalize("NFC", column) for column in columns}
    return found if len(set(found.values())) == len(found) else {}


def _refuse_pipe(path: Path, *, name: str) -> None:
    """What can be read but once would be told by its first bytes, and then lack them."""
    if stat.S_ISFIFO(path.stat().st_mode):
        raise errors.CannotScore(f"{name} is a pipe, and no file", hint="write it to a file first")


def _starts_as_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _read_parquet(path: Path, slices: tuple[str, ...]) -> pl.DataFrame:
    # The open file, not the path: polars expands * and ? in a path.
    with path.open("rb") as file:
        names = _normal(pl.read_parquet_schema(file))
        wanted = {*_wanted(list(names.values()), slices)}
        file.seek(0)
        columns = [column for column, name in names.items() if name in wanted]
        # A file that lacks one is read whole, to say what it has in its place.
        is_whole = not {ID, TARGET, PREDICTION, *slices} <= wanted
        return pl.read_parquet(file, columns=None if is_whole else columns).rename(
            names, strict=False
        )


def _read_csv(path: Path) -> pl.DataFrame:
    # As text: a reader that guesses makes the id 007 a 7.
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
    """Numbers with a decimal comma, as a spreadsheet writes them beside `;`; ids and slices are
    texts, and stay."""
    numbers = [c for c in frame.columns if c in (TARGET, PREDICTION) or c.startswith(SCORE)]
    decimal = pl.col(numbers).str.strip_chars().str.replace(csv_dialect.DECIMAL_COMMA, "$1.$2")
    return frame.select(decimal)


def _wanted(columns: list[str], slices: tuple[str, ...]) -> list[str]:
    asked = {ID, TARGET, PREDICTION, *slices}
    return [name for name in columns if name in asked or name.startswith(SCORE)]


def _require(frame: pl.DataFrame, *, name: str, slices: tuple[str, ...]) -> None:
    """Refuse a table without rows, and all columns at once that are not there or are twice."""
    if frame.width == 0 and frame.height == 0:
        raise errors.CannotScore(f"{name} is empty", hint=_HINT)
    found = Complaints()
    for column in (ID, TARGET, PREDICTION):
        if column not in frame.columns:
            found.add(f"{name} has no column {column!r}{_near(column, frame)}", hint=_HINT)
    for column in slices:
        if column not in frame.columns:
            found.add(
                f"{name} has no column {column!r}, which is asked for as a slice"
                + _near(column, frame),
                hint=f"write {column!r} beside the predictions, or ask for no such slice",
            )
    for column in dict.fromkeys(map(_once, filter(_is_twice, frame.columns))):
        found.add(f"{name} has the column {column!r} more than once")
    if frame.height == 0:
        found.add(f"{name} has no rows", hint=_HINT)
    found.refuse()


def _is_twice(column: str) -> bool:
    """As polars renames a column that it has read already."""
    return re.search(_TWICE, column) is not None


def _once(column: str) -> str:
    return re.sub(_TWICE, "", column)


def _near(column: str, frame: pl.DataFrame) -> str:
    """A column that looks like it: of another case, with blanks."""
    twin = spelling.explain(column, frame.columns)
    return f" ({twin})" if twin else ""
