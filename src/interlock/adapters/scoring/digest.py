"""The digest of the evaluated rows: their ids and their targets, and nothing else.

SHA-256 over all rows in order of their id (as UTF-8 bytes), each row as two netstrings (`<length in
bytes>:<bytes>,`, https://cr.yp.to/proto/netstrings.txt) one after the other: the id's text, then
the target's. A class is its text; a number is its IEEE 754 double as 16 hexadecimal digits, most
significant first, with -0 as 0. A set of labels is a number, see
label_columns.encode. Any language can recompute it, and no two lists of rows have the same bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy.typing as npt
import polars as pl

from interlock.adapters.scoring import batches


def of_rows(ids: pl.Series, target: npt.NDArray[Any], *, classes: tuple[str, ...]) -> str:
    """Return the digest (64 hex digits) of rows that are sorted by id."""
    digest = hashlib.sha256()
    targets = pl.Series([f",{len(text.encode())}:{text}," for text in classes])
    for rows in batches.of(len(ids)):
        values = target[rows]
        answers = targets.gather(values) if classes else _of_numbers(values)
        digest.update(_bytes(ids.slice(rows.start, len(values)), answers))
    return digest.hexdigest()


def _bytes(ids: pl.Series, answers: pl.Series) -> bytes:
    lengths = ids.str.len_bytes()
    longest: int = lengths.max()  # type: ignore[assignment]
    heads = pl.Series([f"{length}:" for length in range(longest + 1)]).gather(lengths)
    frame = pl.DataFrame({"head": heads, "id": ids, "answer": answers})
    joined: str = frame.select(pl.concat_str("head", "id", "answer").str.join("")).item()
    return joined.encode()


def _of_numbers(values: npt.NDArray[Any]) -> pl.Series:
    text = (values + 0.0).astype(">f8").tobytes().hex()
    return pl.Series([f",16:{text[i : i + 16]}," for i in range(0, len(text), 16)])
