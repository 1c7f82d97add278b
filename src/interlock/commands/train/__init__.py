"""Trains models at one revision, each once; how a pipeline runs and where runs lie is not here."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from interlock import book, errors
from interlock.commands.train import fitness, training
from interlock.commands.train.nouns import Broken, Failed, Request, Subject, Trained, World
from interlock.commands.train.training import environment_salt
from interlock.domain import evidence
from interlock.ports.ledger import Ledger
from interlock.ports.pipeline import Ended

__all__ = ["Broken", "Failed", "Request", "Trained", "World", "environment_salt", "run", "run_all"]

_Done = TypeVar("_Done")
_Place = Callable[[Request, World], AbstractContextManager[Path]]


def run(request: Request, world: World) -> Trained | Failed:
    """Return the candidate of this model at this revision, trained if it was not there.

    Raises Refused for a model that is blocked, CannotTrain for a pipeline that cannot run,
    LedgerBroken when the ledger's history was rewritten, UnfitMachine before anything is pulled,
    and OutsideFailure (a full disk, the DVC remote, MLflow); then nothing is recorded.
    """
    with _full_disk_told():
        return _obtain(_observe(request, world), request, world, training.checkout)


def run_all(requests: Sequence[Request], world: World) -> Iterator[Trained | Failed | Broken]:
    """Answer each request in its turn, whatever becomes of the others, until one is interrupted.

    What Git alone can tell is told before anything trains: hours may lie between a model and the
    misspelt one after it. With `here` the checkout is looked at once, before we leave files in it.
    """
    observed = [_attempted(partial(_observe, each, world)) for each in requests]
    place = _place_for_all(requests, world)
    is_interrupted = False
    for request, subject in zip(requests, observed, strict=True):
        if isinstance(subject, Broken):
            yield subject
        elif is_interrupted:
            yield Broken(_not_begun(subject))
        else:
            done = _attempted(partial(_obtain, subject, request, world, place))
            is_interrupted = isinstance(done, Failed) and done.ended is Ended.INTERRUPTED
            yield done


def _attempted(step: Callable[[], _Done]) -> _Done | Broken:
    try:
        with _full_disk_told():
            return step()
    except errors.InterlockError as error:
        return Broken(error)


def _place_for_all(requests: Sequence[Request], world: World) -> _Place:
    if not any(each.here for each in requests):
        return training.checkout
    with training.checkout(requests[0], world) as folder:
        return lambda *_: nullcontext(folder)


def _not_begun(subject: Subject) -> errors.OutsideFailure:
    return errors.OutsideFailure(
        f"{subject.name} was not begun: the training before it was interrupted",
        hint="run this again",
    )


def _obtain(subject: Subject, request: Request, world: World, place: _Place) -> Trained | Failed:
    known = _find(subject, world)
    if known is not None and not request.force:
        world.tell(f"{subject.name}: already trained as {subject.fingerprint[:12]}")
        return Trained(known, reused=True, warnings=subject.at.warnings)
    world.runs.prepare(model=subject.name)
    warnings = fitness.require(subject, world)
    with place(request, world) as folder:
        done = training.train(subject, request, world, folder)
    return _compared(replace(done, warnings=(*done.warnings, *warnings)), known)


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


def _observe(request: Request, world: World) -> Subject:
    revision = world.repository.resolve(request.revision)
    tree = world.repository.tree(revision)
    at = world.read_model(tree, request.model)
    if at.lineage is None or at.fingerprint is None:
        raise errors.Refused(
            f"{request.model} at {revision[:12]} cannot be trained: {at.blocked}",
            hint=f"mend {at.manifest.pipeline.file} or what it names; `interlock plan` explains",
        )
    return Subject(at, at.lineage, at.fingerprint, tree)


def _find(subject: Subject, world: World) -> evidence.Candidate | None:
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
