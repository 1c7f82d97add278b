"""The types of endpoints: call, answer, error, and pages of a list."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from github_sandbox import access, limits
from github_sandbox.access import Actor
from github_sandbox.git import GitRepository
from github_sandbox.instance import Instance
from github_sandbox.state import Json, Store

DOCUMENTATION = "https://docs.github.com/rest"


class ApiError(Exception):
    """An error response with GitHub's status and message."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Json | str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def body(self, *, plain: bool = False) -> Json:
        """Return the JSON body; with `plain`, errors are sentences, as in some endpoints."""
        body: Json = {"message": self.message}
        if self.errors:
            body["errors"] = [_sentence(error) for error in self.errors] if plain else self.errors
        return body | {"documentation_url": DOCUMENTATION, "status": str(self.status)}


def _sentence(error: Json | str) -> str:
    if isinstance(error, str):
        return error
    return str(error.get("message") or f"{error['field']} is {error['code']}")


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def invalid(resource: str, name: str, code: str, message: str = "") -> ApiError:
    """Return GitHub's 422 for one field; `code` is missing, invalid, custom, already_exists."""
    problem = {"resource": resource, "field": name, "code": code}
    if message:
        problem["message"] = message
    return ApiError(422, "Validation Failed", errors=[problem])


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one endpoint: actor, repository, parameters and body."""

    instance: Instance
    actor: Actor
    method: str
    path: str
    base: str
    params: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    accept: str = ""
    body: Json = field(default_factory=dict)
    repository: Json = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.instance.store

    @property
    def name(self) -> str:
        return str(self.repository["full_name"])

    def has_permission(self, needed: str, repository: Json | None = None) -> bool:
        """Return True if the actor has a permission on a repository, by default on the path's."""
        permission = access.permission(self.store, self.actor, repository or self.repository)
        return access.at_least(permission, needed)

    @property
    def git(self) -> GitRepository:
        return self.instance.git(self.name)

    def text(
        self,
        name: str,
        *,
        resource: str,
        required: bool = False,
        limit: int = limits.BODY_CHARACTERS,
    ) -> str | None:
        """Return a text of the body; raises 422 when it is missing, not a text, or too long."""
        value = self.body.get(name)
        if value is None or (required and value == ""):
            if required:
                raise invalid(resource, name, "missing_field", f"{name} can't be blank")
            return None
        if not isinstance(value, str):
            raise invalid(resource, name, "invalid", f"{name} is not a string")
        if len(value) > limit:
            message = f"{name} is too long (maximum is {limit} characters)"
            raise invalid(resource, name, "custom", message)
        return value

    def moment(self, name: str, *, resource: str) -> str | None:
        """Return a time of the body in GitHub's format; raises 422 when it is not valid."""
        text = self.text(name, resource=resource)
        if not text:
            return None
        try:
            return limits.write_time(datetime.fromisoformat(text))
        except (ValueError, OverflowError) as error:
            raise invalid(resource, name, "invalid", f"{name} is not a timestamp") from error

    def choice(
        self, name: str, *, resource: str, of: Sequence[str], default: str | None = None
    ) -> str:
        value = self.body.get(name, default)
        if value is None:
            raise invalid(resource, name, "missing_field", f"{name} is required")
        if value not in of:
            raise invalid(resource, name, "invalid", f"{name} is not one of {', '.join(of)}")
        return str(value)

    def texts(self, name: str, *, resource: str) -> list[str]:
        value = self.body.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise invalid(resource, name, "invalid", f"{name} is not a list of strings")
        return list(value)


@dataclass(frozen=True, slots=True)
class Answer:
    """The response: `body` None means no content; bytes are sent with the type `media`."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/vnd.github.raw; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint: a write requires one of `scopes` for the token and `needs` for the user.

    `plain_errors`: the errors of a 422 are sentences, not objects.
    """

    method: str
    path: str
    handler: Callable[[Call], Answer]
    scopes: tuple[str, ...] = ()
    needs: str = "write"
    plain_errors: bool = False


def page(
    call: Call,
    items: Sequence[Any],
    *,
    shape: Callable[[Any], Json] | None = None,
    under: str = "",
    total: int | None = None,
) -> Answer:
    """Return one page of a list with its Link header; `under` adds a total_count."""
    number, size = _whole(call.query, "page", 1), _whole(call.query, "per_page", limits.PER_PAGE)
    size = min(size, limits.PER_PAGE_MAXIMUM)
    shaped = [shape(item) if shape else item for item in items]
    visible = [item for item in shaped if not call.instance.hidden.is_hidden(identity(item))]
    body: Any = visible[(number - 1) * size : number * size]
    if under:
        body = {"total_count": len(visible) if total is None else total, under: body}
    return Answer(body, headers=_links(call, number, math.ceil(len(visible) / size)))


def identity(shaped: Any) -> tuple[str, object]:
    """Return the key of an object, the same in every response."""
    if not isinstance(shaped, dict):
        return ("", shaped)
    return (str(shaped.get("url", "")), shaped.get("id", shaped.get("sha")))


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isdecimal() and 0 < int(text) < 10**9 else default


def _links(call: Call, number: int, last: int) -> dict[str, str]:
    wanted = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    if number >= last:
        wanted = {name: wanted[name] for name in ("prev", "first")}
    if number == 1:
        wanted = {name: wanted[name] for name in wanted if name in ("next", "last")}
    parts = []
    for rel, target in wanted.items():
        query = urlencode({**call.query, "page": min(target, max(last, 1))})
        parts.append(f'<{call.base}{quote(call.path)}?{query}>; rel="{rel}"')
    return {"Link": ", ".join(parts)} if parts else {}
