"""Manual acceptances of inconclusive verdicts, ready to be written. For a review, the permission of
its author is checked here."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from interlock.domain.access import permissions
from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import acceptance
from interlock.domain.evaluation.acceptance import Acceptance, ChangeAuthors
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.ledger import lookup
from interlock.ports.github import GitHub, Review
from interlock.ports.ledger import Ledger
from interlock.services.each_model import EachModel, ModelStopped

BOT = "[bot]"
"""The suffix of an app's login."""
BY_REVIEW = "approving review"
# The states that replace an earlier review; a comment does not.
_DECISIONS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


def current(ledger: Ledger, model: ModelAt, policy: Policy) -> Verdict | None:
    """Return the current verdict of a model; raises CannotFingerprint if it cannot have one."""
    key = lookup.current_key(ledger, model=model, policy=policy)
    name, fingerprint = model.manifest.model, str(model.fingerprint)
    return lookup.find_verdict(ledger, model=name, fingerprint=fingerprint, key=key)


@dataclass(frozen=True, slots=True)
class PendingAcceptances:
    """The inconclusive verdicts of a revision, in order of model; `unread` has the error of each
    model with unreadable records, which cannot be accepted."""

    verdicts: tuple[Verdict, ...]
    unread: tuple[str, ...] = ()


def pending(ledger: Ledger, snapshot: Snapshot, policy: Policy) -> PendingAcceptances:
    def look(name: str) -> Verdict | None:
        model = snapshot.models[name]
        lookup.acceptances(ledger, model=name, fingerprint=str(model.fingerprint))
        return current(ledger, model, policy)

    each = EachModel()
    names = [name for name, m in sorted(snapshot.models.items()) if m.fingerprint is not None]
    results = [each.do(name, look, otherwise=lambda stopped: stopped) for name in names]
    return PendingAcceptances(
        tuple(v for v in results if isinstance(v, Verdict) and v.outcome is Outcome.INCONCLUSIVE),
        tuple(
            f"{s.model} is not accepted: {s.sentence}"
            for s in results
            if isinstance(s, ModelStopped)
        ),
    )


def make_acceptances(
    ledger: Ledger, verdicts: Iterable[Verdict], *, revision: str, by: str, reason: str, at: str
) -> tuple[Acceptance, ...]:
    """Return the acceptance of each verdict at one commit: an earlier one, else a new one."""
    return tuple(
        _find_earlier(ledger, verdict, revision)
        or Acceptance(
            key=verdict.key,
            model=verdict.model,
            fingerprint=verdict.fingerprint,
            revision=revision,
            by=by,
            reason=reason,
            at=at,
        )
        for verdict in verdicts
    )


def _find_earlier(ledger: Ledger, verdict: Verdict, revision: str) -> Acceptance | None:
    known = lookup.acceptances(ledger, model=verdict.model, fingerprint=verdict.fingerprint)
    return next((a for a in known if (a.key, a.revision) == (verdict.key, revision)), None)


def check_may_accept(github: GitHub, *, pull: int, by: str, policy: Policy) -> Refusal | None:
    """Refuse a user whom the policy does not allow to accept a pull request.

    Write access is checked elsewhere. Raises CannotReachGitHub.
    """
    return _check(by, policy, authors=lambda: github.change_authors(pull))


def _check(by: str, policy: Policy, *, authors: Callable[[], ChangeAuthors]) -> Refusal | None:
    rule = policy.accept
    refusal = acceptance.check_users(by, rule)
    if refusal is not None or rule.own:
        return refusal
    return acceptance.check_author((by,), authors(), rule)


def find_approval(github: GitHub, *, pull: int, head: str, policy: Policy) -> Review | None:
    """Return the first approving review of exactly this commit. Its author must have write access,
    be allowed to accept by the policy, and not have changed the review since."""
    last = {r.author: r for r in github.reviews(pull) if r.state in _DECISIONS}
    approving = (r for r in last.values() if r.state == "APPROVED" and r.sha == head)
    authors = functools.cache(lambda: github.change_authors(pull))
    return next(
        (
            review
            for review in approving
            if may_write(github, review.author)
            and _check(review.author, policy, authors=authors) is None
        ),
        None,
    )


def may_write(github: GitHub, login: str) -> bool:
    """True if the user has write access, by GitHub's collaborator endpoint, since a payload is not
    reliable. An app cannot be a collaborator."""
    return (
        bool(login) and not login.endswith(BOT) and permissions.may_write(github.permission(login))
    )
