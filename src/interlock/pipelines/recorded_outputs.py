"""Take outputs from dvc.lock: of frozen stages, which never run, and of stages that always run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from interlock import errors
from interlock.domain.model.lineage import Input
from interlock.pipelines import dvcyaml, paths, stage_positions
from interlock.pipelines.stage import Out, PipelineStage

if TYPE_CHECKING:
    from interlock.pipelines.project import Project
    from interlock.pipelines.stage_inputs import StageInputs

_STEADY = "give it dependencies and remove always_changed"


def read(one: StageInputs, stages: Collection[StageInputs]) -> Iterator[Input]:
    """Yield the recorded outputs of a stage that other stages read; all of them without another
    stage. Raises CannotFingerprint for an output without a record."""
    if not one.recorded:
        return
    wanted = {p for other in stages for p in _reads(other.stage)}
    for path, inputs in one.recorded.items():
        if len(stages) > 1 and not any(_overlap(path, other) for other in wanted):
            continue
        if isinstance(inputs, errors.CannotFingerprint):
            raise inputs
        yield from inputs


def require_steady(target: PipelineStage, *, project: Project) -> None:
    """Raise CannotFingerprint for a target that always runs: its output is the model itself."""
    if target.always_changed and not target.frozen:
        raise _refuse(target, "its inputs do not determine the model", _STEADY, project=project)


def require_none_of(
    outputs: Iterable[str], stages: Iterable[PipelineStage], *, project: Project
) -> None:
    """Raise CannotFingerprint if a stage that always runs makes one of these outputs of a model."""
    wanted = tuple(outputs)
    for stage in stages:
        made = [out.path for out in stage.outs if out.path is not None]
        if any(_overlap(one, other) for one in made for other in wanted):
            require_steady(stage, project=project)


def warnings(one: StageInputs) -> Iterator[str]:
    """Yield what users have to do about a stage that always runs."""
    stage, lock = one.stage, dvcyaml.lock_path(one.stage.file)
    if not stage.always_changed or stage.frozen:
        return
    known = [path for path, inputs in one.recorded.items() if isinstance(inputs, list)]
    outs = ", ".join(paths.relative(path, to=stage.wdir) for path in known)
    yield (
        f"{stage.address} is always_changed: the fingerprint uses {outs} as in {lock}, and a "
        f"training that makes another one is not stored; when it changes, run `dvc repro "
        f"{stage.name}` in the environment of the training, and commit {lock}"
    )


def unpushed(stage: PipelineStage, out: Out) -> str:
    """Return the warning about an output that neither Git nor `dvc push` stores."""
    return (
        f"{stage.address} is frozen, and its output {out.written} has `cache: false` and is not in "
        "Git: `dvc push` does not upload it, so that a training may not find it; commit it to Git, "
        "or remove `cache: false` and run `dvc commit` and `dvc push`"
    )


def unrecorded(stage: PipelineStage, out: Out, *, project: Project) -> errors.CannotFingerprint:
    """Return the error of an output that no record identifies."""
    lock = dvcyaml.lock_path(stage.file)
    hint = f"run `dvc repro {stage.name}` and commit {lock}, or remove always_changed"
    if stage.frozen:
        hint = "unfreeze it, or run `dvc commit` and commit dvc.lock"
    return _refuse(
        stage, f"dvc.lock records nothing of its output {out.written}", hint, project=project
    )


def _refuse(
    stage: PipelineStage, why: str, hint: str, *, project: Project
) -> errors.CannotFingerprint:
    word = "frozen, and" if stage.frozen else "always_changed, and"
    error = errors.CannotFingerprint(f"it is {word} {why}", hint=hint)
    data = project.shelf.content(project.tree, stage.file)
    return stage_positions.blame(error, data, file=stage.file, stage=stage.name)


def _reads(stage: PipelineStage) -> Iterator[str]:
    if not stage.frozen:
        yield from (d.path for d in stage.dependencies if d.path is not None)
        yield from (p.path for p in stage.parameters if p.path is not None)


def _overlap(one: str, other: str) -> bool:
    """Return True if the paths are equal or one contains the other."""
    return one == other or one in paths.ancestors(other) or other in paths.ancestors(one)
