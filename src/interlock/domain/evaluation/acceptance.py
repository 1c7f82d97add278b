"""The manual acceptance of an inconclusive verdict, and the users who may give it by the policy;
write access is checked elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from interlock.domain.basics import figures
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.policy import AcceptPolicy

_NO_REPLY = re.compile(r"(?:[0-9]+\+)?([^+@]+)@users\.noreply\.github\.com", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The acceptance of one evaluation (`key`) at one commit (`revision`) by the user `by`, with a
    reason."""

    key: str
    model: str
    fingerprint: str
    revision: str
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class ChangeAuthors:
    """The authors of a change, by login or e-mail address: of the pull request and of each commit,
    and the committers. Without `is_complete`, GitHub did not list all of them."""

    users: frozenset[str]
    is_complete: bool = True


def authors_by_email(addresses: Iterable[str]) -> ChangeAuthors:
    """Return the authors of commits by address, and by login for a no-reply address of GitHub.

    https://docs.github.com/en/account-and-profile/reference/email-addresses-reference
    """
    known = frozenset(addresses)
    logins = (_NO_REPLY.fullmatch(address) for address in known)
    return ChangeAuthors(known | {login[1] for login in logins if login})


def check_users(by: str, rule: AcceptPolicy) -> Refusal | None:
    """Refuse a user who is not in the policy's list. GitHub's logins ignore case."""
    if not rule.users or by.casefold() in _folded(rule.users):
        return None
    user = by or "a user without a name"
    return Refusal(f"the policy allows {_or(rule.users)} to accept, not {user}")


def check_author(
    names: Iterable[str], authors: ChangeAuthors, rule: AcceptPolicy
) -> Refusal | None:
    """Refuse the user with these names if they may be an author of the change."""
    is_author = bool(_folded(names) & _folded(authors.users))
    if rule.own or (authors.is_complete and not is_author):
        return None
    if is_author:
        others = _or(rule.users) or "another user with write access"
        return Refusal(f"an author of the change cannot accept it; {others} can")
    return Refusal("GitHub does not list all commits of the change, so its authors are unknown")


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names if name)


def _or(users: tuple[str, ...]) -> str:
    return figures.listing(users).replace(" and ", " or ")
