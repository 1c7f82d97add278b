"""`accept`: records a person's word on an inconclusive verdict; whether they may give it is not
decided here."""

from __future__ import annotations

from interlock import errors, manifests
from interlock.domain.basics import commit_ids
from interlock.domain.evaluation import acceptance
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.policy import Policy
from interlock.ledger import transaction
from interlock.ports.git import Repository
from interlock.ports.ledger import Ledger
from interlock.services import default_branch_policy, manual_acceptance, snapshots


def run(
    *,
    repository: Repository,
    ledger: Ledger,
    model: str,
    revision: str,
    branch: str = "main",
    by: str,
    reason: str,
    now: str,
    reader: snapshots.Reader | None = None,
) -> Acceptance:
    """Accept the judgement that counts for a model at one commit, under the policy of `branch`, the
    default one, as it is today.

    One given before for the same judgement and commit is returned, and nothing is written.
    Raises Refused unless that verdict exists and is inconclusive, and the policy lets `by` accept
    it: GitHub is not asked, and who made the change is told by its commits' addresses. Raises
    BadInput where the commit is named by some of its digits.
    """
    if not reason.strip():
        raise errors.BadInput("an acceptance needs a reason", hint="say why: --reason TEXT")
    ledger.refresh()
    commit = _resolve(repository, revision)
    found = (reader or snapshots.Reader()).read_model(repository.tree(commit), model)
    policy = default_branch_policy.read(repository, branch=branch).require()

    _permit(repository, commit, by=by, policy=policy, branch=branch)

    def give() -> tuple[Acceptance, tuple[Acceptance, ...]]:
        verdict = _check(manual_acceptance.current(ledger, found, policy), model, commit=commit)
        (word,) = manual_acceptance.record_acceptances(
            ledger, [verdict], revision=commit, by=by, reason=reason.strip(), at=now
        )
        return word, (word,)

    message = f"Acceptance: inconclusive verdict of {model} at {commit[:12]}"
    return transaction.decide(ledger, give, message=message)


def _permit(repository: Repository, commit: str, *, by: str, policy: Policy, branch: str) -> None:
    """Raises Refused where the policy does not let somebody accept what a commit brings."""
    rule = policy.accept
    objection = acceptance.check_users(by, rule)
    if not objection and not rule.own:
        makers = acceptance.authors_by_email(_addresses(repository, commit, branch=branch))
        objection = acceptance.check_author((by, repository.identity), makers, rule)
    if objection:
        hint = f"`accept` in {manifests.POLICY_PATH} of {branch} says who may"
        raise errors.Refused(f"{by} does not accept {commit[:12]}: {objection}", hint=hint)


def _addresses(repository: Repository, commit: str, *, branch: str) -> frozenset[str]:
    """Of those who wrote and committed what the branch has not; of a commit of it, that one's."""
    tip = default_branch_policy.find_tip(repository, branch=branch)
    found = repository.writers(commit, since=tip) if tip else frozenset[str]()
    parent = next(iter(repository.parents(commit)), None)
    return found or (repository.writers(commit, since=parent) if parent else found)


def _resolve(repository: Repository, revision: str) -> str:
    """Raises BadInput for an abbreviation, without the commit that it is one of: whoever was shown
    that would copy it unread."""
    commit = repository.resolve(revision)
    digits = commit_ids.abbreviation(revision)
    if digits and _is_known(repository, digits):
        raise errors.BadInput(
            f"--rev {revision}: {len(digits)} digits may be of several commits",
            hint="give all digits of the commit that you have read, or a branch or a tag",
        )
    return commit


def _is_known(repository: Repository, digits: str) -> bool:
    try:
        return repository.resolve(digits).startswith(digits)
    except errors.CannotResolve:  # they are part of a name
        return False


def _check(verdict: Verdict | None, model: str, *, commit: str) -> Verdict:
    """The verdict that counts now; raises Refused unless a person's word is what it wants."""
    if verdict is None:
        raise errors.Refused(
            f"{model} was not judged at {commit[:12]} against what is served now",
            hint=f"interlock evaluate {model} --rev {commit}",
        )
    if verdict.outcome is not Outcome.INCONCLUSIVE:
        raise errors.Refused(
            f"the verdict of {model} at {commit[:12]} is {verdict.outcome}: {verdict.sentence}",
            hint="only an inconclusive verdict waits for a person's word",
        )
    return verdict
