"""Read the facts for a retraining decision: the ledger, the branch and its pull requests."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from interlock.commands.retrain.context import RetrainContext, RetrainOptions
from interlock.commands.retrain.listings import Listings
from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.monitor_rules import Refresh, Retrain
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.monitoring.monitoring_records import (
    DriftReport,
    PerformanceReport,
    RetrainingStep,
    WindowVerdict,
)
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

_HOUR = 3_600
_NO_RULE = Retrain(Refresh(), max_open=0)


def read(
    listings: Listings, options: RetrainOptions, at: ModelAt, policy: Policy, *, tip: str
) -> RetrainingFacts:
    """Return the facts without the model's own pull requests. Raises CannotReadDocument for a
    record that cannot be read."""
    context = listings.context
    name, monitor = at.manifest.model, at.manifest.monitor
    rule = (monitor.retrain if monitor else None) or _NO_RULE
    now = timestamps.read(options.now) or 0
    champion = lookup.champion(context.ledger, model=name)
    drift = _drift(context.ledger, name, champion) if monitor else ()
    return RetrainingFacts(
        model=name,
        now=now,
        rule=rule,
        policy=policy.retrain,
        champion=champion,
        hold=lookup.active_hold(context.ledger, model=name),
        drift=drift,
        windows=_windows(context.ledger, name, drift),
        performance=_performance(context.ledger, name, champion) if monitor else (),
        requests=lookup.retrainings(context.ledger, model=name),
        upstreams=tuple(_upstreams(context, rule, champion, tip=tip, now=now)),
        open_for_others=_open_for_others(listings, name, now) if rule.max_open else 0,
        recent_requests=recent_requests(context.ledger, now=now),
        user_reason=options.reason,
    )


def add_pulls(
    context: RetrainContext,
    facts: RetrainingFacts,
    pulls: tuple[Pull, ...],
    *,
    tip: str,
    head: str | None,
) -> RetrainingFacts:
    """Return the facts with the pull requests from the model's branch, which is at `head`."""
    return replace(
        facts,
        pulls=tuple(_pull(context, facts.model, pull, tip=tip, head=head) for pull in pulls),
        branch_has_user_commits=_has_unmerged_commits(context, pulls, tip=tip, head=head),
    )


def compared_windows(ledger: Ledger, *, model: str, reference: str) -> tuple[DriftReport, ...]:
    """Return the last windows that were compared with this champion, oldest first."""
    verdicts = lookup.window_verdicts(ledger, model=model)
    paths = [path for path, verdict in verdicts if verdict.reference == reference]
    return tuple(lookup.drift_report(ledger, path) for path in reversed(paths))


def _drift(ledger: Ledger, model: str, champion: Promotion | None) -> tuple[DriftReport, ...]:
    """The newest window, and the newest one of the champion."""
    verdicts = lookup.window_verdicts(ledger, model=model)
    newest = list(itertools.islice(verdicts, 1))
    wanted = champion.fingerprint if champion else None
    own = (each for each in itertools.chain(newest, verdicts) if each[1].reference == wanted)
    paths = dict.fromkeys(path for path, _ in (*newest, *itertools.islice(own, 1)))
    return tuple(lookup.drift_report(ledger, path) for path in paths)


def _windows(ledger: Ledger, model: str, drift: Sequence[DriftReport]) -> tuple[WindowVerdict, ...]:
    """The verdicts of the last windows; only for a broken one they have a meaning."""
    if not drift or drift[0].verdict is not DriftStatus.BROKEN:
        return ()
    return tuple(verdict for _, verdict in lookup.window_verdicts(ledger, model=model))


def _performance(
    ledger: Ledger, model: str, champion: Promotion | None
) -> tuple[PerformanceReport, ...]:
    """The newest labelled window of the champion."""
    if champion is None:
        return ()
    reports = lookup.performance_reports(ledger, model=model, reference=champion.fingerprint)
    return tuple(itertools.islice(reports, 1))


def _pull(
    context: RetrainContext, model: str, pull: Pull, *, tip: str, head: str | None
) -> RetrainingPull:
    state = RetrainingPullState.MERGED if pull.merged else RetrainingPullState(pull.state)
    branch_head = head if pull.is_open else None
    return RetrainingPull(
        number=pull.number,
        state=state,
        mark=hidden_marks.read(pull.body, kind=page.RETRAIN, model=model),
        has_user_commits=branch_head is not None
        and _has_user_commits(context, branch_head, tip=tip),
        conflicts=branch_head is not None and not context.repository.merges(tip, branch_head),
        closed_at=timestamps.read(pull.closed_at) or 0,
    )


def _has_user_commits(context: RetrainContext, head: str, *, tip: str) -> bool:
    return not context.repository.writers(head, since=tip) <= {OURS}


def _has_unmerged_commits(
    context: RetrainContext, pulls: tuple[Pull, ...], *, tip: str, head: str | None
) -> bool:
    """True if users have commits on the branch that are in no open and no merged pull request."""
    if head is None or any(pull.is_open for pull in pulls):
        return False
    merged = {pull.head_sha for pull in pulls if pull.merged}
    return head not in merged and _has_user_commits(context, head, tip=tip)


def _upstreams(
    context: RetrainContext, rule: Retrain, champion: Promotion | None, *, tip: str, now: int
) -> Iterator[UpstreamChange]:
    for name in rule.after_models:
        served = lookup.champion(context.ledger, model=name)
        if served is not None:
            sentence = f"upstream model {name}: version {served.version} since {served.at}"
            yield UpstreamChange(name, timestamps.read(served.at) or 0, sentence)
    for path in _changed(context, rule.after_pointers, champion, tip=tip):
        yield UpstreamChange(path, now, f"{path} changed since the model was trained")


def _changed(
    context: RetrainContext, pointers: Iterable[str], champion: Promotion | None, *, tip: str
) -> Iterator[str]:
    """Yield the pointers that have changed on main since the champion was trained."""
    revision = context.repository.find_ref(champion.revision) if champion else None
    if revision is None:
        return
    old, new = context.repository.tree(revision).entries, context.repository.tree(tip).entries
    for path in pointers:
        before, after = old.get(path), new.get(path)
        if after is not None and (before is None or before.object_id != after.object_id):
            yield path


def recent_requests(ledger: Ledger, *, now: int) -> int:
    """Count the retraining requests of the last hour, for all models."""
    names = lookup.retraining_names(ledger)
    return sum(
        now - at < _HOUR and retraining_reasons.is_request(step, pull)
        for _, at, step, pull in names
    )


def _open_for_others(listings: Listings, model: str, now: int) -> int:
    """Count the open retraining pull requests of other models, by their last records. Those of
    this run are newer than the listing."""
    last: dict[str, tuple[int, RetrainingStep, int]] = {}
    for name, at, step, pull in lookup.retraining_names(listings.context.ledger):
        if pull is not None and name != model:
            last[name] = (pull, step, at)
    left = (each for each in last.values() if each[1] is not RetrainingStep.CLOSED)
    return sum(at >= now or listings.pulls.has(pull) for pull, _, at in left)
