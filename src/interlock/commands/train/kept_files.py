"""Finds the metrics and plots that a training left for Git, and selects those that the run stores;
nothing is stored here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from interlock.domain.model import git_outputs
from interlock.domain.model.evidence import KEPT, Artifact
from interlock.domain.model.git_outputs import GitOutput
from interlock.services import artifacts


def find(checkout: Path, outputs: Iterable[GitOutput]) -> tuple[Artifact, ...]:
    """Measure the files of the outputs, in order of path, at most MOST_FILES; without links."""
    paths = sorted({path for out in outputs for path in _files(checkout, out.path)})
    return tuple(
        artifacts.measure(checkout / path, name=path) for path in paths[: git_outputs.MOST_FILES]
    )


def artifacts_of(kept: Iterable[Artifact], checkout: Path) -> dict[str, Path]:
    """The artifacts of the run, to the files that they are made of."""
    small = (each for each in kept if each.size_bytes <= git_outputs.LARGEST_BYTES)
    return {f"{KEPT}{each.path}": checkout / each.path for each in small}


def _files(checkout: Path, path: str) -> Iterator[str]:
    place = checkout / path
    if _is_plain(place):
        yield path
    for folder, _, names in os.walk(place) if not place.is_symlink() else ():
        for name in names:
            if _is_plain(Path(folder, name)):
                yield Path(folder, name).relative_to(checkout).as_posix()


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
