"""A person's word that an inconclusive verdict may pass, and whose word it may be by the policy;
who a person is and may write is decided elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from interlock.domain.basics import figures
from interlock.domain.model.policy import AcceptPolicy

_NO_REPLY = re.compile(r"(?:[0-9]+\+)?([^+@]+)@users\.noreply\.github\.com", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """For one judgement (`key`) at one commit (`revision`), by `by`, with a reason."""

    key: str
    model: str
    fingerprint: str
    revision: str
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class ChangeAuthors:
    """Who made a change: `people` by login or e-mail address, the author of the pull request and of
    each commit, and who committed them. Not `is_whole`: there are more than could be listed."""

    people: frozenset[str]
    is_whole: bool = True


def authors_by_email(addresses: Iterable[str]) -> ChangeAuthors:
    """The makers of commits, where Git alone is asked: by address, and by login where the address
    is one that GitHub makes of it.

    https://docs.github.com/en/account-and-profile/reference/email-addresses-reference
    """
    found = frozenset(addresses)
    logins = (_NO_REPLY.fullmatch(address) for address in found)
    return ChangeAuthors(found | {login[1] for login in logins if login})


def check_users(by: str, rule: AcceptPolicy) -> str:
    """Why somebody is none of those whom the policy lets accept, "" when they are. GitHub's logins
    are the same in either case of letters."""
    if not rule.users or by.casefold() in _folded(rule.users):
        return ""
    return f"the policy lets {_or(rule.users)} accept, and not {by or 'somebody without a name'}"


def check_author(names: Iterable[str], makers: ChangeAuthors, rule: AcceptPolicy) -> str:
    """Why the one with these names may not accept what they may have made, "" when they may."""
    mine = _folded(names)
    if rule.own or (makers.is_whole and not mine & _folded(makers.people)):
        return ""
    others = _or(rule.users) or "somebody else with write access"
    if mine & _folded(makers.people):
        return f"who made a change does not accept it: {others} may"
    return "it has more commits than GitHub lists, so that nobody is known not to have made it"


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names if name)


def _or(users: tuple[str, ...]) -> str:
    return figures.listing(users).replace(" and ", " or ")
