"""One model's stages in a checkout of its revision; what is known of it before is not asked."""

from __future__ import annotations

import hashlib
import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from interlock import errors
from interlock.commands.train import outputs, recording
from interlock.commands.train.nouns import Failed, Request, Subject, Trained, World
from interlock.domain import launching
from interlock.domain.lineage import Input, InputKind, Lineage
from interlock.ports.checkpoints import Kept
from interlock.ports.pipeline import Ended, Job


def checkout(request: Request, world: World) -> AbstractContextManager[Path]:
    """The revision's files, as committed: in a folder of their own, or the user's with `here`."""
    revision = world.repository.resolve(request.revision)
    if not request.here:
        return world.repository.worktree(revision)
    head = world.repository.resolve("HEAD")
    if head != revision:
        raise errors.Refused(
            f"--here: {world.repository.root} has {head[:12]} checked out, not {revision[:12]}",
            hint="check that revision out, or leave out --here",
        )
    if changed := world.repository.changed_files():
        raise errors.Refused(
            f"--here: {changed[0]} in {world.repository.root} is not as committed",
            hint="commit or stash what changed, or leave out --here",
        )
    return nullcontext(world.repository.root)


def train(subject: Subject, request: Request, world: World, folder: Path) -> Trained | Failed:
    """Run the stages, with the state that a killed training of the same inputs left; it is removed
    once the candidate is recorded."""
    with _kept(subject, world) as kept:
        job = _job(subject, request, world, folder, kept)
        world.tell(f"{subject.name}: training {subject.fingerprint[:12]}{_words(kept)}")
        with world.machine.watch(gpus=subject.at.manifest.runner.gpus) as watch:
            done = world.pipeline.run(
                job,
                say=world.say,
                check=lambda left: outputs.problem(subject, left, folder, scoring=world.scoring),
            )
        if done.ended is not Ended.DONE:
            reason, ended = done.reason, done.ended
            return recording.record_failure(subject, done, world, reason=reason, ended=ended)
        seen = recording.Seen(watch.use, kept)
        trained = recording.record(subject, done, world, folder, seen)
        if world.checkpoints is not None and kept is not None:
            world.checkpoints.discard(kept)
        return trained


def _kept(subject: Subject, world: World) -> AbstractContextManager[Kept | None]:
    if world.checkpoints is None:
        return nullcontext()
    return world.checkpoints.open(model=subject.name, fingerprint=subject.fingerprint)


def _words(kept: Kept | None) -> str:
    if kept is None or kept.attempts == 1:
        return ""
    place = "from the start" if kept.step is None else f"from the checkpoint of step {kept.step}"
    return "; ".join([f", attempt {kept.attempts}, {place}", *kept.passed_over])


def _job(subject: Subject, request: Request, world: World, folder: Path, kept: Kept | None) -> Job:
    manifest = subject.at.manifest
    env = {"INTERLOCK_FINGERPRINT": subject.fingerprint}
    return Job(
        checkout=folder,
        file=manifest.pipeline.file,
        target=manifest.pipeline.target,
        timeout_seconds=manifest.runner.timeout_minutes * 60,
        home=None if request.here else world.repository.root,
        salt=environment_salt(subject.lineage),
        force=request.force,
        env=env if kept is None else env | {"INTERLOCK_CHECKPOINT_DIR": str(kept.folder)},
        launch=launching.arguments(manifest.training),
    )


def environment_salt(lineage: Lineage) -> str:
    """Return what sets the stored runs of one environment apart from those of another.

    DVC knows nothing of the environment files that a manifest names, nor of its launcher: the same
    stage under another lock file of packages must not be taken from its run cache.
    """
    found = sorted((i.path, i.digest) for i in lineage.inputs if _is_hidden_from_dvc(i))
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def _is_hidden_from_dvc(found: Input) -> bool:
    is_launcher = found.kind is InputKind.MANIFEST and found.name == "training"
    return is_launcher or found.kind is InputKind.ENVIRONMENT
