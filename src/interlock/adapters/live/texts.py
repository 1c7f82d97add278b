"""What separates the columns of a file of text, by its first bytes."""

from __future__ import annotations

from pathlib import Path

from interlock.domain.basics import csv_dialect


def separator(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(csv_dialect.HEAD_BYTES)
    return csv_dialect.separator(head.decode(errors="replace"))
