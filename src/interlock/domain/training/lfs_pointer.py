"""Parses pointers of Git LFS, which replace the content of files; nothing is fetched.

https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ATTRIBUTE = b"filter=lfs"
"""The setting in .gitattributes for paths with content in Git LFS."""

_LONGEST_BYTES = 1024
# The version is first, other keys are in order, lines end with LF; extensions name programs.
_POINTER = re.compile(
    rb"version https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/v1\n"
    rb"(?:ext-\d-[^\n]*\n)*"
    rb"oid sha256:(?P<sha256>[0-9a-f]{64})\n"
    rb"size (?P<size>\d{1,19})\n?"
)


@dataclass(frozen=True, slots=True)
class LfsPointer:
    """The content's SHA-256, in hexadecimal, and its size in bytes."""

    sha256: str
    size_bytes: int


def parse(blob: bytes) -> LfsPointer | None:
    """Return the pointer in a blob, None if the blob is the content itself."""
    match = _POINTER.fullmatch(blob) if len(blob) <= _LONGEST_BYTES else None
    if match is None:
        return None
    return LfsPointer(match["sha256"].decode(), int(match["size"]))
