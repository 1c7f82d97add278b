"""One model's stages in a checkout of its revision; what is known of it before is not asked."""

from __future__ import annotations

import hashlib
import json
import posixpath
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from interlock.commands.train import outputs, run_records
from interlock.commands.train.context import (
    TrainContext,
    Trained,
    TrainingFailed,
    TrainingSubject,
    TrainOptions,
)
from interlock.commands.train.training_folder import TrainingFolder
from interlock.domain.model import undeclared_files
from interlock.domain.model.checkpoint import Saved
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.training import launcher, training_environment
from interlock.ports.checkpoints import CheckpointFolder
from interlock.ports.pipeline import PipelineJob, PipelineRun, RunEnd


def train(
    subject: TrainingSubject, request: TrainOptions, world: TrainContext, place: TrainingFolder
) -> Trained | TrainingFailed:
    """Run the stages, with the state that a killed training of the same inputs left; it is removed
    once the candidate is recorded."""
    with _kept(subject, world, place) as kept:
        job = _job(subject, request, world, place, kept)
        world.tell(f"{subject.name}: training {subject.fingerprint[:12]}{_words(kept)}")
        with world.machine.watch(gpus=subject.at.manifest.runner.gpus) as watch:
            look = partial(outputs.problem, subject, folder=place.tree, scoring=world.scoring)
            done = world.pipeline.run(job, say=world.say, check=look)
        if done.ended is not RunEnd.DONE:
            reason, ended = f"{done.reason}{_undeclared(subject, done, place)}", done.ended
            return run_records.record_failure(
                subject, done, world, reason=reason, ended=ended, saved=_saved(subject, world, kept)
            )
        launch = subject.training_tree.launch
        machine = world.machine.describe(launch, tree=place.tree, env=done.env)
        seen = run_records.TrainingObservation(machine, watch.use, kept)
        trained = run_records.record(subject, done, world, place.tree, seen)
        if world.checkpoints is not None and kept is not None:
            world.checkpoints.discard(kept)
        return trained


def _undeclared(subject: TrainingSubject, done: PipelineRun, place: TrainingFolder) -> str:
    """What a failed program asked for that its revision has and no stage declares."""
    if done.ended is not RunEnd.FAILED:
        return ""
    found = undeclared_files.suggestions(
        done.log_tail,
        present=subject.tree.entries,
        declared=[each.path for each in subject.lineage.inputs],
        wdir=posixpath.dirname(subject.at.manifest.pipeline.file),
        root=str(place.tree),
    )
    return "".join(
        f"; {each.path} is in this revision, and no stage declares it: add to deps: `{each.line}`"
        for each in found
    )


def _kept(
    subject: TrainingSubject, world: TrainContext, place: TrainingFolder
) -> AbstractContextManager[CheckpointFolder | None]:
    if world.checkpoints is None:
        return nullcontext()
    return world.checkpoints.open(
        model=subject.name,
        fingerprint=subject.fingerprint,
        accepted=place.standing.checkpoints,
    )


def _saved(
    subject: TrainingSubject, world: TrainContext, kept: CheckpointFolder | None
) -> tuple[Saved, ...]:
    if world.checkpoints is None or kept is None:
        return ()
    return world.checkpoints.saved(kept, fingerprint=subject.fingerprint)


def _words(kept: CheckpointFolder | None) -> str:
    if kept is None or (kept.attempts == 1 and not kept.passed_over):
        return ""
    place = "from the start" if kept.step is None else f"from the checkpoint of step {kept.step}"
    return "; ".join([f", attempt {kept.attempts}, {place}", *kept.passed_over])


def _job(
    subject: TrainingSubject,
    request: TrainOptions,
    world: TrainContext,
    place: TrainingFolder,
    kept: CheckpointFolder | None,
) -> PipelineJob:
    manifest, tree = subject.at.manifest, subject.training_tree
    env = training_environment.environment(
        world.ambient,
        tree=str(place.tree),
        above=str(place.tree.parent),
        fingerprint=subject.fingerprint,
        revision=subject.tree.revision,
    )
    return PipelineJob(
        checkout=place.tree,
        root=tree.root,
        file=manifest.pipeline.file,
        target=manifest.pipeline.target,
        timeout_seconds=manifest.runner.timeout_minutes * 60,
        settings=place.settings,
        files=place.files,
        data=tree.data,
        pointers=tuple(tree.pointers),
        storage=tree.storage,
        metrics=tree.metrics,
        spelling=tree.spelling,
        shown=tree.shown,
        salt=environment_salt(subject.lineage),
        accepted=place.standing.accepted,
        own_cache=place.standing.own_cache,
        env=env if kept is None else env | {"INTERLOCK_CHECKPOINT_DIR": str(kept.folder)},
        prepare=request.prepare,
        launch=launcher.arguments(manifest.training),
    )


def environment_salt(lineage: Lineage) -> str:
    """Return what sets the stored runs of one environment apart from those of another.

    DVC knows nothing of the environment files that a manifest names, nor of its launcher: the same
    stage under another lock file of packages must not be taken from its run cache.
    """
    inputs = lineage.inputs
    has_context = any(i.kind is InputKind.CONTEXT for i in inputs)
    hidden = [i for i in inputs if _is_hidden_from_dvc(i, has_context=has_context)]
    found = sorted((i.path, i.digest) for i in hidden)
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def _is_hidden_from_dvc(found: Input, *, has_context: bool) -> bool:
    """With `context` any stage may read any file of it, those that another stage declares too."""
    is_launcher = found.kind is InputKind.MANIFEST and found.name == "training"
    is_open = has_context and found.kind in (InputKind.CONTEXT, InputKind.CODE)
    return is_launcher or is_open or found.kind is InputKind.ENVIRONMENT
