"""One model's stages in a checkout of its revision; what is known of it before is not asked."""

from __future__ import annotations

import hashlib
import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from interlock import errors
from interlock.commands.train import recording
from interlock.commands.train.nouns import Failed, Request, Subject, Trained, World
from interlock.domain.lineage import InputKind, Lineage
from interlock.ports.pipeline import Ended, Job, Run


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
    pipeline, runner = subject.at.manifest.pipeline, subject.at.manifest.runner
    job = Job(
        checkout=folder,
        file=pipeline.file,
        target=pipeline.target,
        timeout_seconds=runner.timeout_minutes * 60,
        home=None if request.here else world.repository.root,
        salt=environment_salt(subject.lineage),
        force=request.force,
    )
    world.tell(f"{subject.name}: training {subject.fingerprint[:12]}")
    done = world.pipeline.run(job, say=world.say)
    if done.ended is not Ended.DONE:
        return recording.record_failure(subject, done, world, reason=done.reason, ended=done.ended)
    if problem := _missing(subject, done, folder):
        return recording.record_failure(subject, done, world, reason=problem, ended=Ended.FAILED)
    return recording.record(subject, done, world, folder)


def environment_salt(lineage: Lineage) -> str:
    """Return what sets the stored runs of one environment apart from those of another.

    DVC knows nothing of the environment files that a manifest names: the same stage under another
    lock file of packages must not be taken from its run cache.
    """
    found = sorted((i.path, i.digest) for i in lineage.inputs if i.kind is InputKind.ENVIRONMENT)
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def _missing(subject: Subject, done: Run, folder: Path) -> str:
    """What the manifest promises and the target did not leave; '' when all is there."""
    wanted = subject.at.manifest.outputs
    for path in (wanted.model, wanted.predictions):
        if not any(path == out or path.startswith(f"{out}/") for out in done.outputs):
            target = subject.at.manifest.pipeline.target
            return f"{path} is not among the outputs of stage {target}: {', '.join(done.outputs)}"
        if not (folder / path).exists():
            return f"the pipeline ended well but did not leave {path}"
    if not (folder / wanted.predictions).is_file():
        return f"{wanted.predictions} is a folder, and predictions are one Parquet or CSV file"
    return ""
