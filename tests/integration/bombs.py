"""Files of a few kilobytes that hold gigabytes, and files that say of themselves what is not so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = ("id", "target", "prediction")


def many_rows(path: Path, rows: int, *, dtype: str = "int8", groups: int = 1) -> Path:
    """A table of zeros, in so many row groups of `rows` each."""
    zeros = np.zeros(rows, dtype=dtype)
    table = pa.table(dict.fromkeys(COLUMNS, zeros))
    # A column's part in a group is one page: a reader has no choice but to decode all of it.
    with pq.ParquetWriter(path, table.schema, compression="zstd", data_page_size=1 << 30) as writer:
        for _ in range(groups):
            writer.write_table(table, row_group_size=rows)
    return path


def claim(path: Path, *, rows: int, instead: int) -> Path:
    """Write `rows` into the footer wherever it says `instead`."""
    data = path.read_bytes()
    size = int.from_bytes(data[-8:-4], "little")
    old = _varint(instead)
    footer = data[-8 - size : -8].replace(old, _varint(rows, width=len(old)))
    length = len(footer).to_bytes(4, "little")
    path.write_bytes(data[: -8 - size] + footer + length + data[-4:])
    return path


def _varint(number: int, *, width: int = 0) -> bytes:
    """As Thrift's compact protocol writes an i64; padded to `width`, which readers take."""
    left, encoded = number << 1, bytearray()
    while left > 127 or len(encoded) + 1 < width:
        encoded.append(left & 127 | 128)
        left >>= 7
    return bytes([*encoded, left])


def long_texts(path: Path, *, size_bytes: int, rows: int) -> Path:
    """One text, which the file holds once, in every row of every column."""
    codes = pa.array(np.zeros(rows, dtype="int32"))
    column = pa.DictionaryArray.from_arrays(codes, pa.array(["x" * size_bytes]))
    # Without the Arrow schema a reader finds plain text.
    pq.write_table(pa.table(dict.fromkeys(COLUMNS, column)), path, store_schema=False)
    return path
