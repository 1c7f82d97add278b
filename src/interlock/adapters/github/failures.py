"""Classifies a refused or broken request: retry it, or report it to the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from github import GithubException

from interlock import errors
from interlock.adapters.github.retry import Retryable

# If GitHub names no time: at least a minute, and longer each time.
# https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
_LEAST_WAIT_SECONDS = 60.0

NOT_FOUND = "check GITHUB_REPOSITORY, and that the token may read it"


def judge(error: GithubException, *, request: str, now: float, is_known: bool) -> Exception:
    """Return Retryable, CannotReachGitHub, or MissingSetting for an invalid token.

    `request` is "METHOD /path", `now` seconds since 1970; `is_known` if GitHub accepted this
    token before: then it has expired or was revoked, and a new run gets a new one.
    """
    headers = {k.lower(): str(v) for k, v in (error.headers or {}).items()}
    reason = _reason(error)
    if _is_rate_limit(error.status, headers, reason):
        return _limited(error, headers, reason, request=request, now=now)
    if error.status >= 500:
        failure = errors.CannotReachGitHub(
            f"GitHub failed ({error.status} on {request}): {reason}", hint="run it again later"
        )
        return Retryable(failure, is_unsure=True)
    message = f"GitHub refused {request} ({error.status}): {reason}"
    if error.status == 401 and not is_known:
        return errors.MissingSetting(message, hint=_NEVER_TAKEN)
    return errors.CannotReachGitHub(message, hint=_hint(error.status))


def _limited(
    error: GithubException, headers: Mapping[str, str], reason: str, *, request: str, now: float
) -> Retryable:
    named = _named_wait(headers, now=now)
    wait = _LEAST_WAIT_SECONDS if named is None else named
    failure = errors.CannotReachGitHub(
        f"GitHub limits our requests ({error.status} on {request}): {reason}",
        hint=f"run it again in about {wait:.0f} s, or use a token with a higher limit",
    )
    return Retryable(failure, after_seconds=wait, is_named=named is not None)


def lost(error: Exception, *, request: str) -> Retryable:
    """Return the error of a broken connection. Only the class of the error is reported: its text
    may have a URL."""
    failure = errors.CannotReachGitHub(
        f"GitHub could not be reached on {request} ({type(error).__name__})",
        hint="check GITHUB_API_URL and the network, then run it again",
    )
    return Retryable(failure, is_unsure=True)


def _is_rate_limit(status: int, headers: Mapping[str, str], reason: str) -> bool:
    if status == 429:
        return True
    if status != 403:
        return False
    spent = headers.get("x-ratelimit-remaining") == "0"
    return spent or "retry-after" in headers or "rate limit" in reason.lower()


def _named_wait(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds that GitHub names, None without any."""
    after = _number(headers.get("retry-after"))
    if after is not None:
        return max(after, 0.0)
    reset = _number(headers.get("x-ratelimit-reset"))
    if reset is not None and headers.get("x-ratelimit-remaining") == "0":
        return max(reset - now, 1.0)
    return None


def graphql_status(refusals: Sequence[object]) -> int:
    """The status that REST would have for the errors of a GraphQL answer, which comes as 200.

    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    types = {str(each.get("type", "")) for each in refusals if isinstance(each, Mapping)}
    return next((status for name, status in _GRAPHQL.items() if name in types), 400)


_GRAPHQL = {"RATE_LIMITED": 429, "NOT_FOUND": 404, "FORBIDDEN": 403}


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _reason(error: GithubException) -> str:
    data: Any = error.data
    if not isinstance(data, Mapping):
        return "no reason given"
    # PyGithub returns an answer without JSON as the text `data`; GraphQL's `data` is an object.
    words = (data.get("message"), data.get("data"))
    message = next((word for word in words if word and isinstance(word, str)), "")
    parts = [message, *(_detail(item) for item in data.get("errors") or ())]
    return "; ".join(part for part in parts if part)[:500] or "no reason given"


def _detail(item: object) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    named = " ".join(str(item[key]) for key in ("resource", "field", "code") if item.get(key))
    return str(item.get("message") or named)


_NEVER_TAKEN = "GITHUB_TOKEN is not valid for this GitHub, or has expired: give it a new one"


def _hint(status: int) -> str:
    return {
        401: "the token has expired: run the job again, it gets a new one",
        403: "give the token the permissions: pull-requests, checks, deployments, contents: write",
        404: NOT_FOUND,
        422: "GitHub rejected the content; see its message above",
    }.get(status, "")
