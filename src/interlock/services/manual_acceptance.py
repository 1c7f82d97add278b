"""People's words on inconclusive verdicts, made ready to be written; whether somebody may give one
is asked of GitHub for reviews, and of nobody here for the rest."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from interlock.domain.access import permissions
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
"""How the logins of apps end."""
BY_REVIEW = "approving review"
# States that say yes or no; a comment takes back nothing that was said before.
_WORDS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


def current(ledger: Ledger, model: ModelAt, policy: Policy) -> Verdict | None:
    """The verdict that counts for a model now; raises CannotFingerprint when it can have none."""
    key = lookup.current_key(ledger, model=model, policy=policy)
    name, fingerprint = model.manifest.model, str(model.fingerprint)
    return lookup.find_verdict(ledger, model=name, fingerprint=fingerprint, key=key)


@dataclass(frozen=True, slots=True)
class PendingAcceptances:
    """The verdicts of a revision that wait for a person's word, in order of model; `unread` says of
    each model whose records cannot be read what is wrong with them: nothing of it is accepted."""

    verdicts: tuple[Verdict, ...]
    unread: tuple[str, ...] = ()


def pending(ledger: Ledger, snapshot: Snapshot, policy: Policy) -> PendingAcceptances:
    def look(name: str) -> Verdict | None:
        model = snapshot.models[name]
        lookup.acceptances(ledger, model=name, fingerprint=str(model.fingerprint))
        return current(ledger, model, policy)

    each = EachModel()
    names = [name for name, m in sorted(snapshot.models.items()) if m.fingerprint is not None]
    found = [each.do(name, look, otherwise=lambda stopped: stopped) for name in names]
    return PendingAcceptances(
        tuple(v for v in found if isinstance(v, Verdict) and v.outcome is Outcome.INCONCLUSIVE),
        tuple(f"{s.model} is left out: {s.sentence}" for s in found if isinstance(s, ModelStopped)),
    )


def record_acceptances(
    ledger: Ledger, verdicts: Iterable[Verdict], *, revision: str, by: str, reason: str, at: str
) -> tuple[Acceptance, ...]:
    """One word for each verdict at one commit: the one that was given before, else a new one."""
    return tuple(
        _given(ledger, verdict, revision)
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


def _given(ledger: Ledger, verdict: Verdict, revision: str) -> Acceptance | None:
    given = lookup.acceptances(ledger, model=verdict.model, fingerprint=verdict.fingerprint)
    same = (a for a in given if (a.key, a.revision) == (verdict.key, revision))
    return next(same, None)


def check_may_accept(github: GitHub, *, pull: int, by: str, policy: Policy) -> str:
    """Why the policy does not let somebody accept what a pull request brings, "" when it does.

    Who may write is another question. Raises CannotReachGitHub.
    """
    return _why_not(by, policy, makers=lambda: github.makers(pull))


def _why_not(by: str, policy: Policy, *, makers: Callable[[], ChangeAuthors]) -> str:
    rule = policy.accept
    objection = acceptance.check_users(by, rule)
    if objection or rule.own:
        return objection
    return acceptance.check_author((by,), makers(), rule)


def find_approval(github: GitHub, *, pull: int, head: str, policy: Policy) -> Review | None:
    """The first review that approves exactly this commit, by somebody who may write, whom the
    policy lets accept, and who has not said otherwise since."""
    last = {r.author: r for r in github.reviews(pull) if r.state in _WORDS}
    approving = (r for r in last.values() if r.state == "APPROVED" and r.sha == head)
    makers = functools.cache(lambda: github.makers(pull))
    return next(
        (
            review
            for review in approving
            if may_write(github, review.author)
            and not _why_not(review.author, policy, makers=makers)
        ),
        None,
    )


def may_write(github: GitHub, login: str) -> bool:
    """Ask the collaborator endpoint; what a payload says of an author is not reliable. An app has
    no place among the collaborators, and is not asked about."""
    return (
        bool(login) and not login.endswith(BOT) and permissions.may_write(github.permission(login))
    )
