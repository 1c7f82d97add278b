"""What windows of a champion are held against: reduced once, kept in the ledger, found again."""

from __future__ import annotations

from dataclasses import replace

from interlock import errors
from interlock.commands.monitor.context import MonitorContext
from interlock.domain.basics import figures
from interlock.domain.drift.profile import Profile
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.monitor_rules import EVALUATION, Monitor
from interlock.domain.monitoring import diagnosis, window_report
from interlock.domain.monitoring.monitoring_records import ReferenceProfile
from interlock.domain.monitoring.window_report import MonitoredChampion
from interlock.ledger import lookup, transaction
from interlock.services import artifacts, temporary_folders

_NAMED = 5
_OUTPUTS = (diagnosis.PREDICTION, f"{diagnosis.SCORE}*")


def find(
    world: MonitorContext, monitor: Monitor, served: MonitoredChampion, champion: Candidate
) -> Profile:
    """Return the champion's profile, from the ledger where it is there, else made and kept there.

    Of two that make it at once the first one's is both's. Raises what `runs`, `live` and
    `profiling` raise, CannotProfile where no column is let in, and CannotReachRegistry for
    predictions that are not those recorded.
    """
    rules = window_report.digest(monitor)
    name, fingerprint = served.model, served.fingerprint
    made: list[ReferenceProfile] = []

    def decide() -> tuple[ReferenceProfile, list[ReferenceProfile]]:
        known = lookup.find_profile(world.ledger, model=name, fingerprint=fingerprint, rules=rules)
        if known is not None:
            return known, []
        if not made:
            profile = _make(world, monitor, champion)
            _require_comparable(profile, name)
            made.append(ReferenceProfile(name, fingerprint, rules, profile))
        return made[0], made

    message = f"Profile what {name} {fingerprint[:12]} is held against"
    found = transaction.decide(world.ledger, decide, message=message).profile
    _require_comparable(found, name)
    return found


def _require_comparable(profile: Profile, name: str) -> None:
    if any(column.is_comparable for column in profile.columns):
        return
    kinds = [f"{column.name} ({column.kind})" for column in profile.columns]
    has = "have" if len(kinds) > 1 else "has"
    why = f"{figures.listing(kinds, most=_NAMED)} {has} no numbers or categories"
    raise errors.CannotProfile(
        f"nothing of {name} can be compared: "
        f"{why if kinds else 'no column of `reference` is let in'}",
        hint="see `reference`, `columns` and `checks.prediction` of its `monitor:`",
    )


def _make(world: MonitorContext, monitor: Monitor, champion: Candidate) -> Profile:
    columns = window_report.columns(monitor)
    if monitor.reference == EVALUATION:
        return _evaluated(world, champion, columns.include, columns.exclude)
    with world.live().fetch_all(monitor.reference) as files:
        profile = world.profiling().profile(files, include=columns.include, exclude=columns.exclude)
    known = {column.name for column in profile.columns}
    if not monitor.checks.prediction or diagnosis.PREDICTION in known:
        return profile
    # A profile is of columns, not of rows: what the model answers comes from its own file.
    answers = _evaluated(world, champion, _OUTPUTS, columns.exclude)
    more = tuple(column for column in answers.columns if column.name not in known)
    return replace(profile, columns=(*profile.columns, *more))


def _evaluated(
    world: MonitorContext, champion: Candidate, include: tuple[str, ...], exclude: tuple[str, ...]
) -> Profile:
    with temporary_folders.folder("reference") as folder:
        path = artifacts.fetch(world.runs(), champion.run_id, champion.predictions, to=folder)
        if path is None:
            raise errors.CannotReachRegistry(
                f"{champion.predictions.path} of run {champion.run_id} is not what the training "
                "recorded: the run was tampered with or damaged",
                hint="promote a model whose predictions are whole",
            )
        return world.profiling().profile([str(path)], include=include, exclude=exclude)
