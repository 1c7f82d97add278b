"""Finds the login of the token, which is the author of Interlock's comments."""

from __future__ import annotations

from interlock import errors
from interlock.adapters.github.session import Session

_BOT = "[bot]"


def find_login(session: Session) -> str:
    """Return the login of the token's owner; an app's ends in "[bot]". Raises CannotReachGitHub.

    An app's installation token (such as GITHUB_TOKEN) may not read /user, but GraphQL's viewer.
    """
    try:
        user = session.find("/user")
    except errors.CannotReachGitHub:
        user = None
    if user:
        return str(user["login"])
    login = _viewer(session)
    if not login:
        raise errors.CannotReachGitHub(
            "GitHub does not say whose token this is",
            hint="name the login that comments with it in INTERLOCK_GITHUB_LOGIN",
        )
    return login if login.endswith(_BOT) else login + _BOT


def _viewer(session: Session) -> str:
    try:
        answer = session.query("query { viewer { login } }")
    except errors.CannotReachGitHub:
        return ""
    return str(((answer or {}).get("viewer") or {}).get("login", ""))
