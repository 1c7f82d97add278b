"""Trains one model at one revision, once; how a pipeline runs and where runs lie is not here."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from interlock import artifacts, book, errors
from interlock.domain import evidence, flattening
from interlock.domain.lineage import InputKind, Lineage
from interlock.domain.policy import Rate
from interlock.domain.snapshot import ModelAt
from interlock.ports.git import Repository, Tree
from interlock.ports.ledger import Ledger
from interlock.ports.machine import Machine
from interlock.ports.pipeline import Ended, Job, Pipeline, Run
from interlock.ports.runs import Runs


@dataclass(frozen=True, slots=True)
class Request:
    """`here` trains in the user's checkout, which must be that revision and clean; `force` trains
    though there is evidence."""

    model: str
    revision: str
    here: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Trained:
    """There is a candidate. `reused` says that it was there before, and nothing trained."""

    candidate: evidence.Candidate
    reused: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """There is none, and why."""

    attempt: evidence.Attempt
    ended: Ended
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """What a training needs of the world. `say` takes the program's lines, `tell` ours."""

    repository: Repository
    read_model: Callable[[Tree, str], ModelAt]
    rates: Callable[[Tree], Mapping[str, Rate]]
    pipeline: Pipeline
    machine: Machine
    runs: Runs
    ledger: Ledger | None = None
    say: Callable[[str], None] = lambda _: None
    tell: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class _Subject:
    """The model that is trained: its words, its inputs, its content address, its revision."""

    at: ModelAt
    lineage: Lineage
    fingerprint: str
    tree: Tree

    @property
    def name(self) -> str:
        return self.at.manifest.model


def run(request: Request, world: World) -> Trained | Failed:
    """Return the candidate of this model at this revision, trained if it was not there.

    Raises Refused for a model that is blocked, CannotTrain for a pipeline that cannot run,
    LedgerBroken when the ledger's history was rewritten, and OutsideFailure (a full disk, the DVC
    remote, MLflow); then nothing is recorded.
    """
    with _full_disk_told():
        subject = _observe(request, world)
        known = _find(subject, world)
        if known is not None and not request.force:
            world.tell(f"{subject.name}: already trained as {subject.fingerprint[:12]}")
            return Trained(known, reused=True, warnings=subject.at.warnings)
        with _checkout(request, subject, world) as checkout:
            done = _train(subject, request, world, checkout)
        return _compared(done, known)


def _compared(done: Trained | Failed, known: evidence.Candidate | None) -> Trained | Failed:
    """Add what a second training of the same inputs shows: whether they determine the model."""
    if known is None or isinstance(done, Failed):
        return done
    again = done.candidate
    pairs = ((known.model, again.model), (known.predictions, again.predictions))
    names = [first.path for first, second in pairs if first != second]
    if not names:
        return done
    sentence = (
        f"{' and '.join(names)} differ from run {known.run_id} though the inputs are the same: "
        "something that is not declared has a say (a seed, a clock, threads)"
    )
    return replace(done, warnings=(*done.warnings, sentence))


def _observe(request: Request, world: World) -> _Subject:
    revision = world.repository.resolve(request.revision)
    tree = world.repository.tree(revision)
    at = world.read_model(tree, request.model)
    if at.lineage is None or at.fingerprint is None:
        raise errors.Refused(
            f"{request.model} at {revision[:12]} cannot be trained: {at.blocked}",
            hint=f"mend {at.manifest.pipeline.file} or what it names; `interlock plan` explains",
        )
    return _Subject(at, at.lineage, at.fingerprint, tree)


def _find(subject: _Subject, world: World) -> evidence.Candidate | None:
    """The ledger's word comes first: it is append-only, and MLflow can lose its runs."""
    if world.ledger is not None:
        _refresh(world.ledger, world)
        known = book.find_evidence(
            world.ledger, model=subject.name, fingerprint=subject.fingerprint
        )
        if known is not None:
            return known.candidate
    return world.runs.find_candidate(model=subject.name, fingerprint=subject.fingerprint)


def _refresh(ledger: Ledger, world: World) -> None:
    """See what others trained. Without origin what this clone has seen still holds, for nothing
    is ever taken out of the ledger, and MLflow is asked for the rest."""
    try:
        ledger.refresh()
    except errors.CannotReachGit as error:
        world.tell(f"warning: the ledger may be out of date, MLflow decides: {error.message}")


def _checkout(request: Request, subject: _Subject, world: World) -> AbstractContextManager[Path]:
    revision = subject.tree.revision
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


