"""`accept`: records the manual acceptance of an inconclusive verdict. Write access is not checked
here: the ledger's branch needs it."""

from __future__ import annotations

from dataclasses import dataclass, field

from interlock import errors, manifests
from interlock.domain.basics import commit_ids
from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import acceptance
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.policy import Policy
from interlock.ledger import transaction
from interlock.ports.git import Repository
from interlock.ports.ledger import Ledger
from interlock.services import default_branch_policy, manual_acceptance, snapshots


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptContext:
    repository: Repository
    ledger: Ledger
    reader: snapshots.Reader = field(default_factory=snapshots.Reader)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOptions:
    """`branch` is the default branch, and its policy counts; `now` is ISO 8601."""

    model: str
    revision: str
    by: str
    reason: str
    now: str
    branch: str = "main"


def run(context: AcceptContext, options: AcceptOptions) -> Acceptance:
    """Accept the current evaluation of a model at one commit, under the present policy.

    An earlier acceptance of the same evaluation and commit is returned, and nothing is written.
    Raises Refused unless the verdict is inconclusive and the policy allows `by` to accept it; the
    authors of the change are the e-mail addresses in its commits. Raises BadInput for an
    abbreviated commit.
    """
    if not options.reason.strip():
        raise errors.BadInput("an acceptance needs a reason", hint="add --reason TEXT")
    default_branch_policy.refresh(context.repository, context.ledger, branch=options.branch)
    commit = _resolve(context.repository, options.revision)
    model = context.reader.read_model(context.repository.tree(commit), options.model)
    policy = default_branch_policy.read(context.repository, branch=options.branch).require()

    _require_allowed(context, options, commit, policy)

    def how() -> tuple[Acceptance, tuple[Acceptance, ...]]:
        current = manual_acceptance.current(context.ledger, model, policy)
        verdict = _require_inconclusive(current, options.model, commit=commit)
        reason = options.reason.strip()
        (accepted,) = manual_acceptance.make_acceptances(
            context.ledger, [verdict], revision=commit, by=options.by, reason=reason, at=options.now
        )
        return accepted, (accepted,)

    message = f"Acceptance: inconclusive verdict of {options.model} at {commit[:12]}"
    return transaction.decide(context.ledger, how, message=message)


def _require_allowed(
    context: AcceptContext, options: AcceptOptions, commit: str, policy: Policy
) -> None:
    """Raises Refused when the policy does not allow this user to accept the commit."""
    refusal = _check_user(context, options, commit, policy)
    if refusal is not None:
        raise errors.Refused(
            f"{options.by} cannot accept {commit[:12]}: {refusal}",
            hint=f"see `accept` in {manifests.POLICY_PATH} of {options.branch}",
        )


def _check_user(
    context: AcceptContext, options: AcceptOptions, commit: str, policy: Policy
) -> Refusal | None:
    rule, repository = policy.accept, context.repository
    refusal = acceptance.check_users(options.by, rule)
    if refusal is not None or rule.own:
        return refusal
    authors = acceptance.authors_by_email(_addresses(repository, commit, branch=options.branch))
    return acceptance.check_author((options.by, repository.identity), authors, rule)


def _addresses(repository: Repository, commit: str, *, branch: str) -> frozenset[str]:
    """Return the addresses in the commits that are not on the branch; for a commit of the branch,
    its own addresses."""
    tip = default_branch_policy.find_tip(repository, branch=branch)
    addresses = repository.writers(commit, since=tip) if tip else frozenset[str]()
    parent = next(iter(repository.parents(commit)), None)
    return addresses or (repository.writers(commit, since=parent) if parent else addresses)


def _resolve(repository: Repository, revision: str) -> str:
    """Raises BadInput for an abbreviation. The error does not name the full commit: a user would
    copy it without a review."""
    commit = repository.resolve(revision)
    digits = commit_ids.abbreviation(revision)
    if digits and _is_known(repository, digits):
        raise errors.BadInput(
            f"--rev {revision}: several commits may start with these {len(digits)} digits",
            hint="write all digits of the reviewed commit, or a branch or a tag",
        )
    return commit


def _is_known(repository: Repository, digits: str) -> bool:
    try:
        return repository.resolve(digits).startswith(digits)
    except errors.CannotResolve:  # the digits are part of a name
        return False


def _require_inconclusive(verdict: Verdict | None, model: str, *, commit: str) -> Verdict:
    """Return the current verdict; raises Refused unless it is inconclusive."""
    if verdict is None:
        raise errors.Refused(
            f"{model} at {commit[:12]} is not evaluated against the present champion",
            hint=f"interlock evaluate {model} --rev {commit}",
        )
    if verdict.outcome is not Outcome.INCONCLUSIVE:
        raise errors.Refused(
            f"the verdict of {model} at {commit[:12]} is {verdict.outcome}: {verdict.sentence}",
            hint="only an inconclusive verdict can be accepted",
        )
    return verdict
