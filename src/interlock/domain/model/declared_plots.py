"""The plots that a pipeline declares in its dvc.yaml, and the files that they show; pure.

How DVC reads a declaration: https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#plots
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from interlock.domain.basics.refusal import Refusal

if TYPE_CHECKING:
    from interlock.domain.model.evidence import PlotFile

TABLES = (".csv", ".tsv", ".json", ".yaml", ".yml")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
LARGEST_BYTES = 1_000_000
MOST_FILES = 100
MOST = 12
"""Pictures of one evaluation: more are too many to look at, and each stays in the ledger for
ever."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Columns of one file. Without columns, the vertical axis is the last column, and the
    horizontal one is the number of the row."""

    path: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """One declaration. Paths are relative to the repository; a path may be a folder, and then each
    of its files is a plot. `template` is DVC's name, "" for its default. Without `header` the
    columns of a CSV have the names 0, 1, …"""

    name: str
    y: tuple[Axis, ...]
    x: Axis | None = None
    template: str = ""
    title: str = ""
    labels: tuple[str, str] = ("", "")
    header: bool = True

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file or folder that it shows, each once."""
        across = (self.x.path,) if self.x and self.x.path else ()
        return tuple(dict.fromkeys((*(axis.path for axis in self.y), *across)))


@dataclass(frozen=True, slots=True)
class PlotSelection:
    """The plots to draw, their files by path, and the plots that cannot be drawn with a reason."""

    plots: tuple[Plot, ...]
    problems: Mapping[str, str] = field(default_factory=dict)


def check_file(path: str, *, size_bytes: int | None, place: int) -> Refusal | None:
    """Refuse a file that cannot be stored with the model. `size_bytes` is None for a path without a
    file, `place` the number of files before it."""
    kind = path[path.rfind(".") :].lower() if "." in path else ""
    if kind not in (*TABLES, *PICTURES):
        return Refusal(f"a {kind or 'file without an ending'} is not drawn")
    if size_bytes is None:
        return Refusal("it is not a file")
    if size_bytes > LARGEST_BYTES:
        return Refusal(f"it is larger than {LARGEST_BYTES // 1_000_000} MB")
    return Refusal(f"only {MOST_FILES} files are kept") if place >= MOST_FILES else None


def unfold(plots: Iterable[Plot], files: Iterable[PlotFile]) -> PlotSelection:
    """Return the plots of the files of a training, one for each file of a folder, at most MOST.

    A declaration without any file, and a file that was not stored, is a problem.
    """
    known = {file.path: file for file in files}
    shown: list[Plot] = []
    problems: dict[str, str] = {}
    for plot in plots:
        every = list(_of_files(plot, known))
        if not every:
            problems[plot.name] = "the training recorded no file of it"
        for one in every:
            lost = [known[path] for path in one.paths if known[path].problem]
            if lost:
                problems[one.name] = lost[0].problem
            else:
                shown.append(one)
    for plot in shown[MOST:]:
        problems[plot.name] = f"only {MOST} are shown"
    return PlotSelection(tuple(shown[:MOST]), problems)


def _of_files(plot: Plot, known: Mapping[str, PlotFile]) -> Iterator[Plot]:
    if all(path in known for path in plot.paths):
        yield plot
        return
    folder = plot.paths[0]
    for path in sorted(known) if len(plot.paths) == 1 else ():
        if path.startswith(f"{folder}/"):
            x = plot.x and replace(plot.x, path=path if plot.x.path else "")
            axes = tuple(replace(axis, path=path) for axis in plot.y)
            yield replace(plot, name=path, y=axes, x=x)
