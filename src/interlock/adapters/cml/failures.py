"""Classifies a failed call of `cml`: retry it, or change a setting.

CML 0.20 writes one JSON object for each line to standard error, in the format of winston:
`{"level": "error", "message": …, "status": …}`, where the status is GitHub's. If its arguments are
wrong, it writes its usage and a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from interlock import errors

_SHOWN_CHARACTERS = 300
# Messages of GitHub that show its status if CML does not pass it on.
_STATUS_OF = {
    "Bad credentials": 401,
    "token not found": 401,
    "Resource not accessible": 403,
    "rate limit": 429,
    "Not Found": 404,
    "Validation Failed": 422,
}
_HINTS = {
    401: "give cml a token of this GitHub in REPO_TOKEN, or in GITHUB_TOKEN",
    403: "give its token the permission pull-requests: write, and check that the conversation of "
    "the pull request is not locked",
    404: "check GITHUB_REPOSITORY, and that its token may read the pull request",
    422: "GitHub rejected the text; see its message above",
}
_AGAIN = "run it again; cml comment update takes up what it left"
_USAGE = "Interlock calls CML 0.20; check which version is installed: cml --version"


def unfinished(error: Exception) -> errors.CannotReachGitHub:
    """Return the error of a call that did not start, or did not end in time."""
    return errors.CannotReachGitHub(
        f"cml did not write the comment: {type(error).__name__}", hint=_AGAIN
    )


def judge(stderr: str, *, status: int, secret: str) -> errors.InterlockError:
    """Return MissingSetting for a token that GitHub does not accept, else CannotReachGitHub.

    `status` is the exit status; `secret` is not shown.
    """
    reported = list(_errors(stderr))
    if not reported:
        return _failure(_last_line(stderr) or f"it ended with {status}", _USAGE, secret=secret)
    message = str(reported[-1].get("message", ""))
    answered = _answered(reported[-1], message)
    if answered == 401:
        return errors.MissingSetting(_shown(message, secret=secret), hint=_HINTS[401])
    return _failure(message, _HINTS.get(answered, _AGAIN), secret=secret)


def _errors(stderr: str) -> Iterator[dict[str, Any]]:
    for line in stderr.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("level") == "error" and entry.get("message"):
            yield entry


def _answered(entry: dict[str, Any], message: str) -> int:
    """Return GitHub's status, 0 if the message does not show it."""
    status = entry.get("status")
    if isinstance(status, int) and not isinstance(status, bool):
        return 429 if "rate limit" in message.lower() else status
    return next((code for words, code in _STATUS_OF.items() if words in message), 0)


def _last_line(stderr: str) -> str:
    return next((line.strip() for line in reversed(stderr.splitlines()) if line.strip()), "")


def _failure(message: str, hint: str, *, secret: str) -> errors.CannotReachGitHub:
    return errors.CannotReachGitHub(_shown(message, secret=secret), hint=hint)


def _shown(message: str, *, secret: str) -> str:
    hidden = message.replace(secret, "***") if secret else message
    return f"cml did not write the comment: {hidden[:_SHOWN_CHARACTERS]}"
