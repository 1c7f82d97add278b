"""Which files hold the figures of a pipeline: those that `dvc metrics show` would read, for its own
stages; none of them is read here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from interlock.pipelines import paths
from interlock.pipelines.project import Project
from interlock.pipelines.stage import PipelineStage


@dataclass(frozen=True, slots=True)
class Figures:
    """Files or folders, relative to the repository. `params` are parameters to show, no inputs."""

    metrics: tuple[str, ...] = ()
    params: tuple[str, ...] = ()


def of(project: Project, stages: Collection[PipelineStage]) -> Figures:
    """Return the metrics and parameters that a dvc.yaml lists at its top, and that these stages may
    leave: `dvc metrics show` reads them beside the stages' own metrics.

    What another stage makes is not theirs. A dvc.yaml of no stage counts where it is about an
    output of theirs, as dvclive's `dvclive/dvc.yaml` is.
    """
    mine = {stage.address for stage in stages}
    files = {stage.file for stage in stages}
    metrics: dict[str, None] = {}
    params: dict[str, None] = {}
    tops = project.index.tops
    for file in project.index.figures_of({*mine, *files}):
        for places, figures in ((tops[file].metrics, metrics), (tops[file].params, params)):
            for path in places:
                makers = _makers(project, path, from_file=file)
                if makers <= mine and (makers or file in files):
                    figures[path] = None
    return Figures(tuple(metrics), tuple(params))


def _makers(project: Project, path: str, *, from_file: str) -> set[str]:
    above, inside = project.index.made_at(path, from_file=from_file)
    return {p.by.address for p in (*above, *inside) if isinstance(p.by, PipelineStage)}


def unmade(project: Project, stages: Collection[PipelineStage]) -> tuple[str, ...]:
    """Return the metrics files that no stage declares as its output: a stored run lacks them."""
    listed = of(project, stages).metrics
    return tuple(path for path in listed if not _makers(project, path, from_file=path))


def lost(project: Project, stages: Collection[PipelineStage]) -> Iterator[str]:
    """Yield a sentence for each metrics file that no stage makes."""
    for path in unmade(project, stages):
        if path not in project.tree.entries:
            file = next(f for f, top in project.index.tops.items() if path in top.metrics)
            written = paths.relative(path, to=paths.folder(file))
            yield (
                f"{file} names the metrics {written}, which no stage makes: the target always "
                f"runs, and a stored run of another stage lacks them; add to the stage that writes "
                f"them "
                f"`metrics: [{{{written}: {{cache: false}}}}]`"
            )
