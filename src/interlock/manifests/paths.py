"""Converts paths of a manifest to paths of the repository, and back."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interlock.manifests.checked_document import CheckedDocument
    from interlock.yaml_reader.positions import Path

_UNUSUAL = re.compile(r"^\.|/[./]|/\Z")
"""What `normpath` may change in a path."""


def resolve(written: str, *, of: str) -> str | None:
    """Return `written` as a path of the repository; it is relative to the folder of the file `of`.

    None if it leaves the repository. "model/" is "model"; the repository itself is ".".
    """
    if written.startswith("/"):
        return None
    folder = of.rpartition("/")[0]
    if written and not _UNUSUAL.search(written):
        return f"{folder}/{written}" if folder else written
    path = posixpath.normpath(f"{folder}/{written}" if folder else written)
    return None if path == ".." or path.startswith("../") else path


def of_predictions(reading: CheckedDocument) -> Path:
    """Return the place of the path of the predictions file, which may be in a mapping."""
    field: Path = ("outputs", "predictions")
    return (*field, "path") if isinstance(reading.get(*field), dict) else field


def write(path: str, *, of: str) -> str:
    """Return a path of the repository as the file `of` writes it; the opposite of `resolve`."""
    return posixpath.relpath(path, posixpath.dirname(of) or ".")
