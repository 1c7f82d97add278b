"""Trains models at one revision, each fingerprint once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from interlock import errors
from interlock.commands.train import (
    existing_candidate,
    machine_check,
    one_model,
    reproducibility,
    training_folder,
)
from interlock.commands.train.context import (
    ModelError,
    TrainContext,
    Trained,
    TrainingFailed,
    TrainingSubject,
    TrainOptions,
)
from interlock.commands.train.one_model import environment_salt
from interlock.ports.pipeline import RunEnd
from interlock.services import machine_shortage, run_documents

__all__ = [
    "ModelError",
    "TrainContext",
    "TrainOptions",
    "Trained",
    "TrainingFailed",
    "environment_salt",
    "run",
    "run_all",
]

_Done = TypeVar("_Done")


def run(context: TrainContext, options: TrainOptions) -> Trained | TrainingFailed:
    """Return the candidate of this model at this revision; train it if there is none.

    Raises Refused for a model that is blocked, CannotTrain for a pipeline that cannot run,
    LedgerBroken if the ledger's history was rewritten, UnfitMachine before anything is pulled, and
    OutsideFailure (a full disk, the DVC remote, MLflow, an input that differs from the
    fingerprint); then nothing is recorded.
    """
    with machine_shortage.detected(context.repository.root):
        training_folder.require(options, context)
        begun = _begin(_observe(options, context), options, context)
        if isinstance(begun, Trained):
            return begun
        if options.remove_checkout:
            training_folder.remove_checkout(context)
        return _finish(begun, options, context)


def run_all(
    context: TrainContext, all_options: Sequence[TrainOptions]
) -> Iterator[Trained | TrainingFailed | ModelError]:
    """Train one model after the other and yield each result, until a training is interrupted.

    Errors that Git alone shows, for example an unknown model, are found before the first training.
    When the checkout is removed, all trees are generated first.
    """
    removing = any(each.remove_checkout for each in all_options)
    for options in all_options:
        training_folder.require(options, context)
    observed = [_attempted(partial(_observe, each, context)) for each in all_options]
    begun: Iterator[Trained | _Ready | ModelError]
    begun = map(partial(_begun, context=context), observed, all_options)
    held = list(begun) if removing else []
    if any(isinstance(each, _Ready) for each in held):
        training_folder.remove_checkout(context)
    try:
        yield from _finished(iter(held) if removing else begun, all_options, observed, context)
    finally:
        for each in held:
            if isinstance(each, _Ready):
                each.stack.close()


def _begun(
    subject: TrainingSubject | ModelError, options: TrainOptions, *, context: TrainContext
) -> Trained | _Ready | ModelError:
    if isinstance(subject, ModelError):
        return subject
    return _attempted(partial(_begin, subject, options, context))


def _finished(
    begun: Iterator[Trained | _Ready | ModelError],
    all_options: Sequence[TrainOptions],
    observed: Sequence[TrainingSubject | ModelError],
    context: TrainContext,
) -> Iterator[Trained | TrainingFailed | ModelError]:
    is_interrupted = False
    for options, subject in zip(all_options, observed, strict=True):
        if is_interrupted:
            yield subject if isinstance(subject, ModelError) else ModelError(_not_begun(subject))
            continue
        ready = next(begun)
        done = (
            _attempted(partial(_finish, ready, options, context))
            if isinstance(ready, _Ready)
            else ready
        )
        is_interrupted = isinstance(done, TrainingFailed) and done.ended is RunEnd.INTERRUPTED
        yield done


def _attempted(step: Callable[[], _Done]) -> _Done | ModelError:
    try:
        with machine_shortage.detected():
            return step()
    except errors.InterlockError as error:
        return ModelError(error)


def _not_begun(subject: TrainingSubject) -> errors.OutsideFailure:
    return errors.OutsideFailure(
        f"{subject.name} was not started: the training before it was interrupted",
        hint="run this again",
    )


@dataclass(frozen=True, slots=True)
class _Ready:
    """A model that will be trained: the machine can do it, and the inputs lie in a place that
    `stack` removes."""

    subject: TrainingSubject
    warnings: tuple[str, ...]
    place: training_folder.TrainingFolder
    stack: ExitStack


def _begin(
    subject: TrainingSubject, options: TrainOptions, context: TrainContext
) -> Trained | _Ready:
    choice = existing_candidate.find(subject, context)
    if not options.force:
        existing_candidate.require(choice, subject, context)
    if choice.candidate is not None and not options.force:
        context.tell(f"{subject.name}: already trained as {subject.fingerprint[:12]}")
        warnings = (*subject.at.warnings, *choice.warnings)
        document = choice.document or run_documents.digest(choice.candidate)
        return Trained(choice.candidate, reused=True, document=document, warnings=warnings)
    context.runs.prepare(model=subject.name)
    warnings = (*machine_check.require(subject, context), *choice.warnings)
    with ExitStack() as stack:
        place = stack.enter_context(training_folder.laid_out(subject, options, context))
        return _Ready(subject, warnings, place, stack.pop_all())


def _finish(
    ready: _Ready, options: TrainOptions, context: TrainContext
) -> Trained | TrainingFailed:
    with ready.stack:
        done = one_model.train(ready.subject, options, context, ready.place)
        warnings = (*done.warnings, *ready.warnings)
        if isinstance(done, TrainingFailed):
            return replace(done, warnings=warnings)
        first, unknown = existing_candidate.find_first(done.candidate, ready.subject, context)
        if first is not None:
            difference = reproducibility.describe_difference(
                first, done.candidate, ready.subject, context, tree=ready.place.tree
            )
            warnings = (*warnings, *filter(None, [difference]))
    return replace(done, repeats=first, warnings=(*warnings, *unknown))


def _observe(options: TrainOptions, context: TrainContext) -> TrainingSubject:
    revision = context.repository.resolve(options.revision)
    tree = context.repository.tree(revision)
    at = context.read_model(tree, options.model)
    if at.lineage is None or at.fingerprint is None:
        raise errors.Refused(
            f"{options.model} at {revision[:12]} cannot be trained: {at.blocked}",
            hint=f"fix {at.manifest.pipeline.file} or its inputs; see `interlock plan`",
        )
    grown, rates = context.training_tree(tree, at), context.rates(tree)
    return TrainingSubject(at, at.lineage, at.fingerprint, tree, grown, rates)
