"""Observe the facts of each model for a report, from the plan, the ledger and Git."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors
from interlock.commands.report import lock_only_commits
from interlock.domain.access import permissions
from interlock.domain.access.command_record import CommandRecord
from interlock.domain.evaluation import relaxed_gates
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.policy import ProvenanceMode
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
class ReportSources:
    """The ledger, and the models of the head with the policy of the default branch.

    `start` has the models at the merge base, None if the plan has no base; `commits` are those of
    the branch after it, None if they are unknown. `merge` is the commit of a merged change.
    """

    repository: Repository
    ledger: Ledger
    head: Snapshot
    start: Snapshot | None
    ruling: BranchPolicy
    commits: frozenset[str] | None = None
    merge: str = ""


def request(
    sources: ReportSources, reader: snapshots.Reader, plan: Plan, pull: Pull
) -> PullRequestFacts:
    repository, head, ruling = sources.repository, sources.head.revision, sources.ruling
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
        provenance=_provenance(sources),
    )


def _provenance(sources: ReportSources) -> ProvenanceMode:
    """Return what holds in this run; UNSET if no rule says it and nothing is verified."""
    if sources.ledger.verified is not None:
        return ProvenanceMode.REQUIRED
    return sources.ruling.policy.provenance.mode


def model(sources: ReportSources, plan: ModelPlan) -> ModelFacts:
    """Everything that the ledger has about a model's fingerprint at the head."""
    model_at_head = sources.head.models.get(plan.model)
    manifest = model_at_head.manifest if model_at_head else None
    if plan.decision is Decision.UNAFFECTED or plan.fingerprint is None:
        return ModelFacts(plan=plan, manifest=manifest)
    ledger, name, fingerprint = sources.ledger, plan.model, plan.fingerprint
    evidence = lookup.find_evidence(ledger, model=name, fingerprint=fingerprint)
    verdicts = lookup.verdicts(ledger, model=name, fingerprint=fingerprint)
    production = lookup.champion(ledger, model=name)
    return ModelFacts(
        plan=plan,
        manifest=manifest,
        evidence=evidence,
        attempts=lookup.attempts(ledger, model=name, fingerprint=fingerprint),
        verdicts=verdicts,
        key=_key(sources, plan),
        acceptances=lookup.acceptances(ledger, model=name, fingerprint=fingerprint),
        promotions=lookup.promotions(ledger, model=name),
        production=production,
        champions=_champions(ledger, name, verdicts, production),
        is_trained_here=_is_trained_here(sources, evidence),
        is_trained_by_merge=evidence is not None and evidence.candidate.revision == sources.merge,
        is_only_shown=evidence is not None and _is_only_shown(ledger, name, fingerprint),
        relaxed=_relaxed(sources, plan.model),
        record=lookup.evidence_path(name, fingerprint) if evidence else "",
        hold=hold.active(lookup.holds(ledger, model=name)),
    )


def unreadable(sources: ReportSources, plan: ModelPlan, *, why: str) -> ModelFacts:
    """The facts of a model with a record that cannot be read."""
    at_head = sources.head.models.get(plan.model)
    return ModelFacts(plan=plan, manifest=at_head.manifest if at_head else None, unreadable=why)


def commands(sources: ReportSources, request: PullRequestFacts) -> tuple[CommandRecord, ...]:
    return lookup.commands(sources.ledger, pull=request.number)


def _relaxed(sources: ReportSources, name: str) -> tuple[str, ...]:
    """Computed again: a stored verdict may have another base."""
    after, before = sources.head.models.get(name), sources.start and sources.start.models.get(name)
    return relaxed_gates.find(before.manifest, after.manifest) if before and after else ()


def _key(sources: ReportSources, plan: ModelPlan) -> str:
    """The key of today's verdict. "" for a fingerprint that is not the head's, or if the policy
    cannot be read."""
    at_head = sources.head.models.get(plan.model)
    is_other = at_head is None or at_head.fingerprint != plan.fingerprint
    if at_head is None or is_other or sources.ruling.problems:
        return ""
    return lookup.current_key(sources.ledger, model=at_head, policy=sources.ruling.policy)


def _champions(
    ledger: Ledger, name: str, verdicts: tuple[Verdict, ...], production: Promotion | None
) -> dict[str, Evidence]:
    wanted = {v.champion for v in verdicts} | {production.fingerprint if production else None}
    records = {f: lookup.find_evidence(ledger, model=name, fingerprint=f) for f in wanted if f}
    return {f: record for f, record in records.items() if record is not None}


def own_commits(repository: Repository, *, head: str, base: str | None) -> frozenset[str] | None:
    """The commits of the branch that are not on the base branch; None if they are unknown."""
    if base is None:
        return None
    try:
        return repository.commits(head, since=base)
    except (errors.CannotResolve, errors.CannotReachGit):
        return None


def _is_trained_here(sources: ReportSources, evidence: Evidence | None) -> bool | None:
    """True if it was trained at a commit of this branch that is not on the base branch."""
    if evidence is None or sources.commits is None:
        return None
    return evidence.candidate.revision in sources.commits


def _is_only_shown(ledger: Ledger, name: str, fingerprint: str) -> bool:
    verified = ledger.verified
    return verified is not None and lookup.evidence_path(name, fingerprint) in verified.shown


def _merge_position(repository: Repository, pull: Pull) -> int | None:
    """Position of the merge commit on main's first-parent line; None if this clone lacks it."""
    if not pull.merge_commit_sha:
        return None
    try:
        return repository.position(pull.merge_commit_sha)
    except (errors.CannotResolve, errors.CannotReachGit):
        return None
