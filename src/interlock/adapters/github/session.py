"""One connection to one repository's REST API: requests by method and path, answers as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import github
import requests
from github import GithubException

from interlock import errors
from interlock.adapters.github import failures
from interlock.adapters.github.patience import Patience

_TIMEOUT_SECONDS = 30
_PAGE = 100
# GitHub asks for one second between writes. A server on loopback does not need to be spared.
# https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
_PAUSE_SECONDS = 1.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Session:
    """Raises CannotReachGitHub (final) and, from `write` alone, Again (may be tried again)."""

    def __init__(
        self, *, api_url: str, token: str, patience: Patience, pause_seconds: float | None
    ) -> None:
        if urlsplit(api_url).scheme not in {"http", "https"}:
            raise errors.MissingSetting(
                f"GITHUB_API_URL is {api_url!r}", hint="give a URL, as https://api.github.com"
            )
        self.patience = patience
        # PyGithub's own retry doubles a POST whose answer was lost, so it is off.
        self._requester = github.Github(
            base_url=api_url.rstrip("/"),
            auth=github.Auth.Token(token),
            timeout=_TIMEOUT_SECONDS,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=_pause(api_url, pause_seconds),
            lazy=True,
        ).requester

    def find(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The object at a path, None when there is none (404)."""
        try:
            return self._read(path, dict(parameters or {}))[1]
        except _NotFound:
            return None

    def find_all(
        self, path: str, parameters: Mapping[str, Any] | None = None, *, item: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Every object of a list, page by page; `item` is the key under which GitHub wraps it."""
        headers, page = self._read(path, {"per_page": _PAGE, **(parameters or {})})
        yield from page[item] if item else page
        while following := _next(headers.get("link", "")):
            headers, page = self._read(following, {})
            yield from page[item] if item else page

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send once; raises Again where the outcome is open, so that the caller looks first."""
        return self._send(method, path, {}, body)[1]

    def query(self, text: str) -> Any:
        """The `data` of a GraphQL answer."""
        send = self._requester.graphql_query
        return self.patience.persist(
            lambda: self._guarded("POST /graphql", lambda: send(text, {}))
        )[1].get("data")

    def _read(self, path: str, parameters: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        return self.patience.persist(lambda: self._send("GET", path, parameters, None))

    def _send(
        self, method: str, path: str, parameters: dict[str, Any], body: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], Any]:
        payload = None if body is None else dict(body)
        send = self._requester.requestJsonAndCheck
        return self._guarded(
            f"{method} {urlsplit(path).path}",
            lambda: send(method, path, parameters, input=payload),
        )

    def _guarded(
        self, request: str, send: Callable[[], tuple[dict[str, Any], Any]]
    ) -> tuple[dict[str, Any], Any]:
        try:
            return send()
        except GithubException as error:
            if error.status == 404:
                raise _NotFound(f"GitHub has no {request}", hint=failures.NOT_FOUND) from error
            raise failures.judge(error, request=request, now=self.patience.now()) from error
        except requests.exceptions.RequestException as error:
            raise failures.lost(error, request=request) from error
        except (AssertionError, RuntimeError, json.JSONDecodeError) as error:
            # PyGithub asserts that GitHub's links lead to the host and port it was given.
            raise errors.CannotReachGitHub(
                f"the answer to {request} is not GitHub's", hint="check GITHUB_API_URL"
            ) from error


class _NotFound(errors.CannotReachGitHub):
    """404: nothing there, or nothing that this token may see."""


def is_missing(error: errors.CannotReachGitHub) -> bool:
    return isinstance(error, _NotFound)


def _pause(api_url: str, pause_seconds: float | None) -> float | None:
    if pause_seconds is not None:
        return pause_seconds or None
    return None if urlsplit(api_url).hostname in _LOOPBACK else _PAUSE_SECONDS


def _next(link: str) -> str:
    """The URL of the next page in a Link header (RFC 8288), "" on the last."""
    links = requests.utils.parse_header_links(link) if link else []
    return next((entry["url"] for entry in links if entry.get("rel") == "next"), "")
