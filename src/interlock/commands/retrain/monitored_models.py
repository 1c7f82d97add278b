"""The models of a revision that are watched, and all that is seen of one; nothing is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlock import errors, manifests
from interlock.commands.retrain import data_issue, observation
from interlock.commands.retrain.context import RetrainContext, RetrainOptions, RetrainSubject
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.retraining import request_decision, retraining_facts
from interlock.domain.retraining.retraining_facts import Decision, NoAction
from interlock.services.best_effort import Attempts
from interlock.services.each_model import Probes


def read(world: RetrainContext, request: RetrainOptions) -> tuple[Snapshot, list[str]]:
    """A revision, and the names of those that are watched or named, in order.

    Raises CannotResolve for a name that the revision does not know or does not watch, and
    CannotReadManifest when the policy or the manifest of what may be meant cannot be read.
    """
    tip = world.repository.resolve(request.revision)
    snapshot = world.reader.read(world.repository.tree(tip), look_for_imports=False)
    return snapshot, _names(snapshot, request.models)


def probes(world: RetrainContext, names: Sequence[str]) -> Probes:
    """A remote of DVC's is each model's own: that one is out of reach says nothing of the next."""
    branch = retraining_facts.branch(names[0]) if names else ""
    unasked: Callable[[], object] = lambda: None  # noqa: E731 - named for what it says
    return {
        errors.CannotReachGitHub: lambda: world.github.pulls_of_branch(branch),
        errors.CannotReachGit: world.ledger.refresh if world.fetches else unasked,
        errors.CannotReachRemote: unasked,
    }


def _names(snapshot: Snapshot, wanted: Sequence[str]) -> list[str]:
    watched = [name for name, at in snapshot.models.items() if at.manifest.monitor is not None]
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
        if name not in watched:
            raise errors.CannotResolve(
                f"nothing says how {name} is watched or retrained",
                hint="give its manifest `monitor:` with `retrain:`",
            )
    return sorted(set(wanted)) or sorted(watched)


def observe(
    world: RetrainContext,
    request: RetrainOptions,
    snapshot: Snapshot,
    name: str,
    attempts: Attempts,
) -> RetrainSubject:
    """Raises CannotReachGit, CannotReachGitHub, and CannotReadDocument for a record."""
    at, policy = snapshot.models[name], snapshot.policy
    branch = retraining_facts.branch(at.manifest.model)
    tip = world.repository.resolve(request.revision)
    head = observation.find_head(world, branch)
    pulls = world.github.pulls_of_branch(branch)
    seen = observation.situation(world, request, at, policy, tip=tip, head=head, pulls=pulls)
    has_rule = at.manifest.monitor is not None and at.manifest.monitor.retrain is not None
    decision: Decision = NoAction("its manifest asks for no retraining")
    return RetrainSubject(
        model=at,
        tip=tip,
        situation=seen,
        decision=request_decision.decide(seen) if has_rule else decision,
        feed=data_issue.decide(world, seen, attempts),
        head=head,
        pulls=pulls,
    )
