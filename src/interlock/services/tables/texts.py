"""Checks the bytes of a text file before it is read as CSV; decodes no row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from interlock.domain.basics import csv_dialect, table_limits
from interlock.domain.basics.refusal import Refusal
from interlock.domain.basics.table_limits import ReadMode

_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x78\x01": "zlib",
    b"\x78\x9c": "zlib",
    b"\x78\xda": "zlib",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
}
_CHUNK_BYTES = table_limits.LONGEST_LINE_BYTES


def refusal(path: Path, use: ReadMode) -> Refusal | None:
    """Refuse a file of text that may not be read, with a clause that follows its name."""
    with path.open("rb") as file:
        head = file.read(csv_dialect.HEAD_BYTES)
        if compressed := _check_compression(head):
            return compressed
        file.seek(0)
        names = file.readline(table_limits.LONGEST_LINE_BYTES + 1)
        if len(names) > table_limits.LONGEST_LINE_BYTES:
            return _LONG
        columns = _columns(names, head)
        if too_many := table_limits.check_names(columns):
            return too_many
        file.seek(0)
        return _check_lines(file, len(columns), use)


_LONG = Refusal(
    f"has a line of more than {table_limits.LONGEST_LINE_BYTES >> 20} MiB, so it is not a table"
)


def _check_compression(head: bytes) -> Refusal | None:
    """Refuse compressed files, because polars would decompress them without a limit."""
    kind = next((kind for magic, kind in _COMPRESSED.items() if head.startswith(magic)), None)
    return Refusal(f"is compressed ({kind}): write it as it is, or as Parquet") if kind else None


def _columns(names: bytes, head: bytes) -> list[str]:
    separator = csv_dialect.separator(head.decode(errors="replace"))
    return names.decode(errors="replace").rstrip("\r\n").split(separator)


def _check_lines(file: BinaryIO, columns: int, use: ReadMode) -> Refusal | None:
    lines = size_bytes = 0
    for chunk in _chunks(file):
        breaks = chunk.count(b"\n")
        if not breaks and len(chunk) == _CHUNK_BYTES:
            return _LONG
        lines += breaks
        size_bytes += len(chunk)
    return table_limits.check_lines(rows=lines, columns=columns, size_bytes=size_bytes, use=use)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
