"""The digest of the evaluated rows: their ids and their targets, and nothing else.

SHA-256 over all rows in order of their id (as UTF-8 bytes), each row as two netstrings (`<length in
bytes>:<bytes>,`, https://cr.yp.to/proto/netstrings.txt) one after the other: the id's text, then
the target's. A class is its text; a number is its IEEE 754 double as 16 hexadecimal digits, most
significant first, with -0 as 0. Any language can recompute it, and no two lists of rows have the
same bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy.typing as npt
import polars as pl


def of_rows(ids: pl.Series, target: npt.NDArray[Any], *, classes: tuple[str, ...]) -> str:
    """Return the digest (64 hex digits) of rows that are sorted by id."""
    texts = _of_classes(target, classes) if classes else _of_numbers(target)
    frame = pl.DataFrame({"id": ids, "target": texts})
    id_, answer = pl.col("id"), pl.col("target")
    row = pl.format("{}:{},{}:{},", id_.str.len_bytes(), id_, answer.str.len_bytes(), answer)
    joined: str = frame.select(row.str.join("")).item()
    return hashlib.sha256(joined.encode()).hexdigest()


def _of_classes(codes: npt.NDArray[Any], classes: tuple[str, ...]) -> pl.Series:
    return pl.Series(classes).gather(codes)


def _of_numbers(values: npt.NDArray[Any]) -> pl.Series:
    text = (values + 0.0).astype(">f8").tobytes().hex()
    return pl.Series([text[i : i + 16] for i in range(0, len(text), 16)])
