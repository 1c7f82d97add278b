"""`report`'s eyes: a plan, the ledger and Git to the facts of each model; nothing is decided."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors
from interlock.commands.report import lock_only_commits
from interlock.domain.access import permissions
from interlock.domain.access.command_record import CommandRecord
from interlock.domain.evaluation import relaxed_gates
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.promotion import hold
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.reporting.model_status import ModelFacts, PullRequestFacts
from interlock.domain.training.plan import Decision, ModelPlan, Plan
from interlock.ledger import lookup
from interlock.ports.git import Repository
from interlock.ports.github import Pull
from interlock.ports.ledger import Ledger
from interlock.services import snapshots
from interlock.services.default_branch_policy import BranchPolicy


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What is read: the ledger, and the manifests of the head under the default branch's policy.

    `start` is where the branch parted from its base, None when the plan has none.
    """

    repository: Repository
    ledger: Ledger
    head: Snapshot
    start: Snapshot | None
    ruling: BranchPolicy


def request(
    repository: Repository,
    reader: snapshots.Reader,
    *,
    plan: Plan,
    pull: Pull,
    head: str,
    ruling: BranchPolicy,
) -> PullRequestFacts:
    return PullRequestFacts(
        number=pull.number,
        head=head,
        base=plan.base,
        head_ref=pull.head_ref,
        base_ref=pull.base_ref,
        is_fork=pull.is_fork,
        is_on_request=pull.is_fork or pull.author == permissions.DEPENDABOT,
        is_open=pull.state == "open",
        is_merged=pull.merged,
        merge_position=_merge_position(repository, pull),
        heads=lock_only_commits.parent(repository, reader, head),
        default_branch=ruling.branch,
        policy_commit=ruling.commit,
        policy_problems=ruling.problems,
        accept=ruling.policy.accept,
    )


def model(world: ReportContext, plan: ModelPlan, *, request: PullRequestFacts) -> ModelFacts:
    """Everything that the ledger knows of a model's fingerprint at the head."""
    found = world.head.models.get(plan.model)
    manifest = found.manifest if found else None
    if plan.decision is Decision.UNAFFECTED or plan.fingerprint is None:
        return ModelFacts(plan=plan, manifest=manifest)
    ledger, name, fingerprint = world.ledger, plan.model, plan.fingerprint
    evidence = lookup.find_evidence(ledger, model=name, fingerprint=fingerprint)
    verdicts = lookup.verdicts(ledger, model=name, fingerprint=fingerprint)
    served = lookup.champion(ledger, model=name)
    return ModelFacts(
        plan=plan,
        manifest=manifest,
        evidence=evidence,
        attempts=lookup.attempts(ledger, model=name, fingerprint=fingerprint),
        verdicts=verdicts,
        key=_key(world, plan),
        acceptances=lookup.acceptances(ledger, model=name, fingerprint=fingerprint),
        promotions=lookup.promotions(ledger, model=name),
        production=served,
        champions=_champions(ledger, name, verdicts, served),
        is_trained_here=_is_trained_here(world.repository, evidence, request),
        relaxed=_relaxed(world, plan.model),
        record=lookup.evidence_path(name, fingerprint) if evidence else "",
        hold=hold.active(lookup.holds(ledger, model=name)),
    )


def unreadable(world: ReportContext, plan: ModelPlan, *, why: str) -> ModelFacts:
    """The facts of a model of which a record cannot be read."""
    found = world.head.models.get(plan.model)
    return ModelFacts(plan=plan, manifest=found.manifest if found else None, unreadable=why)


def asked(world: ReportContext, request: PullRequestFacts) -> tuple[CommandRecord, ...]:
    return lookup.commands(world.ledger, pull=request.number)


def _relaxed(world: ReportContext, name: str) -> tuple[str, ...]:
    """Told anew: a verdict that is found again was held against another base."""
    found, before = world.head.models.get(name), world.start and world.start.models.get(name)
    return relaxed_gates.find(before.manifest, found.manifest) if before and found else ()


def _key(world: ReportContext, plan: ModelPlan) -> str:
    """The judgement that counts today; none for a fingerprint that is not the head's, nor under a
    policy that cannot be read."""
    found = world.head.models.get(plan.model)
    is_other = found is None or found.fingerprint != plan.fingerprint
    if found is None or is_other or world.ruling.problems:
        return ""
    return lookup.current_key(world.ledger, model=found, policy=world.ruling.policy)


def _champions(
    ledger: Ledger, name: str, verdicts: tuple[Verdict, ...], served: Promotion | None
) -> dict[str, Evidence]:
    wanted = {v.champion for v in verdicts} | {served.fingerprint if served else None}
    records = {f: lookup.find_evidence(ledger, model=name, fingerprint=f) for f in wanted if f}
    return {f: record for f, record in records.items() if record is not None}


def _is_trained_here(
    repository: Repository, evidence: Evidence | None, request: PullRequestFacts
) -> bool | None:
    """Whether it was trained at a commit of this branch that the base does not have."""
    if evidence is None or request.base is None:
        return None
    revision = evidence.candidate.revision
    try:
        ours = repository.is_ancestor(revision, request.head)
        return ours and not repository.is_ancestor(revision, request.base)
    except (errors.CannotResolve, errors.CannotReachGit):
        return None


def _merge_position(repository: Repository, pull: Pull) -> int | None:
    """Of the merge commit on main's first-parent line; None when this clone cannot tell."""
    if not pull.merge_commit_sha:
        return None
    try:
        return repository.position(pull.merge_commit_sha)
    except (errors.CannotResolve, errors.CannotReachGit):
        return None
