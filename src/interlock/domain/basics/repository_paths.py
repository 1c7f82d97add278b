"""Checks the paths of a repository that a pipeline names, by one rule for all of them."""

from __future__ import annotations

import re

from interlock.domain.basics.refusal import Refusal

_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
MOST_BYTES = 4_095
_MOST_BYTES_OF_NAME = 255
"""PATH_MAX, without its final zero, and NAME_MAX of Linux (limits.h)."""
_RESERVED = frozenset({".git", ".dvc"})


def fault(path: str) -> Refusal | None:
    """Return the fault of a path that is relative to the repository, as the end of a sentence
    about it; None for a valid path."""
    if path.isascii() and len(path) <= _MOST_BYTES_OF_NAME and path.isprintable():
        return _drive(path)
    if match := _NO_TEXT.search(path):
        return Refusal(f"holds a sign that no path may hold (U+{ord(match[0]):04X})")
    if drive := _drive(path):
        return drive
    if len(path.encode()) > MOST_BYTES:
        return Refusal(f"has more than {MOST_BYTES:,} bytes")
    if any(len(name.encode()) > _MOST_BYTES_OF_NAME for name in path.split("/")):
        return Refusal(f"holds a name of more than {_MOST_BYTES_OF_NAME} bytes")
    return None


def _drive(path: str) -> Refusal | None:
    if path[1:2] == ":" and _DRIVE.match(path):
        return Refusal("begins with the letter of a drive, and a repository has none")
    return None


def reserved(path: str) -> str:
    """Return the name in a path that Git or DVC reserves, in any letter case; "" if there is none.

    Git also reads `.GIT` as `.git`, because some file systems do not distinguish them.
    """
    if "." not in path:
        return ""
    return next((name for name in path.split("/") if name.lower() in _RESERVED), "")
