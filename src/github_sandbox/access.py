"""Who asks and what they may: tokens, scopes and permissions; no endpoint may enter."""

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
    """Who a request is by; an empty login is nobody (no token)."""

    login: str = ""
    is_bot: bool = False
    scopes: Mapping[str, str] = field(default_factory=dict)
    key: str = ""

    def may(self, *scopes: str) -> bool:
        """Say whether the token may write in any of these scopes (none named: it may)."""
        return not scopes or any(self.scopes.get(scope) == "write" for scope in scopes)


NOBODY = Actor()


class BadCredentials(Exception):
    """A token was given that nobody made."""


def create_token(store: Store, *, login: str, scopes: Mapping[str, str], is_bot: bool) -> str:
    token = f"sandbox_{secrets.token_hex(20)}"
    body = {"login": login, "scopes": dict(scopes), "is_bot": is_bot}
    store.put("token", body, key=_digest(token))
    return token


def identify(store: Store, authorization: str) -> Actor:
    """Return who an Authorization header names; raises BadCredentials for an unknown token."""
    if not authorization:
        return NOBODY
    token = _token(authorization)
    body = store.get("token", key=_digest(token)) if token else None
    if body is None:
        raise BadCredentials
    return Actor(body["login"], body["is_bot"], body["scopes"], _digest(token))


def permission(store: Store, actor: Actor, repository: Json) -> str:
    """Return the actor's permission on a repository; an app's is what its token's scopes say."""
    if actor.is_bot:
        return "write"
    return permission_of(store, actor.login, repository)


def permission_of(store: Store, login: str, repository: Json) -> str:
    given = store.get("permission", repository=repository["full_name"], key=login)
    if given is not None:
        return str(given["permission"])
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
