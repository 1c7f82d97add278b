"""Reads metrics and parameters that a training left, files and whole folders, as DVC reads them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dvc import exceptions
from dvc.fs import localfs
from dvc.utils.serialize import load_path


def metrics(checkout: Path, places: Iterable[str]) -> dict[str, Any]:
    """Return what each metrics file holds, in the order of the places; why it cannot be read when
    it cannot: the model is made by now. A place may be a folder of such files."""
    return {path: _content(checkout / path) for path in _files(checkout, places)}


def params(checkout: Path, places: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what each parameter file holds that is there and can be read."""
    found = {path: _content(checkout / path) for path in _files(checkout, places)}
    return {path: content for path, content in found.items() if isinstance(content, dict)}


def _files(checkout: Path, places: Iterable[str]) -> Iterator[str]:
    for place in dict.fromkeys(places):
        folder = checkout / place
        if not folder.is_dir():
            yield place
            continue
        for parent, _, names in sorted(os.walk(folder)):
            yield from ((Path(parent) / n).relative_to(checkout).as_posix() for n in sorted(names))


def _content(file: Path) -> Any:
    try:
        return load_path(str(file), localfs)
    except (exceptions.DvcException, ValueError, OSError) as error:
        return f"unreadable ({error})"
