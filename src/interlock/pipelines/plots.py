"""Which of the plots that dvc.yaml files declare are of a model's own stages; draws nothing."""

from __future__ import annotations

from collections.abc import Iterable

from interlock.domain.model.declared_plots import Plot
from interlock.pipelines import paths
from interlock.pipelines.project import Project
from interlock.pipelines.stage import PipelineStage


def declared(project: Project, stages: Iterable[PipelineStage]) -> tuple[Plot, ...]:
    """Return the plots of these stages' outputs, by name: as the stages declare them, and as their
    dvc.yaml files do beside the stages."""
    ours = list(stages)
    files = dict.fromkeys(stage.file for stage in ours)
    tops = (project.index.tops[file] for file in files if file in project.index.tops)
    wanted = [*(p for stage in ours for p in stage.plots), *(p for top in tops for p in top.plots)]
    if not wanted:
        return ()
    outs = {out.path for stage in ours for out in stage.outs if out.path is not None}
    # The list beside the stages has more settings for a file than the output's options.
    known = {plot.name: plot for plot in wanted if _is_made(plot, outs)}
    return tuple(sorted(known.values(), key=lambda plot: plot.name))


def _is_made(plot: Plot, outs: set[str]) -> bool:
    return all(
        not outs.isdisjoint((path, *paths.ancestors(path)))
        or any(out.startswith(f"{path}/") for out in outs)
        for path in plot.paths
    )
