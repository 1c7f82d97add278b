"""Limits for data files, and the sentences about a file over them. Nothing is read here.

A few megabytes of Parquet can hold gigabytes, of which the file itself says what it likes. So a
file is measured before it is read, by what it says and by what comes out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST_HELD_ROWS = 20_000_000
"""Rows of a file that is held whole: predictions, and live rows with their labels."""
MOST_HELD_BYTES = 1 << 30
"""Of its columns that are read, decoded."""
MOST_ROWS = 200_000_000
"""Rows of a file that is read a batch at a time: a reference, live data."""
MOST_COLUMNS = 20_000
LONGEST_NAME = 1_000
"""Characters of a column's name."""
LONGEST_TEXT_BYTES = 4_096
"""Of one id, class or slice value in UTF-8: they are named in sentences and records."""
LONGEST_LINE_BYTES = 16 << 20
"""Of a CSV: a reader holds a line whole."""
MEMORY_BYTES = 2 << 30
"""What decoding a file once, to see whether it can be, may take."""
SECONDS = 600
"""How long that may take."""
TEXT_CELL_BYTES = 16
"""What polars holds of a cell of text besides the text: https://docs.pola.rs, `String`."""
UNREADABLE = "cannot be read: "
"""How the clause begins that says what a reader says of a file that is damaged."""
_MIB = 1 << 20


class ReadMode(StrEnum):
    """How a file is to be read: some columns whole, or by batches, of a few columns or of all."""

    HELD = "held"
    STREAMED = "streamed"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class TableShape:
    """What a file says of itself: its rows, and the bytes that a row of each column takes at
    least, of the columns that are read."""

    rows: int
    names: tuple[str, ...]
    widths: Mapping[str, int]


def objection(shape: TableShape, use: ReadMode) -> str:
    """Return why a file of this shape is not read, "" where it is."""
    most = MOST_HELD_ROWS if use is ReadMode.HELD else MOST_ROWS
    if reason := of_names(shape.names):
        return reason
    if shape.rows > most:
        return f"has {shape.rows:,} rows, and at most {most:,} are read"
    held = shape.rows * sum(shape.widths.values())
    return of_bytes(held) if use is ReadMode.HELD else ""


def of_names(names: Iterable[str]) -> str:
    """Return the problem with the number of columns or the length of a name, or ""."""
    known = list(names)
    if len(known) > MOST_COLUMNS:
        return f"has {len(known):,} columns, and at most {MOST_COLUMNS:,} are read"
    longest = max(known, key=len, default="")
    if len(longest) > LONGEST_NAME:
        return (
            f"has a column whose name has {len(longest):,} characters, and at most "
            f"{LONGEST_NAME:,} are read: {longest[:20]!r}…"
        )
    return ""


def of_bytes(held: int) -> str:
    """Say that columns take too much; `held` is what they take, decoded."""
    if held <= MOST_HELD_BYTES:
        return ""
    return (
        f"takes {held // _MIB:,} MiB once it is decoded, and at most {MOST_HELD_BYTES // _MIB:,} "
        "MiB are read"
    )


def of_text(column: str, longest: int) -> str:
    """Say that a column has a value that is too long; `longest` in bytes."""
    if longest <= LONGEST_TEXT_BYTES:
        return ""
    return (
        f"has a text of {longest:,} bytes in column {column!r}, and at most "
        f"{LONGEST_TEXT_BYTES:,} are read"
    )


def of_lines(*, rows: int, columns: int, size_bytes: int, use: ReadMode) -> str:
    """Return the problem with the lines of a CSV, or "". More cells than bytes means empty rows."""
    cells = rows * columns
    held = cells * TEXT_CELL_BYTES + size_bytes
    if use is ReadMode.HELD:
        return of_bytes(held)
    is_hollow = cells > size_bytes and held > MOST_HELD_BYTES
    return f"has {cells:,} cells in {size_bytes:,} bytes: its lines are empty" if is_hollow else ""


def undecodable(how: str) -> str:
    """Say that the process that decodes did not survive a file; `how` names its end."""
    return (
        f"cannot be decoded in {MEMORY_BYTES // _MIB:,} MiB of memory and {SECONDS} seconds, or is "
        f"damaged so that it breaks its reader ({how})"
    )
