"""`accept`: records a person's word on an inconclusive verdict; whether they may give it is not
decided here."""

from __future__ import annotations

from interlock import book, documents, errors, manifests, snapshots
from interlock.domain.acceptance import Acceptance
from interlock.domain.diagnostics import Severity
from interlock.domain.policy import Policy
from interlock.domain.snapshot import ModelAt
from interlock.domain.verdict import Outcome, Verdict
from interlock.ports.git import Repository
from interlock.ports.ledger import Ledger


def run(
    *,
    repository: Repository,
    ledger: Ledger,
    model: str,
    revision: str,
    base: str = "",
    by: str,
    reason: str,
    now: str,
    reader: snapshots.Reader | None = None,
) -> Acceptance:
    """Accept the judgement that counts for a model at one commit, under the policy of `base`.

    `base` is the revision whose policy it was judged by, `revision` itself when it is empty. An
    acceptance given before for the same judgement and commit is returned, and nothing is written.
    Raises Refused unless that verdict exists and is inconclusive.
    """
    if not reason.strip():
        raise errors.BadInput("an acceptance needs a reason", hint="say why: --reason TEXT")
    ledger.refresh()
    commit = repository.resolve(revision)
    found = (reader or snapshots.Reader()).read_model(repository.tree(commit), model)
    policy = _read_policy(repository, base or commit)
    verdict = _find_verdict(ledger, found, policy, commit=commit)
    acceptance = Acceptance(
        key=verdict.key,
        model=model,
        fingerprint=verdict.fingerprint,
        revision=commit,
        by=by,
        reason=reason.strip(),
        at=now,
    )
    given = book.acceptances(ledger, model=model, fingerprint=verdict.fingerprint)
    same = [a for a in given if (a.key, a.revision) == (acceptance.key, acceptance.revision)]
    if same:
        return same[0]
    ledger.append(
        {book.acceptance_path(acceptance): documents.dump(acceptance)},
        message=f"Acceptance: inconclusive verdict of {model} at {commit[:12]}",
    )
    return acceptance


def _read_policy(repository: Repository, revision: str) -> Policy:
    path = manifests.POLICY_PATH
    policy, found = manifests.read_policy(repository.tree(revision).read(path), path=path)
    problems = [str(problem) for problem in found if problem.severity is Severity.ERROR]
    if policy is None or problems:
        raise errors.CannotReadManifest("\n".join(problems) or f"{path} cannot be read")
    return policy


def _find_verdict(ledger: Ledger, found: ModelAt, policy: Policy, *, commit: str) -> Verdict:
    """The verdict that counts now; raises Refused unless a person's word is what it wants."""
    model = found.manifest.model
    key = book.current_key(ledger, model=found, policy=policy)
    verdict = book.find_verdict(ledger, model=model, fingerprint=str(found.fingerprint), key=key)
    if verdict is None:
        raise errors.Refused(
            f"{model} was not judged at {commit[:12]} against what is served now",
            hint=f"interlock evaluate {model} --rev {commit[:12]}",
        )
    if verdict.outcome is not Outcome.INCONCLUSIVE:
        raise errors.Refused(
            f"the verdict of {model} at {commit[:12]} is {verdict.outcome}: {verdict.sentence}",
            hint="only an inconclusive verdict waits for a person's word",
        )
    return verdict
