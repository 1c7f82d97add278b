"""Limits for data files, and the sentences about files that exceed them. Nothing is read here.

A few megabytes of Parquet can decode to gigabytes, and the sizes in a file can be wrong. So a file
is measured before it is read: by its own sizes, and by decoding it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.basics.refusal import Refusal

MOST_HELD_ROWS = 20_000_000
"""Rows of a file that is read whole: predictions, and live rows with their labels."""
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
"""Of a CSV: a reader keeps a whole line in memory."""
MEMORY_BYTES = 2 << 30
"""Memory limit for decoding a file once, as a check."""
SECONDS = 600
"""Time limit for it."""
TEXT_CELL_BYTES = 16
"""Memory that polars needs for a text cell besides the text: https://docs.pola.rs, `String`."""
UNREADABLE = "cannot be read: "
"""Start of the clause with the reader's message about a damaged file."""
_MIB = 1 << 20


class ReadMode(StrEnum):
    """The way to read a file: some columns as a whole, or batches of a few columns or of all."""

    HELD = "held"
    STREAMED = "streamed"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class TableShape:
    """The declared size of a file: its rows, and the smallest size in bytes of a row of each
    column that is read."""

    rows: int
    names: tuple[str, ...]
    widths: Mapping[str, int]


def check_shape(shape: TableShape, use: ReadMode) -> Refusal | None:
    """Refuse a file with too many rows, columns or bytes."""
    most = MOST_HELD_ROWS if use is ReadMode.HELD else MOST_ROWS
    if refusal := check_names(shape.names):
        return refusal
    if shape.rows > most:
        return Refusal(f"has {shape.rows:,} rows, and at most {most:,} are read")
    held = shape.rows * sum(shape.widths.values())
    return check_bytes(held) if use is ReadMode.HELD else None


def check_names(names: Iterable[str]) -> Refusal | None:
    """Refuse too many columns, and a column with too long a name."""
    known = list(names)
    if len(known) > MOST_COLUMNS:
        return Refusal(f"has {len(known):,} columns, and at most {MOST_COLUMNS:,} are read")
    longest = max(known, key=len, default="")
    if len(longest) > LONGEST_NAME:
        return Refusal(
            f"has a column whose name has {len(longest):,} characters, and at most "
            f"{LONGEST_NAME:,} are read: {longest[:20]!r}…"
        )
    return None


def check_bytes(held: int) -> Refusal | None:
    """Refuse columns that are too large; `held` is the size of the decoded columns in bytes."""
    if held <= MOST_HELD_BYTES:
        return None
    return Refusal(
        f"takes {held // _MIB:,} MiB once it is decoded, and at most {MOST_HELD_BYTES // _MIB:,} "
        "MiB are read"
    )


def check_text(column: str, longest: int) -> Refusal | None:
    """Refuse a column with too long a value; `longest` in bytes."""
    if longest <= LONGEST_TEXT_BYTES:
        return None
    return Refusal(
        f"has a text of {longest:,} bytes in column {column!r}, and at most "
        f"{LONGEST_TEXT_BYTES:,} are read"
    )


def check_lines(*, rows: int, columns: int, size_bytes: int, use: ReadMode) -> Refusal | None:
    """Refuse a CSV that is too large, or has empty lines: then it has more cells than bytes."""
    cells = rows * columns
    held = cells * TEXT_CELL_BYTES + size_bytes
    if use is ReadMode.HELD:
        return check_bytes(held)
    if cells > size_bytes and held > MOST_HELD_BYTES:
        return Refusal(f"has {cells:,} cells in {size_bytes:,} bytes: its lines are empty")
    return None


def undecodable(how: str) -> Refusal:
    """Refuse a file that ended the process that decodes it; `how` describes that end."""
    return Refusal(
        f"cannot be decoded in {MEMORY_BYTES // _MIB:,} MiB of memory and {SECONDS} seconds, or is "
        f"damaged so that it breaks its reader ({how})"
    )
