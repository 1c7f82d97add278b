"""Reads the metrics and parameters of a training, in files and whole folders, as DVC reads them."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Any

from dvc import exceptions
from dvc.fs import localfs
from dvc.utils.serialize import load_path

from interlock.domain.basics import dotted_keys

_LONGEST = 200
_OF_ANOTHER = "unreadable (it is an input of this run)"


def metrics(
    checkout: Path, places: Iterable[str], *, inputs: Container[str] = ()
) -> dict[str, Any]:
    """Return the content of each metrics file, in the order of the places, or the reason why it
    cannot be read: the model exists by then. A place may be a folder of such files. An input says
    nothing of this run."""
    return {
        path: _OF_ANOTHER if path in inputs else _content(checkout / path)
        for path in _files(checkout, places)
    }


def params(checkout: Path, places: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the content of each parameter file that exists and can be read."""
    contents = {path: _content(checkout / path) for path in _files(checkout, places)}
    return {path: content for path, content in contents.items() if isinstance(content, dict)}


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
        if not file.is_file():
            return "unreadable (it is not a file)"
        if file.stat().st_size > dotted_keys.LARGEST_BYTES:
            return f"unreadable (it is larger than {dotted_keys.LARGEST_BYTES // 1_000_000} MB)"
        content = load_path(str(file), localfs)
        if file.suffix.lower() == ".json":
            json.loads(file.read_bytes(), object_pairs_hook=_once)
    except (exceptions.DvcException, ValueError, OSError, RecursionError) as error:
        return f"unreadable ({str(error)[:_LONGEST]})"
    refusal = dotted_keys.check_size(content)
    return f"unreadable ({refusal})" if refusal else content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a duplicate key: its value is ambiguous."""
    contents = dict(pairs)
    if len(contents) < len(pairs):
        twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        raise ValueError(f"duplicate key {twice!r}")
    return contents
