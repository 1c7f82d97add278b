"""The half of `retrain` that runs programs of the repository and writes nothing but data: what it
brought is handed to the half that writes."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable

from interlock import documents, errors
from interlock.commands.retrain import data_branch, handover_files, monitored_models
from interlock.commands.retrain.context import RetrainContext, RetrainOptions
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.retraining import refresh_result, retraining_facts
from interlock.domain.retraining.refresh_result import Handover, RefreshResult
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped


def refresh_models(world: RetrainContext, request: RetrainOptions) -> Handover:
    """Bring newer data for every model that `run` would open or update a pull request for.

    Of origin it knows what the clone does, and GitHub is read alone. What goes wrong with one model
    is handed over as its failure. Raises as looking.read.
    """
    world = dataclasses.replace(world, fetches=False)
    snapshot, names = monitored_models.read(world, request)
    each = EachModel(monitored_models.probes(world, names))
    one = functools.partial(_one, world, request, snapshot)
    found = [each.do(name, one, otherwise=_stopped) for name in names]
    return _bound(refresh for refresh in found if refresh is not None)


def _one(
    world: RetrainContext, request: RetrainOptions, snapshot: Snapshot, name: str
) -> RefreshResult | None:
    try:
        subject = monitored_models.observe(world, request, snapshot, name, Attempts())
        if not isinstance(
            subject.decision, retraining_facts.OpenPull | retraining_facts.UpdatePull
        ):
            return None
        done = data_branch.refresh(world, subject)
        if done.reason:
            return RefreshResult(name, refresh_result.cut(data_branch.last_words(done)))
        return handover_files.pack(world, subject, done)
    except errors.MissingSetting as error:  # as a remote of DVC's: each model has its own
        return _stopped(ModelStopped(name, error))


def _stopped(stopped: ModelStopped) -> RefreshResult:
    return RefreshResult(stopped.model, refresh_result.cut(stopped.sentence))


def _bound(refreshes: Iterable[RefreshResult]) -> Handover:
    """As much as there is room for. What is too long is handed over as a failure; when there is no
    room for that either it is left out, which the other half takes for not refreshed."""
    kept: list[RefreshResult] = []
    room = refresh_result.LONGEST
    for refresh in refreshes:
        tries = (
            refresh,
            RefreshResult(refresh.model, "its pointers are too long to be handed over"),
        )
        fitting = next((each for each in tries if _length(each) <= room), None)
        if fitting is not None:
            kept.append(fitting)
            room -= _length(fitting)
    return Handover(tuple(kept))


def _length(refresh: RefreshResult) -> int:
    return len(documents.line(documents.dump(Handover((refresh,)))))
