"""`retrain --part refresh`: run the programs that update data, and pass the result to the part that
writes to GitHub."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from interlock import documents, errors
from interlock.commands.retrain import data_branch, monitored_models, refreshed_pointers
from interlock.commands.retrain.context import RetrainContext, RetrainOptions
from interlock.commands.retrain.listings import Listings
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.retraining import refresh_results, retraining_facts
from interlock.domain.retraining.refresh_results import RefreshResult, RefreshResults
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped
from interlock.services.open_pulls import OpenPulls


def refresh_models(context: RetrainContext, options: RetrainOptions) -> RefreshResults:
    """Refresh the data of every model for which `run` would open or update a pull request.

    Origin and GitHub are only read. An error of one model is in the result as its failure. Raises
    like `retrain.run`.
    """
    context.ledger.refresh()
    snapshot, names = monitored_models.read(context, options)
    each = EachModel(monitored_models.probes(context, names))
    listings = Listings(context, OpenPulls(context.github))
    one = functools.partial(_one, options, snapshot, listings)
    refreshes = [each.do(name, one, otherwise=_stopped) for name in names]
    return _limit(refresh for refresh in refreshes if refresh is not None)


def _one(
    options: RetrainOptions, snapshot: Snapshot, listings: Listings, name: str
) -> RefreshResult | None:
    context = listings.context
    try:
        subject = monitored_models.observe(listings, options, snapshot, name, Attempts())
        if not isinstance(
            subject.decision, retraining_facts.OpenPull | retraining_facts.UpdatePull
        ):
            return None
        done = data_branch.refresh(context, subject)
        if done.reason:
            return RefreshResult(name, refresh_results.cut(data_branch.failure(done)))
        return refreshed_pointers.pack(context, subject, done)
    except errors.MissingSetting as error:  # for example of a DVC remote, which differs by model
        return _stopped(ModelStopped(name, error))


def _stopped(stopped: ModelStopped) -> RefreshResult:
    return RefreshResult(stopped.model, refresh_results.cut(stopped.sentence))


def _limit(refreshes: Iterable[RefreshResult]) -> RefreshResults:
    """Keep what fits into the limit. A result that is too long becomes a failure; without room for
    that, it is left out, and the next run refreshes the model."""
    kept: list[RefreshResult] = []
    room = refresh_results.LONGEST
    for refresh in refreshes:
        tries = (
            refresh,
            RefreshResult(refresh.model, "its pointers are too long for the result"),
        )
        fitting = next((each for each in tries if _length(each) <= room), None)
        if fitting is not None:
            kept.append(fitting)
            room -= _length(fitting)
    return RefreshResults(tuple(kept))


def _length(refresh: RefreshResult) -> int:
    return len(documents.line(documents.dump(RefreshResults((refresh,)))))
