"""Tokens, scopes and permissions of a request; no endpoints."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from github_sandbox.state import Json, Store

PERMISSIONS = ("none", "read", "triage", "write", "maintain", "admin")
SCOPES = (
    "actions",
    "checks",
    "contents",
    "deployments",
    "issues",
    "pull_requests",
    "statuses",
)
GRANTS = ("none", "read", "write")


@dataclass(frozen=True, slots=True)
class Actor:
    """The account of a request; the login is "" without a token."""

    login: str = ""
    is_bot: bool = False
    scopes: Mapping[str, str] = field(default_factory=dict)
    key: str = ""

    def may(self, *scopes: str) -> bool:
        """True if the token may write in one of these scopes, or if there are none."""
        return not scopes or any(self.scopes.get(scope) == "write" for scope in scopes)


ANONYMOUS = Actor()


class BadCredentials(Exception):
    """The token does not exist."""


def create_token(store: Store, *, login: str, scopes: Mapping[str, str], is_bot: bool) -> str:
    token = f"sandbox_{secrets.token_hex(20)}"
    body = {"login": login, "scopes": dict(scopes), "is_bot": is_bot}
    store.put("token", body, key=_digest(token))
    return token


def identify(store: Store, authorization: str) -> Actor:
    """Return the account of an Authorization header; raises BadCredentials for a wrong token."""
    if not authorization:
        return ANONYMOUS
    token = _token(authorization)
    body = store.get("token", key=_digest(token)) if token else None
    if body is None:
        raise BadCredentials
    return Actor(body["login"], body["is_bot"], body["scopes"], _digest(token))


def permission(store: Store, actor: Actor, repository: Json) -> str:
    """Return the actor's permission on a repository; the scopes of its token limit an app."""
    if actor.is_bot:
        return "write"
    return permission_of(store, actor.login, repository)


def permission_of(store: Store, login: str, repository: Json) -> str:
    stored = store.get("permission", repository=repository["full_name"], key=login)
    if stored is not None:
        return str(stored["permission"])
    if login and login == repository["full_name"].split("/")[0]:
        return "admin"
    return "none" if repository["private"] else "read"


def at_least(permission: str, needed: str) -> bool:
    return PERMISSIONS.index(permission) >= PERMISSIONS.index(needed)


def _token(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password if password not in ("", "x-oauth-basic") else user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
