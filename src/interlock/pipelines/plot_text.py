"""Reads the `plots:` lists of a dvc.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interlock.domain.model.declared_plots import Axis, Plot
from interlock.pipelines import paths


def read(entries: Any, *, folder: str) -> tuple[Plot, ...]:
    """Return the plots of a `plots:` list with paths from `folder`; plots of another shape
    are not drawn, as a plot decides nothing."""
    plots = (_plot(name, options, folder) for name, options in _entries(entries))
    return tuple(plot for plot in plots if plot is not None)


def _entries(entries: Any) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    for entry in entries if isinstance(entries, list) else [entries]:
        named = {entry: None} if isinstance(entry, str) else entry
        for name, options in named.items() if isinstance(named, Mapping) else ():
            yield str(name), options if isinstance(options, Mapping) else {}


def _plot(name: str, options: Mapping[Any, Any], folder: str) -> Plot | None:
    written = options.get("y")
    # Without a file beside its columns, the plot's own name is the file.
    files = written if isinstance(written, Mapping) else {name: written}
    axes = [_axis(folder, file, columns) for file, columns in files.items()]
    axes_read = tuple(axis for axis in axes if axis is not None)
    if not axes_read or len(axes_read) < len(axes):
        return None
    return Plot(
        name=name if isinstance(written, Mapping) else axes_read[0].path,
        y=axes_read,
        x=_across(options.get("x"), folder),
        template=_text(options, "template"),
        title=_text(options, "title"),
        labels=(_text(options, "x_label"), _text(options, "y_label")),
        header=options.get("header") is not False,
    )


def _across(written: Any, folder: str) -> Axis | None:
    """Of the files that it may name the first, as DVC takes one; a bare column is of every file."""
    if isinstance(written, Mapping):
        return next((_axis(folder, file, columns) for file, columns in written.items()), None)
    return Axis("", (written,)) if isinstance(written, str) else None


def _axis(folder: str, file: Any, columns: Any) -> Axis | None:
    path = paths.join(folder, str(file))
    named = [columns] if isinstance(columns, str) else columns
    names = tuple(map(str, named)) if isinstance(named, list) else ()
    return None if path is None else Axis(path, names)


def _text(options: Mapping[Any, Any], key: str) -> str:
    text = options.get(key)
    return text if isinstance(text, str) else ""
