"""Parts of every page: the request, templates, headers, times and colours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from github_sandbox.git import GitRepository
from github_sandbox.instance import Instance
from github_sandbox.pages import markdown
from github_sandbox.state import Json

# No scripts, frames, forms or other sites: HTML in a comment cannot act.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_PACKAGE = "github_sandbox.pages"
_STATIC = {"style.css": "text/css; charset=utf-8"}
_HUES = 8


class PageNotFound(Exception):
    """The page does not exist; the message names it."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request for a page; `repository` is {} when the path has none."""

    instance: Instance
    http: Request
    repository: Json

    @property
    def name(self) -> str:
        return str(self.repository["full_name"])

    @property
    def git(self) -> GitRepository:
        return self.instance.git(self.name)

    def page(self, template: str, *, tab: str, **values: Any) -> Response:
        pulls = self.instance.store.list("pull", repository=self.name, parent="open")
        shared: dict[str, Any] = {
            "repo": self.name,
            "tab": tab,
            "open_pulls": len(pulls),
            "open_issues": len(
                self.instance.store.list("issue", repository=self.name, parent="open")
            ),
        }
        return page(template, md=self.markdown, **shared, **values)

    def markdown(self, text: str | None) -> Markup:
        return markdown.render(text or "", page=self.http.url.path, known=self._known)

    def _known(self, reference: str) -> str | None:
        kind, name = reference[0], reference[1:]
        if kind == "@":
            user = self.instance.user(name)
            return f"/{user['login']}" if user else None
        for kind, place in (("pull", "pull"), ("issue", "issues")):
            if self.instance.store.get(kind, repository=self.name, key=name):
                return f"/{self.name}/{place}/{name}"
        return None


def read_request(instance: Instance, request: Request) -> PageRequest:
    parameters = request.path_params
    if "repo" not in parameters:
        return PageRequest(instance, request, {})
    name = f"{parameters['owner']}/{parameters['repo']}"
    repository = instance.repository(name)
    if repository is None:
        raise PageNotFound(f"the repository {name}")
    return PageRequest(instance, request, repository)


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    text = _templates().get_template(template).render(values)
    return Response(text, status, HEADERS, media_type="text/html; charset=utf-8")


def show_static(request: PageRequest) -> Response:
    name = request.http.path_params["file"]
    if name not in _STATIC:
        raise PageNotFound(name)
    raw = resources.files(_PACKAGE).joinpath("static", name).read_bytes()
    return Response(raw, 200, HEADERS, media_type=_STATIC[name])


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(ago=ago, hue=hue, initial=initial)
    return environment


def ago(when: str) -> Markup:
    """Return a time element with GitHub's words, for example "3 minutes ago"."""
    try:
        then = datetime.fromisoformat(when).astimezone(UTC)
    except (ValueError, OverflowError):  # a commit may claim any year
        return Markup.escape(when)
    seconds = max((datetime.now(UTC) - then).total_seconds(), 0)
    exact = then.strftime("%d %b %Y, %H:%M:%S UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        when, exact, _elapsed(seconds, then)
    )


def _elapsed(seconds: float, then: datetime) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(seconds // size)
        if unit == "day" and count > 30:
            return then.strftime("on %d %b %Y")
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def hue(login: str) -> int:
    """Return the number of a user's colour."""
    return hashlib.sha256(login.encode()).digest()[0] % _HUES


def initial(login: str) -> str:
    return login[:1].upper() or "?"
