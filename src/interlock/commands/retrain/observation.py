"""All that a decision about a retraining rests on: the ledger, the branch, its pull requests;
decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interlock.commands.retrain.context import RetrainContext, RetrainOptions
from interlock.domain.basics import timestamps
from interlock.domain.model.monitor_rules import Refresh, Retrain
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.monitoring.monitoring_records import (
    DriftReport,
    PerformanceReport,
    RetrainingStep,
)
from interlock.domain.promotion import hold
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.retraining import hidden_marks, retraining_reasons
from interlock.domain.retraining.retraining_facts import (
    RetrainingFacts,
    RetrainingPull,
    RetrainingPullState,
    UpstreamChange,
)
from interlock.ledger import lookup
from interlock.ports.git import OURS
from interlock.ports.github import Pull
from interlock.ports.ledger import Ledger
from interlock.rendering import retraining as page

WINDOWS = 60
"""So many windows are looked back at: what is older decides nothing."""
_HOUR = 3_600
_NO_RULE = Retrain(Refresh(), max_open=0)


def situation(
    world: RetrainContext,
    request: RetrainOptions,
    at: ModelAt,
    policy: Policy,
    *,
    tip: str,
    head: str | None,
    pulls: tuple[Pull, ...],
) -> RetrainingFacts:
    """Raises CannotReadDocument for a record that cannot be read."""
    name, watch = at.manifest.model, at.manifest.monitor
    rule = (watch.retrain if watch else None) or _NO_RULE
    now = timestamps.read(request.now) or 0
    champion = lookup.champion(world.ledger, model=name)
    proposals = tuple(_proposal(world, name, pull, tip=tip, head=head) for pull in pulls)
    return RetrainingFacts(
        model=name,
        now=now,
        rule=rule,
        policy=policy.retrain,
        champion=champion,
        hold=hold.active(lookup.holds(world.ledger, model=name)),
        drift=_drift(world.ledger, name) if watch else (),
        performance=_performance(world.ledger, name) if watch else (),
        requests=lookup.retrainings(world.ledger, model=name),
        proposals=proposals,
        upstreams=tuple(_upstreams(world, rule, champion, tip=tip, now=now)),
        is_branch_taken=_is_taken(world, pulls, tip=tip, head=head),
        open_elsewhere=_open_elsewhere(world, name) if rule.max_open else 0,
        recent=recent(world.ledger, now=now),
        asked=request.reason,
    )


def find_head(world: RetrainContext, branch: str) -> str | None:
    """Where a branch is at origin, or here where there is none."""
    local, tracking = f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"
    known = world.repository.find_ref
    if world.fetches and not world.repository.fetch(f"+{local}:{tracking}"):
        return known(local)
    return known(tracking) or known(local)


def _drift(ledger: Ledger, model: str) -> tuple[DriftReport, ...]:
    paths = list(lookup.drift_ends(ledger, model=model).values())[-WINDOWS:]
    return tuple(lookup.drift_report(ledger, path) for path in paths)


def _performance(ledger: Ledger, model: str) -> tuple[PerformanceReport, ...]:
    paths = list(lookup.performance_ends(ledger, model=model).values())[-WINDOWS:]
    return tuple(lookup.performance_report(ledger, path) for path in paths)


def _proposal(
    world: RetrainContext, model: str, pull: Pull, *, tip: str, head: str | None
) -> RetrainingPull:
    state = RetrainingPullState.MERGED if pull.merged else RetrainingPullState(pull.state)
    here = head if pull.is_open else None
    return RetrainingPull(
        number=pull.number,
        state=state,
        mark=hidden_marks.read(pull.body, kind=page.RETRAIN, model=model),
        is_touched=here is not None and _has_people(world, here, tip=tip),
        conflicts=here is not None and not world.repository.merges(tip, here),
        closed_at=timestamps.read(pull.closed_at) or 0,
    )


def _has_people(world: RetrainContext, head: str, *, tip: str) -> bool:
    return not world.repository.writers(head, since=tip) <= {OURS}


def _is_taken(
    world: RetrainContext, pulls: tuple[Pull, ...], *, tip: str, head: str | None
) -> bool:
    """Commits of people that no open pull request shows, and that were not merged as they are."""
    if head is None or any(pull.is_open for pull in pulls):
        return False
    merged = {pull.head_sha for pull in pulls if pull.merged}
    return head not in merged and _has_people(world, head, tip=tip)


def _upstreams(
    world: RetrainContext, rule: Retrain, champion: Promotion | None, *, tip: str, now: int
) -> Iterator[UpstreamChange]:
    for name in rule.after_models:
        served = lookup.champion(world.ledger, model=name)
        if served is not None:
            said = f"{name} is served as version {served.version} since {served.at}"
            yield UpstreamChange(name, timestamps.read(served.at) or 0, said)
    for path in _moved(world, rule.after_pointers, champion, tip=tip):
        yield UpstreamChange(path, now, f"{path} changed since the model was trained")


def _moved(
    world: RetrainContext, pointers: Iterable[str], champion: Promotion | None, *, tip: str
) -> Iterator[str]:
    """Pointers that are not on main as they were where the champion was trained."""
    then = world.repository.find_ref(champion.revision) if champion else None
    if then is None:
        return
    old, new = world.repository.tree(then).entries, world.repository.tree(tip).entries
    for path in pointers:
        before, after = old.get(path), new.get(path)
        if after is not None and (before is None or before.object_id != after.object_id):
            yield path


def recent(ledger: Ledger, *, now: int) -> int:
    """How many trainings were asked for within the hour, for whichever model."""
    names = lookup.retraining_names(ledger)
    return sum(
        now - at < _HOUR and retraining_reasons.is_request(step, pull)
        for _, at, step, pull in names
    )


def _open_elsewhere(world: RetrainContext, model: str) -> int:
    """Open retrainings of other models: the last that each asked for, as GitHub has it now."""
    last: dict[str, tuple[int, RetrainingStep]] = {}
    for name, _, step, pull in lookup.retraining_names(world.ledger):
        if pull is not None and name != model:
            last[name] = (pull, step)
    numbers = [pull for pull, step in last.values() if step is not RetrainingStep.CLOSED]
    found = (world.github.find_pull(number) for number in numbers)
    return sum(pull is not None and pull.is_open for pull in found)
