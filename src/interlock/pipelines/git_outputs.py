"""Find the outputs of a model's stages that belong in Git, from dvc.yaml only."""

from __future__ import annotations

from collections.abc import Collection

from interlock.domain.model.git_outputs import GitOutput
from interlock.pipelines import paths
from interlock.pipelines.project import Project
from interlock.pipelines.stage import PipelineStage, Top


def find(project: Project, stages: Collection[PipelineStage]) -> tuple[GitOutput, ...]:
    """Outputs with `cache: false`, and the metrics and plots that are listed beside the stages,
    except those that lie in DVC's cache."""
    outs = [(out, stage) for stage in stages for out in stage.outs if out.path is not None]
    cached = {out.path for out, _ in outs if out.cached}
    tops = [project.index.tops.get(file, Top()) for file in dict.fromkeys(s.file for s in stages)]
    listed = [path for top in tops for path in top.metrics]
    listed += [path for top in tops for plot in top.plots for path in plot.paths]
    outputs = [
        GitOutput(out.path, out.section != "outs", stage=stage.address, written=out.written)
        for out, stage in outs
        if not out.cached and out.path is not None
    ]
    outputs += [
        GitOutput(path, is_measure=True)
        for path in dict.fromkeys(listed)
        if cached.isdisjoint((path, *paths.ancestors(path)))
    ]
    return tuple(outputs)
