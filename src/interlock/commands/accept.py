"""`accept`: records a person's word on an inconclusive verdict; whether they may give it is not
decided here."""

from __future__ import annotations

from interlock import accepting, appending, errors, ruling, snapshots
from interlock.domain import commits
from interlock.domain.acceptance import Acceptance
from interlock.domain.verdict import Outcome, Verdict
from interlock.ports.git import Repository
from interlock.ports.ledger import Ledger


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
    Raises Refused unless that verdict exists and is inconclusive, BadInput where the commit is
    named by some of its digits.
    """
    if not reason.strip():
        raise errors.BadInput("an acceptance needs a reason", hint="say why: --reason TEXT")
    ledger.refresh()
    commit = _resolve(repository, revision)
    found = (reader or snapshots.Reader()).read_model(repository.tree(commit), model)
    policy = ruling.read(repository, branch=branch).require()

    def give() -> tuple[Acceptance, tuple[Acceptance, ...]]:
        verdict = _check(accepting.current(ledger, found, policy), model, commit=commit)
        (word,) = accepting.words(
            ledger, [verdict], revision=commit, by=by, reason=reason.strip(), at=now
        )
        return word, (word,)

    message = f"Acceptance: inconclusive verdict of {model} at {commit[:12]}"
    return appending.decide(ledger, give, message=message)


def _resolve(repository: Repository, revision: str) -> str:
    """Raises BadInput for an abbreviation, without the commit that it is one of: whoever was shown
    that would copy it unread."""
    commit = repository.resolve(revision)
    digits = commits.abbreviation(revision)
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
