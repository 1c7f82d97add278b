"""Whether a file is Parquet or text, and what separates its columns; by its first bytes."""

from __future__ import annotations

from pathlib import Path

from interlock.domain import csv_dialect

_MAGIC = b"PAR1"


def is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def separator(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(csv_dialect.HEAD_BYTES)
    return csv_dialect.separator(head.decode(errors="replace"))
