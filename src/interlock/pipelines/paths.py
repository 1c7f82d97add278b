"""Paths as text, relative to the repository, with forward slashes; no file is looked at."""

from __future__ import annotations

import functools
import posixpath
import re

from interlock.domain.basics import repository_paths

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_STEP = 100
"""So many folders are gone through in one recursion."""


def folder(path: str) -> str:
    """Return the folder of a path, '' for the root."""
    return path.rpartition("/")[0]


def join(base: str, written: str) -> str | None:
    """Return where `written` leads from the folder `base`, None when outside the repository.

    '' is the root itself.
    """
    if is_url(written) or written.startswith("/"):
        return None
    if not written:
        return base
    if written.startswith(".") or "/." in written or "//" in written or written.endswith("/"):
        path = posixpath.normpath(f"{base}/{written}" if base else written)
        if path == ".":
            return ""
        return None if path == ".." or path.startswith("../") else path
    return f"{base}/{written}" if base else written


def is_url(written: str) -> bool:
    return _URL.match(written) is not None


def ancestors(path: str) -> tuple[str, ...]:
    """Return the folders that hold a path, from the nearest to the root ''.

    Of a path that no file can have, because it is too long, the root alone is returned.
    """
    if not path:
        return ()
    return _above(path.rpartition("/")[0] if len(path) <= repository_paths.MOST_BYTES else "")


@functools.lru_cache(maxsize=1 << 16)
def _above(place: str) -> tuple[str, ...]:
    if place.count("/") >= _STEP:  # folders may be deeper than Python's stack
        names = place.split("/")
        for depth in range(_STEP, len(names), _STEP):
            _chain("/".join(names[:depth]))
    return _chain(place)


@functools.lru_cache(maxsize=1 << 16)
def _chain(place: str) -> tuple[str, ...]:
    return (place, *_chain(place.rpartition("/")[0])) if place else ("",)


def relative(path: str, *, to: str) -> str:
    """Return `path` as it is written in a file of the folder `to`."""
    return posixpath.relpath(path or ".", to or ".")
