"""One connection to the REST API of one repository: requests by method and path, answers as
JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import github
import requests
from github import GithubException

from interlock import errors
from interlock.adapters.github import failures
from interlock.adapters.github.retry import RetryPolicy

_PAGE = 100
# GitHub requires one second between writes. A server on loopback does not need it.
# https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
_PAUSE_SECONDS = 1.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Headers of every request: the format of the answer, and the version of the API that this package
# uses. https://docs.github.com/en/rest/about-the-rest-api/api-versions
_ACCEPT = {"Accept": "application/vnd.github+json"}
_VERSION = github.Consts.API_VERSION_2022_11_28
_AGENT = "interlock (PyGithub)"


@dataclass(frozen=True, slots=True)
class _CachedAnswer:
    """An answer that GitHub has stamped with an ETag."""

    etag: str
    headers: dict[str, Any]
    data: Any


class Session:
    """Sends requests. Raises CannotReachGitHub (final), MissingSetting for a token that was never
    valid, and, only from `write`, Retryable."""

    def __init__(
        self,
        *,
        api_url: str,
        token: str,
        patience: RetryPolicy,
        pause_seconds: float | None,
        timeout_seconds: int,
    ) -> None:
        if urlsplit(api_url).scheme not in {"http", "https"}:
            raise errors.MissingSetting(
                f"GITHUB_API_URL is {api_url!r}", hint="give a URL, as https://api.github.com"
            )
        self.patience = patience
        self._pause_seconds = _pause(api_url, pause_seconds)
        self._written_at: float | None = None
        self._cached: dict[tuple[object, ...], _CachedAnswer] = {}
        self._is_known = False
        # PyGithub's own retry repeats a POST with a lost answer, and its pauses use a clock of
        # their own, so both are off.
        self._requester = github.Github(
            base_url=api_url.rstrip("/"),
            auth=github.Auth.Token(token),
            user_agent=_AGENT,
            api_version=_VERSION,
            timeout=timeout_seconds,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        ).requester

    def find(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the object at a path, None if there is none (404)."""
        try:
            return self._read(path, dict(parameters or {}))[1]
        except _NotFound:
            return None

    def find_all(
        self, path: str, parameters: Mapping[str, Any] | None = None, *, item: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Every object of a list, page by page; `item` is the key under which GitHub wraps it."""
        headers, page = self._read(path, {"per_page": _PAGE, **(parameters or {})})
        yield from _items(page, item, path=path)
        while following := _next(headers.get("link", "")):
            headers, page = self._read(following, {})
            yield from _items(page, item, path=path)

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send once; raises Retryable if the outcome is unknown, so that the caller can check."""
        self._keep_apart()
        try:
            return self._send(method, path, body=body)[1]
        finally:
            self._written_at = self.patience.now()

    def _keep_apart(self) -> None:
        if self._written_at is None:
            return
        # If a clock was set back, the wait may still not be longer than a pause.
        passed = max(self.patience.now() - self._written_at, 0.0)
        if passed < self._pause_seconds:
            self.patience.sleep(self._pause_seconds - passed)

    def query(self, text: str) -> Any:
        """The `data` of a GraphQL answer."""
        return self.patience.persist(lambda: self._graphql(text))

    def mutate(self, text: str) -> Any:
        """Send a GraphQL mutation once, like `write`, and return the `data`."""
        self._keep_apart()
        try:
            return self._graphql(text)
        finally:
            self._written_at = self.patience.now()

    def _graphql(self, text: str) -> Any:
        """PyGithub's own `graphql_query` takes no headers."""
        body = {"query": text, "variables": {}}
        headers, answer = self._send("POST", self._requester.graphql_url, body=body)
        if answer.get("errors"):
            status = failures.graphql_status(answer["errors"])
            refused = self._requester.createException(status, headers, answer)
            raise self._judge(refused, request="POST /graphql")
        return answer.get("data")

    def _read(self, path: str, parameters: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        return self.patience.persist(lambda: self._get(path, parameters))

    def _get(self, path: str, parameters: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """An unchanged page is a 304, which does not count for the rate limit."""
        key = (path, *sorted(parameters.items()))
        cached = self._cached.get(key)
        condition = {"If-None-Match": cached.etag} if cached else {}
        headers, data = self._send("GET", path, parameters=parameters, headers=condition)
        if cached is not None and data is None:
            return cached.headers, cached.data
        if etag := headers.get("etag"):
            self._cached[key] = _CachedAnswer(etag, headers, data)
        return headers, data

    def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[dict[str, Any], Any]:
        payload = None if body is None else dict(body)
        send = self._requester.requestJsonAndCheck
        return self._guarded(
            f"{method} {urlsplit(path).path}",
            lambda: send(method, path, parameters or {}, _ACCEPT | (headers or {}), payload),
        )

    def _guarded(
        self, request: str, send: Callable[[], tuple[dict[str, Any], Any]]
    ) -> tuple[dict[str, Any], Any]:
        try:
            answer = send()
        except GithubException as error:
            raise self._judge(error, request=request) from error
        except requests.exceptions.RequestException as error:
            raise failures.lost(error, request=request) from error
        except (AssertionError, RuntimeError, json.JSONDecodeError) as error:
            # PyGithub asserts that GitHub's links lead to the host and port it was given.
            raise _odd(request) from error
        self._is_known = True
        return answer

    def _judge(self, error: GithubException, *, request: str) -> Exception:
        if error.status == 404:
            return _NotFound(f"GitHub has no {request}", hint=failures.NOT_FOUND)
        now = self.patience.now()
        return failures.judge(error, request=request, now=now, is_known=self._is_known)


def _items(page: Any, item: str, *, path: str) -> list[dict[str, Any]]:
    entries = page.get(item) if item and isinstance(page, dict) else page
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise _odd(f"GET {path}")
    return entries


def _odd(request: str) -> errors.CannotReachGitHub:
    return errors.CannotReachGitHub(
        f"the answer to {request} is not GitHub's", hint="check GITHUB_API_URL"
    )


class _NotFound(errors.CannotReachGitHub):
    """404: the object does not exist, or this token may not read it."""


def is_missing(error: errors.CannotReachGitHub) -> bool:
    return isinstance(error, _NotFound)


def _pause(api_url: str, pause_seconds: float | None) -> float:
    if pause_seconds is not None:
        return pause_seconds
    return 0.0 if urlsplit(api_url).hostname in _LOOPBACK else _PAUSE_SECONDS


def _next(link: str) -> str:
    """The URL of the next page in a Link header (RFC 8288), "" on the last."""
    links = requests.utils.parse_header_links(link) if link else []
    return next((entry["url"] for entry in links if entry.get("rel") == "next"), "")
