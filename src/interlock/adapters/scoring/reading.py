"""A predictions file to a frame of the columns that count, whatever its suffix says."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import polars as pl

from interlock import errors

ID, TARGET, PREDICTION, SCORE = "id", "target", "prediction", "score_"
_MAGIC = b"PAR1"
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
        columns = _wanted(list(pl.read_parquet_schema(file)), slices)
        file.seek(0)
        return pl.read_parquet(file, columns=columns)


def _read_csv(path: Path) -> pl.DataFrame:
    # As text: a reader that guesses makes the id 007 a 7.
    data = path.read_bytes()
    if not data.strip():
        return pl.DataFrame()
    if data.startswith(_UTF16):
        raise ValueError("it is encoded as UTF-16, and must be UTF-8")
    return pl.read_csv(data, infer_schema=False, encoding="utf8")


def _wanted(columns: list[str], slices: tuple[str, ...]) -> list[str]:
    asked = {ID, TARGET, PREDICTION, *slices}
    return [name for name in columns if name in asked or name.startswith(SCORE)]


def _require(frame: pl.DataFrame, *, name: str, slices: tuple[str, ...]) -> None:
    if frame.width == 0 and frame.height == 0:
        raise errors.CannotScore(f"{name} is empty", hint=_HINT)
    for column in (ID, TARGET, PREDICTION):
        if column not in frame.columns:
            raise errors.CannotScore(f"{name} has no column {column!r}", hint=_HINT)
    for column in slices:
        if column not in frame.columns:
            raise errors.CannotScore(
                f"{name} has no column {column!r}, which is asked for as a slice",
                hint=f"write {column!r} beside the predictions, or ask for no such slice",
            )
    twice = [c for c in frame.columns if re.search(r"_duplicated_\d+$", c)]
    if twice:
        column = re.sub(r"_duplicated_\d+$", "", twice[0])
        raise errors.CannotScore(f"{name} has the column {column!r} more than once")
    if frame.height == 0:
        raise errors.CannotScore(f"{name} has no rows", hint=_HINT)
