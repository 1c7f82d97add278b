"""Runs the stages of one model in a checkout of its revision."""

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
from interlock.domain.model import missing_files
from interlock.domain.model.checkpoint import Saved
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.training import launcher, training_environment
from interlock.ports.checkpoints import CheckpointFolder
from interlock.ports.pipeline import PipelineJob, PipelineRun, RunEnd


def train(
    subject: TrainingSubject, options: TrainOptions, context: TrainContext, place: TrainingFolder
) -> Trained | TrainingFailed:
    """Run the stages, from the checkpoint of a killed training with the same inputs, if there is
    one. The checkpoint is removed when the candidate is recorded."""
    with _kept(subject, context, place) as kept:
        job = _job(subject, options, context, place, kept)
        context.tell(f"{subject.name}: training {subject.fingerprint[:12]}{_words(kept)}")
        with context.machine.watch(gpus=subject.at.manifest.runner.gpus) as watch:
            check = partial(outputs.check, subject, folder=place.tree, scoring=context.scoring)
            done = context.pipeline.run(job, say=context.say, check=check)
        if done.ended is not RunEnd.DONE:
            reason, ended = f"{done.reason}{_undeclared(subject, done, place)}", done.ended
            return run_records.record_failure(
                subject,
                done,
                context,
                reason=reason,
                ended=ended,
                saved=_saved(subject, context, kept),
            )
        launch = subject.training_tree.launch
        machine = context.machine.describe(launch, tree=place.tree, env=done.env)
        observation = run_records.TrainingObservation(machine, watch.use, kept)
        trained = run_records.record(subject, done, context, place.tree, observation)
        if context.checkpoints is not None and kept is not None:
            context.checkpoints.discard(kept)
        return trained


def _undeclared(subject: TrainingSubject, done: PipelineRun, place: TrainingFolder) -> str:
    """The files that a failed program needed, and that no stage declares as a dependency."""
    if done.ended is not RunEnd.FAILED:
        return ""
    suggestions = missing_files.suggestions(
        done.log_tail,
        present=subject.tree.entries,
        declared=[each.path for each in subject.lineage.inputs],
        wdir=posixpath.dirname(subject.at.manifest.pipeline.file),
        root=str(place.tree),
    )
    return "".join(
        f"; {each.path} is in this revision, and no stage declares it: add to deps: `{each.line}`"
        for each in suggestions
    )


def _kept(
    subject: TrainingSubject, context: TrainContext, place: TrainingFolder
) -> AbstractContextManager[CheckpointFolder | None]:
    if context.checkpoints is None:
        return nullcontext()
    return context.checkpoints.open(
        model=subject.name,
        fingerprint=subject.fingerprint,
        accepted=place.standing.checkpoints,
    )


def _saved(
    subject: TrainingSubject, context: TrainContext, kept: CheckpointFolder | None
) -> tuple[Saved, ...]:
    if context.checkpoints is None or kept is None:
        return ()
    return context.checkpoints.saved(kept, fingerprint=subject.fingerprint)


def _words(kept: CheckpointFolder | None) -> str:
    if kept is None or (kept.attempts == 1 and not kept.passed_over):
        return ""
    place = "from the start" if kept.step is None else f"from the checkpoint of step {kept.step}"
    return "; ".join([f", attempt {kept.attempts}, {place}", *kept.passed_over])


def _job(
    subject: TrainingSubject,
    options: TrainOptions,
    context: TrainContext,
    place: TrainingFolder,
    kept: CheckpointFolder | None,
) -> PipelineJob:
    manifest, tree = subject.at.manifest, subject.training_tree
    env = training_environment.environment(
        context.ambient,
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
        is_target_rerun=tree.is_target_rerun,
        salt=environment_salt(subject.lineage),
        recorded={i.path: i.digest for i in subject.lineage.inputs if i.is_recorded},
        accepted=place.standing.accepted,
        own_cache=place.standing.own_cache,
        env=env if kept is None else env | {"INTERLOCK_CHECKPOINT_DIR": str(kept.folder)},
        prepare=options.prepare,
        launch=launcher.arguments(manifest.training),
    )


def environment_salt(lineage: Lineage) -> str:
    """Return a digest of the inputs that DVC's run cache ignores.

    DVC does not know the environment files and the launcher of a manifest: a stage with another
    lock file of packages may not come from its run cache.
    """
    inputs = lineage.inputs
    has_context = any(i.kind is InputKind.CONTEXT for i in inputs)
    hidden = [i for i in inputs if _is_hidden_from_dvc(i, has_context=has_context)]
    digests = sorted((i.path, i.digest) for i in hidden)
    return hashlib.sha256(json.dumps(digests).encode()).hexdigest()


def _is_hidden_from_dvc(one: Input, *, has_context: bool) -> bool:
    """True if DVC does not know an input. With `context` any stage may read any of its files,
    including those that another stage declares."""
    is_launcher = one.kind is InputKind.MANIFEST and one.name == "training"
    is_open = has_context and one.kind in (InputKind.CONTEXT, InputKind.CODE)
    return is_launcher or is_open or one.kind is InputKind.ENVIRONMENT