def _train(subject: _Subject, request: Request, world: World, checkout: Path) -> Trained | Failed:
    pipeline, runner = subject.at.manifest.pipeline, subject.at.manifest.runner
    job = Job(
        checkout=checkout,
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
        return _record_failure(subject, done, world, reason=done.reason, ended=done.ended)
    if problem := _missing(subject, done, checkout):
        return _record_failure(subject, done, world, reason=problem, ended=Ended.FAILED)
    return _record(subject, done, world, checkout)


def environment_salt(lineage: Lineage) -> str:
    """Return what sets the stored runs of one environment apart from those of another.

    DVC knows nothing of the environment files that a manifest names: the same stage under another
    lock file of packages must not be taken from its run cache.
    """
    found = sorted((i.path, i.digest) for i in lineage.inputs if i.kind is InputKind.ENVIRONMENT)
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def _missing(subject: _Subject, done: Run, checkout: Path) -> str:
    """What the manifest promises and the target did not leave; '' when all is there."""
    wanted = subject.at.manifest.outputs
    for path in (wanted.model, wanted.predictions):
        if not any(path == out or path.startswith(f"{out}/") for out in done.outputs):
            target = subject.at.manifest.pipeline.target
            return f"{path} is not among the outputs of stage {target}: {', '.join(done.outputs)}"
        if not (checkout / path).exists():
            return f"the pipeline ended well but did not leave {path}"
    if not (checkout / wanted.predictions).is_file():
        return f"{wanted.predictions} is a folder, and predictions are one Parquet or CSV file"
    return ""


def _record(subject: _Subject, done: Run, world: World, checkout: Path) -> Trained:
    outputs = subject.at.manifest.outputs
    model, predictions = checkout / outputs.model, checkout / outputs.predictions
    # A folder is the artifact `model`, a single file lies in it under its own name.
    model_name = "model" if model.is_dir() else f"model/{model.name}"
    predictions_name = f"predictions{predictions.suffix}"
    metrics, left_out = flattening.numbers(done.metrics)
    candidate = evidence.Candidate(
        name=subject.name,
        fingerprint=subject.fingerprint,
        revision=subject.tree.revision,
        run_id="",
        lineage=subject.lineage,
        model=artifacts.measure(model, name=model_name),
        predictions=artifacts.measure(predictions, name=predictions_name),
        files=tuple(artifacts.measure(checkout / out, name=out) for out in done.outputs),
        facts=_facts(subject, done, world),
        metrics=metrics,
        params=flattening.texts(done.params),
        lock=done.lock,
        log_tail=done.log_tail,
    )
    files = {model_name: model, predictions_name: predictions}
    recorded = world.runs.record_candidate(candidate, files=files)
    restored = tuple(
        f"stage {stage.name} was not run again: its stored run has the same inputs"
        for stage in done.stages
        if not stage.ran
    )
    return Trained(recorded, reused=False, warnings=(*subject.at.warnings, *left_out, *restored))


def _facts(subject: _Subject, done: Run, world: World) -> evidence.RunFacts:
    machine = world.machine.describe()
    labels = subject.at.manifest.runner.labels
    cost, currency = evidence.price(done.seconds, labels=labels, rates=world.rates(subject.tree))
    return evidence.RunFacts(
        seconds=round(done.seconds, 3),
        peak_memory_bytes=done.peak_memory_bytes,
        python=machine.python,
        platform=machine.platform,
        cpu=machine.cpu,
        gpu=machine.gpu,
        driver=machine.driver,
        packages=machine.packages,
        cost=cost,
        currency=currency,
    )


def _record_failure(
    subject: _Subject, done: Run, world: World, *, reason: str, ended: Ended
) -> Failed:
    attempt = evidence.Attempt(
        name=subject.name,
        fingerprint=subject.fingerprint,
        revision=subject.tree.revision,
        run_id="",
        reason=reason,
        log_tail=done.log_tail,
        seconds=round(done.seconds, 3),
        interrupted=ended is Ended.INTERRUPTED,
    )
    try:
        return Failed(world.runs.record_attempt(attempt), ended, subject.at.warnings)
    except errors.InterlockError as error:
        unrecorded = f"the attempt was not recorded: {error.message}"
        return Failed(attempt, ended, (*subject.at.warnings, unrecorded))


@contextmanager
def _full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        place = f" on {error.filename}" if error.filename else ""
        raise errors.OutsideFailure(
            f"no space left{place}", hint="free some disk space, then run this again"
        ) from error
