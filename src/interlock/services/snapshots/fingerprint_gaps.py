"""Finds files that the fingerprint of a model does not cover: code, paths, environments, composed
values."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator

from interlock.domain.model.lineage import Input, InputKind
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.model.undeclared_files import Undeclared
from interlock.pipelines import (
    Project,
    environments,
    hydra,
    imports,
    locks,
    metrics_files,
    paths,
    programs,
)
from interlock.pipelines.stage import PipelineStage

_OF_STAGES = {InputKind.CODE, InputKind.DATA, InputKind.PARAMS, InputKind.PIPELINE}


def look(
    project: Project,
    stages: Collection[PipelineStage],
    model: ModelAt,
    *,
    changed: Collection[str] = (),
) -> ModelAt:
    """Return the model with warnings on files that its stages use and its inputs do not determine.

    `changed` are paths that differ from the revision that it is compared with.
    """
    undeclared, sentences = doubts(project, stages, model, changed=changed)
    broken = locks.sentences(project, (stage.file for stage in stages))
    warnings = (*model.warnings, *sentences, *broken)
    return dataclasses.replace(model, warnings=warnings, undeclared=undeclared)


def doubts(
    project: Project,
    stages: Collection[PipelineStage],
    model: ModelAt,
    *,
    changed: Collection[str] = (),
) -> tuple[tuple[Undeclared, ...], tuple[str, ...]]:
    """Return the undeclared files of the stages, and sentences about everything that the
    fingerprint does not cover."""
    if model.lineage is None:
        return (), ()
    named = [i.path for i in model.lineage.inputs if i.kind not in _OF_STAGES]
    named += metrics_files.unmade(project, stages)  # results, whose names the programs contain
    files = model.manifest.environment
    brought = environments.programs(project, files)
    undeclared = imports.undeclared(project, stages, inputs=named, others=brought)
    return undeclared, (
        *(one.sentence for one in undeclared),
        *imports.outside(project, stages, others=brought),
        *(text for i in model.lineage.inputs for text in _outside(i)),
        *hydra.doubts(project, stages, changed),
        *environments.doubts(project, files),
        *metrics_files.lost(project, stages),
    )


def touches(
    project: Project,
    stages: Collection[PipelineStage],
    changed: Collection[str],
    *,
    sources: Collection[str],
) -> bool:
    """True if these stages may use one of the files `changed` without declaring it; `sources` are
    the programs among them."""
    if sources and imports.touches(project, stages, sources):
        return True
    return hydra.touches(project, stages, changed)


def _outside(item: Input) -> Iterator[str]:
    folder = paths.folder(item.path)
    if item.kind is InputKind.PARAMS and programs.is_outside(item.text, folder=folder):
        yield (
            f"{item.path}: {item.name} is {item.text}, which is outside the repository: what "
            "lies there does not count towards the fingerprint"
        )
