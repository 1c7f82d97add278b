"""The pictures of a verdict: charts of the scores, and the plots that the pipeline declares.

A declared plot that cannot be drawn does not stop the evaluation; its reason is recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from interlock import errors
from interlock.domain.evaluation.model_evaluation import EvaluationCase
from interlock.domain.evaluation.scores import Scores
from interlock.domain.model import declared_plots
from interlock.domain.model.declared_plots import Plot
from interlock.domain.model.evidence import Candidate, PlotFile
from interlock.ports.pictures import Pictures
from interlock.ports.plots import Plots, PlotSide
from interlock.ports.runs import Runs
from interlock.services import artifacts

_KEY_DIGITS, _NAME_DIGITS = 12, 8
_FOLDER = "plots"


@dataclass(frozen=True, slots=True)
class VerdictPlots:
    """`paths` on the branch of pictures by name, `files` with their content by path, and `unshown`
    with the reason for each missing picture by name."""

    paths: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    unshown: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, png: bytes, *, path: str) -> None:
        self.paths[name] = path
        self.files[path] = png


@dataclass(frozen=True, slots=True)
class PlotWriter:
    """Draws the plots of one case; declared plots are fetched from `runs` into `folder`."""

    plots: Plots
    pictures: Pictures
    runs: Runs
    folder: Path
    case: EvaluationCase

    def draw(
        self,
        scored: Scores,
        declared: tuple[Plot, ...],
        *,
        candidate: Candidate,
        champion: Candidate | None,
    ) -> VerdictPlots:
        plots = VerdictPlots()
        names = ("candidate", f"champion, version {self.case.standing.version}")
        drawn = self.plots.draw(scored.charts, champion=scored.champion_charts, names=names)
        for name, png in drawn.items():
            plots.add(name, png, path=self._place(name))
        shown = declared_plots.unfold(declared, candidate.plots)
        plots.unshown.update(shown.problems)
        files = [self._fetch(candidate), self._fetch(champion)] if shown.plots else []
        for plot in shown.plots:
            sides = [_side(name, held, plot) for name, held in zip(names, files, strict=True)]
            made = self._drawn(plot, *sides)
            if isinstance(made, str):
                plots.unshown[plot.name] = made
            else:
                plots.add(plot.name, made, path=self._place(_file(plot.name)))
        return plots

    def _place(self, file: str) -> str:
        # Another verdict may show another champion, so it needs another path.
        unique = f"{file}-{self.case.key[:_KEY_DIGITS]}"
        return self.pictures.place(self.case.name, self.case.fingerprint, unique)

    def _drawn(self, plot: Plot, mine: PlotSide | None, theirs: PlotSide | None) -> bytes | str:
        if mine is None:
            return "its file in the run differs from the record"
        return self.plots.draw_declared(plot, [mine] if theirs is None else [mine, theirs])

    def _fetch(self, candidate: Candidate | None) -> Mapping[str, bytes]:
        """The plot files of a run that agree with its record, by path in the repository."""
        plots = candidate.plots if candidate else ()
        wanted = [file for file in plots if file.artifact is not None]
        wanted = wanted[: declared_plots.MOST_FILES]
        if candidate is None or not wanted:
            return {}
        place = self.folder / "declared" / candidate.fingerprint
        try:
            folder = self.runs.fetch(candidate.run_id, _FOLDER, to=place)
            read = {file.path: _content(folder, file) for file in wanted}
        except (errors.InterlockError, OSError):
            return {}
        return {path: data for path, data in read.items() if data is not None}


def _content(folder: Path, file: PlotFile) -> bytes | None:
    """Return the content, None when it differs from the record. The record of a run can be
    forged, so that links and large files are refused."""
    if file.artifact is None:
        return None
    place = folder / Path(file.artifact.path).name
    if place.is_symlink() or not place.is_file():
        return None
    if place.stat().st_size > declared_plots.LARGEST_BYTES:
        return None
    measured = artifacts.measure(place, name=file.artifact.path)
    return place.read_bytes() if measured == file.artifact else None


def _side(name: str, files: Mapping[str, bytes], plot: Plot) -> PlotSide | None:
    if any(path not in files for path in plot.paths):
        return None
    return PlotSide(name, {path: files[path] for path in plot.paths})


def _file(name: str) -> str:
    """Return a safe file name for a declared plot."""
    return f"declared-{hashlib.sha256(name.encode()).hexdigest()[:_NAME_DIGITS]}"
