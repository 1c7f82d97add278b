"""Read the monitored models of a revision, and the facts about one of them."""

from __future__ import annotations

from collections.abc import Sequence

from interlock import errors, manifests
from interlock.commands.retrain import data_issue, observation
from interlock.commands.retrain.context import RetrainContext, RetrainOptions, RetrainSubject
from interlock.commands.retrain.listings import Listings
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.retraining import request_decision, retraining_facts
from interlock.domain.retraining.retraining_facts import Decision, NoAction
from interlock.ledger import prefetch
from interlock.services.best_effort import Attempts
from interlock.services.each_model import Probes


def read(context: RetrainContext, options: RetrainOptions) -> tuple[Snapshot, list[str]]:
    """Return a revision and the names of its monitored models, or the names in the options.

    Raises as `retrain.run`.
    """
    tip = context.repository.resolve(options.revision)
    snapshot = context.reader.read(context.repository.tree(tip), look_for_imports=False)
    names = _names(snapshot, options.models)
    prefetch.newest(context.ledger, names, windows=1, labelled=1)
    return snapshot, names


def probes(context: RetrainContext, names: Sequence[str]) -> Probes:
    """Each model has its own DVC remote: an unreachable one does not affect the next model."""
    branch = retraining_facts.branch(names[0]) if names else ""
    return {
        errors.CannotReachGitHub: lambda: context.github.pulls_of_branch(branch),
        errors.CannotReachGit: context.ledger.refresh,
        errors.CannotReachRemote: lambda: None,
    }


def _names(snapshot: Snapshot, wanted: Sequence[str]) -> list[str]:
    monitored = [name for name, at in snapshot.models.items() if at.manifest.monitor is not None]
    are_known = bool(wanted) and all(name in snapshot.models for name in wanted)
    bad = [p for p in snapshot.problems if p.path == manifests.POLICY_PATH or not are_known]
    if bad:
        raise errors.CannotReadManifest("\n".join(map(str, bad)))
    for name in wanted:
        if name not in snapshot.models:
            raise errors.CannotResolve(
                f"{snapshot.revision[:12]} has no model {name!r}",
                hint=f"it has {', '.join(sorted(snapshot.models)) or 'none'}",
            )
        if name not in monitored:
            raise errors.CannotResolve(
                f"{name} is not monitored",
                hint="add `monitor:` with `retrain:` to its manifest",
            )
    return sorted(set(wanted)) or sorted(monitored)


def observe(
    listings: Listings,
    options: RetrainOptions,
    snapshot: Snapshot,
    name: str,
    attempts: Attempts,
) -> RetrainSubject:
    """Raises CannotReachGit, CannotReachGitHub, and CannotReadDocument for a record."""
    context = listings.context
    at, policy = snapshot.models[name], snapshot.policy
    branch = retraining_facts.branch(at.manifest.model)
    tip, head, pulls = snapshot.revision, listings.head(branch), listings.open_pulls(branch)
    facts = observation.read(listings, options, at, policy, tip=tip)
    if request_decision.is_wanted(facts):
        # Closed and merged ones only matter for a new one.
        pulls = context.github.pulls_of_branch(branch)
    facts = observation.add_pulls(context, facts, pulls, tip=tip, head=head)
    has_rule = at.manifest.monitor is not None and at.manifest.monitor.retrain is not None
    no_rule: Decision = NoAction("`monitor.retrain` is not in the manifest")
    return RetrainSubject(
        model=at,
        tip=tip,
        facts=facts,
        decision=request_decision.decide(facts) if has_rule else no_rule,
        data_issue=data_issue.decide(listings, facts, attempts),
        head=head,
        pulls=pulls,
    )
