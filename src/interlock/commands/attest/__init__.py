"""`attest`: requests a token of GitHub for one trained run, after its own plan and measurement.

No program of the team runs, no model is loaded, and nothing in the run decides.
"""

from __future__ import annotations

from interlock import errors
from interlock.commands.attest import event_commits, run_check
from interlock.commands.attest.context import (
    AttestContext,
    AttestOptions,
    AttestOutcome,
    AttestResult,
)
from interlock.commands.attest.event_commits import EventCommits
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.model.run_files import RunFile
from interlock.domain.training.plan import Decision, ModelPlan
from interlock.ledger import lookup
from interlock.services import attested_runs, change_commits
from interlock.services.attested_runs import AttestedRuns

__all__ = ["AttestContext", "AttestOptions", "AttestOutcome", "AttestResult", "run"]


def run(context: AttestContext, options: AttestOptions) -> AttestResult:
    """Attest the named run of a model that the event's commit trains.

    Raises Refused for a model that the plan does not train, and for a run that is not of this
    plan or was changed; CannotReachRegistry, CannotReachGit, CannotReachIssuer.
    """
    commits = _commits(context, options.revision)
    attested = context.attested(commits.commit if commits.is_only_shown else "")
    context.ledger.refresh()
    planned = _plan(context, options, commits)
    fingerprint = _fingerprint(planned, commits, context)
    if fingerprint is None:
        return _not_needed(f"there is evidence of {options.model} already", commits)
    record = run_check.read(context.runs, fingerprint, options)
    if not isinstance(attested.find(record, options.digest, context.runs), Refusal):
        return _not_needed(f"run {options.run} has a valid attestation already", commits)
    files = run_check.measure(record, commits, context.runs)
    _attest(record, files, commits, attested, context, document=options.digest)
    short = f"{options.model} {fingerprint[:12]}: run {options.run}"
    sentence = f"{short} is attested for {commits.commit[:12]}"
    if commits.is_only_shown:
        sentence += ", and only a report may show it: the event is not of the default branch"
    return AttestResult(AttestOutcome.ATTESTED, sentence, commits.commit, commits.merge)


def _commits(context: AttestContext, requested: str) -> EventCommits:
    repository = context.attested("").commits
    if context.has_key:
        change_commits.fetch(repository.repository, requested)
        return EventCommits(commit=requested)
    return event_commits.find(context.event, repository, sha=context.sha, requested=requested)


def _not_needed(sentence: str, commits: EventCommits) -> AttestResult:
    text = f"{sentence}: nothing is attested"
    return AttestResult(AttestOutcome.NOT_NEEDED, text, commits.commit, commits.merge)


def _plan(context: AttestContext, options: AttestOptions, commits: EventCommits) -> ModelPlan:
    plan = context.plan(commits.base, commits.commit)
    planned = next((each for each in plan.models if each.model == options.model), None)
    if planned is None:
        raise errors.CannotResolve(
            f"there is no model {options.model!r} at {commits.commit[:12]}",
            hint=f"models: {', '.join(each.model for each in plan.models) or 'none'}",
        )
    return planned


def _fingerprint(planned: ModelPlan, commits: EventCommits, context: AttestContext) -> str | None:
    """Return the fingerprint that is trained; None if there is evidence of it."""
    fingerprint = planned.fingerprint
    if fingerprint is not None and planned.decision is Decision.TRAIN:
        return fingerprint
    if fingerprint is not None and lookup.find_evidence(
        context.ledger, model=planned.model, fingerprint=fingerprint
    ):
        return None
    raise errors.Refused(
        f"the plan of {commits.commit[:12]} does not train {planned.model}: {planned.sentence}",
        hint="only a model that the event's own plan trains is attested",
    )


def _attest(
    record: Candidate | Attempt,
    files: tuple[RunFile, ...],
    commits: EventCommits,
    attested: AttestedRuns,
    context: AttestContext,
    *,
    document: str,
) -> None:
    """Request the token and store it, if it is one that counts."""
    subject = attested_runs.subject_of(
        record, commit=commits.commit, merge=commits.merge, document=document, files=files
    )
    attestation = context.attestor.attest(subject.audience_of)
    checked = attested.check(record, document, attestation)
    if isinstance(checked, Refusal):
        raise errors.Refused(
            f"the token of this job would not count: {checked}",
            hint="`interlock:` of the policy lists the versions of Interlock that count",
        )
    context.runs.attest(record.run_id, attestation)
