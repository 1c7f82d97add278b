"""Finds the files of a pipeline's declared plots after a training; draws nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from interlock import errors
from interlock.domain.model import declared_plots
from interlock.domain.model.declared_plots import Plot
from interlock.domain.model.evidence import PlotFile
from interlock.services import artifacts


def collect(plots: Iterable[Plot], checkout: Path) -> tuple[tuple[PlotFile, ...], dict[str, Path]]:
    """Return the record of each plot file, and the path of each artifact by its name in the run.

    A plot never makes a training fail: a file that cannot be stored has a reason.
    """
    named = (path for plot in plots for path in plot.paths)
    paths = list(dict.fromkeys(file for path in named for file in _files(checkout, path)))
    recorded, files = [], {}
    for place, path in enumerate(paths):
        one = _record(checkout, path, place)
        recorded.append(one)
        if one.artifact is not None:
            files[one.artifact.path] = checkout / path
    return tuple(recorded), files


def _files(checkout: Path, path: str) -> Iterator[str]:
    """A file, or all files below a folder."""
    place = checkout / path
    if place.is_dir() and not place.is_symlink():
        for below in sorted(place.rglob("*")):
            if not below.is_dir():
                yield below.relative_to(checkout).as_posix()
    elif os.path.lexists(place):
        yield path


def _record(checkout: Path, path: str, place: int) -> PlotFile:
    file = checkout / path
    try:
        size_bytes = file.stat().st_size if _is_plain(file, checkout) else None
        refusal = declared_plots.check_file(path, size_bytes=size_bytes, place=place)
        if refusal:
            return PlotFile(path, problem=refusal.reason)
        name = f"plots/{place:03d}{file.suffix.lower()}"
        return PlotFile(path, artifacts.measure(file, name=name))
    except (OSError, errors.CannotReadDocument) as error:
        return PlotFile(path, problem=f"it cannot be read ({_reason(error)})")


def _is_plain(file: Path, checkout: Path) -> bool:
    """True if it is a file of this tree. DVC may link an output to its cache; a linked folder of
    the program is refused."""
    return file.is_file() and not any(
        place.is_symlink() for place in file.parents if place.is_relative_to(checkout)
    )


def _reason(error: OSError | errors.CannotReadDocument) -> str:
    return error.message if isinstance(error, errors.CannotReadDocument) else str(error)
