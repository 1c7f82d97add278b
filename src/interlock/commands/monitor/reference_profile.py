"""The reference profile of a champion: computed once, kept in the ledger."""

from __future__ import annotations

from dataclasses import replace

from interlock import errors
from interlock.commands.monitor.context import MonitorContext
from interlock.domain.basics import figures
from interlock.domain.drift.profile import Profile
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.monitor_rules import EVALUATION, Monitor
from interlock.domain.monitoring import window_report
from interlock.domain.monitoring.monitoring_records import ReferenceProfile
from interlock.domain.monitoring.window_report import MonitoredChampion
from interlock.ledger import lookup
from interlock.services import artifacts, temporary_folders

_NAMED = 5


def find(
    context: MonitorContext, monitor: Monitor, champion: MonitoredChampion
) -> ReferenceProfile | None:
    """Return the champion's reference profile from the ledger; None if it is not recorded.

    Raises CannotProfile if it has no column to compare.
    """
    rules = window_report.digest(monitor)
    known = lookup.find_profile(
        context.ledger, model=champion.model, fingerprint=champion.fingerprint, rules=rules
    )
    return None if known is None else _require_comparable(known)


def create(
    context: MonitorContext, monitor: Monitor, champion: MonitoredChampion, candidate: Candidate
) -> ReferenceProfile:
    """Compute the champion's reference profile.

    Raises the errors of `runs`, `live` and `profiling`, CannotProfile if no column can be compared,
    and CannotReachRegistry if the predictions differ from the recorded digest.
    """
    profile = _create(context, monitor, candidate)
    rules = window_report.digest(monitor)
    return _require_comparable(
        ReferenceProfile(champion.model, champion.fingerprint, rules, profile)
    )


def _require_comparable(reference: ReferenceProfile) -> ReferenceProfile:
    columns = reference.profile.columns
    if any(column.is_comparable for column in columns):
        return reference
    kinds = [f"{column.name} ({column.kind})" for column in columns]
    listing = figures.listing(kinds, most=_NAMED)
    reason = (
        f"no numbers or categories in {listing}"
        if kinds
        else "no column of `reference` is selected"
    )
    raise errors.CannotProfile(
        f"no column of {reference.model} can be compared: {reason}",
        hint="check `reference`, `columns` and `checks.prediction` in its `monitor:` section",
    )


def _create(context: MonitorContext, monitor: Monitor, champion: Candidate) -> Profile:
    columns = window_report.columns(monitor)
    if monitor.reference == EVALUATION:
        return _evaluated(context, champion, columns.include, columns.exclude)
    with context.live().fetch_all(monitor.reference) as files:
        profile = context.profiling().profile(
            files, include=columns.include, exclude=columns.exclude
        )
    known = {column.name for column in profile.columns}
    has_rows = champion.predictions is not None
    if not monitor.checks.prediction or known.issuperset(monitor.rows.answers) or not has_rows:
        return profile
    # A profile describes columns, not rows, so the outputs may come from the predictions file.
    outputs = _evaluated(context, champion, monitor.rows.outputs, columns.exclude)
    more = tuple(column for column in outputs.columns if column.name not in known)
    return replace(profile, columns=(*profile.columns, *more))


def _evaluated(
    context: MonitorContext,
    champion: Candidate,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
) -> Profile:
    if champion.predictions is None:
        raise errors.CannotProfile(
            f"the production model, of run {champion.run_id}, has no predictions to compare with",
            hint="name other data as `reference`, or promote a model with predictions",
        )
    with temporary_folders.folder("reference") as folder:
        path = artifacts.fetch(context.runs(), champion.run_id, champion.predictions, to=folder)
        if path is None:
            raise errors.CannotReachRegistry(
                f"{champion.predictions.path} of run {champion.run_id} does not have the recorded "
                "digest: the artifact was changed or damaged",
                hint="promote a model with intact predictions",
            )
        return context.profiling().profile([str(path)], include=include, exclude=exclude)
