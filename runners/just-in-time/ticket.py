"""Asks GitHub for a just-in-time runner that is good for one job; runs no job itself.

It alone holds the credential, and it runs as another user than the job. What it leaves is the
runner's configuration, which is worthless once that runner has been used.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import os
import re
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import github
import requests

EXIT_SETTINGS = 3
EXIT_REFUSED = 4
GITHUB = "https://api.github.com"
# GitHub's own description of the endpoint: 1 to 100 labels. Names longer than 64 are refused.
_MOST_LABELS = 100
_LONGEST_NAME = 64
_HINTS = {
    401: "the credential is wrong or has expired",
    403: "the credential may not make runners for this scope, or not in this runner group",
    404: "there is no such organization, repository or runner group, or none that it may see",
    409: "a runner of that name exists; the next try takes another name",
    422: "GitHub does not take these labels or this runner group",
}


class CannotGetTicket(Exception):
    """Why there is no runner, in one sentence; `code` is the exit code."""

    def __init__(self, sentence: str, *, code: int) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Settings:
    """`scope` is `orgs/acme` or `repos/acme/models`; an app has an id and an installation."""

    scope: str
    group_id: int
    labels: tuple[str, ...]
    secret: str = field(repr=False)
    api_url: str = GITHUB
    app_id: int = 0
    installation_id: int = 0


def read(env: Mapping[str, str]) -> Settings:
    """Return the settings; raises CannotGetTicket that names the variable that is missing."""
    scope = _needed(env, "INTERLOCK_RUNNER_SCOPE")
    if not re.fullmatch(r"orgs/[\w.-]+|repos/[\w.-]+/[\w.-]+", scope):
        raise _unset(f"INTERLOCK_RUNNER_SCOPE is {scope!r}: give orgs/NAME or repos/OWNER/NAME")
    labels = tuple(t.strip() for t in _needed(env, "INTERLOCK_RUNNER_LABELS").split(","))
    if not all(labels) or len(labels) > _MOST_LABELS:
        raise _unset("INTERLOCK_RUNNER_LABELS holds 1 to 100 names with commas between them")
    app_id = _number(env.get("INTERLOCK_RUNNER_APP_ID") or "0", "INTERLOCK_RUNNER_APP_ID")
    installation = _needed(env, "INTERLOCK_RUNNER_INSTALLATION_ID") if app_id else "0"
    group = _needed(env, "INTERLOCK_RUNNER_GROUP_ID")
    return Settings(
        scope=scope,
        group_id=_number(group, "INTERLOCK_RUNNER_GROUP_ID"),
        labels=labels,
        secret=_secret(Path(_needed(env, "CREDENTIALS_DIRECTORY")) / "github"),
        api_url=env.get("GITHUB_API_URL") or GITHUB,
        app_id=app_id,
        installation_id=_number(installation, "INTERLOCK_RUNNER_INSTALLATION_ID"),
    )


def request(settings: Settings, *, name: str) -> str:
    """Register a runner for one job; returns its configuration, base64 as `run.sh` takes it.

    One try, never a second: each success is another runner on GitHub's list. Raises
    CannotGetTicket.
    """
    body = {
        "name": name,
        "runner_group_id": settings.group_id,
        "labels": list(settings.labels),
        "work_folder": "_work",
    }
    path = f"/{settings.scope}/actions/runners/generate-jitconfig"
    try:
        with github.Github(
            auth=_auth(settings), base_url=settings.api_url, retry=None, timeout=30
        ) as hub:
            _, answer = hub.requester.requestJsonAndCheck("POST", path, input=body)
    except github.GithubException as error:
        hint = _HINTS.get(error.status, "GitHub could not answer; it is asked again later")
        raise _refused(f"GitHub answered {error.status} to {path}: {hint}") from error
    except (requests.RequestException, OSError) as error:
        raise _refused(f"{settings.api_url} is out of reach: {type(error).__name__}") from error
    return _checked(answer)


def write(ticket: str, *, path: Path) -> None:
    """Put the ticket where the job's user, by its group, can read it, in place of an older one."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w") as file:
        file.write(ticket)


def _auth(settings: Settings) -> github.Auth.Auth:
    if not settings.app_id:
        return github.Auth.Token(settings.secret)
    of_repository = settings.scope.startswith("repos/")
    key = "administration" if of_repository else "organization_self_hosted_runners"
    app = github.Auth.AppAuth(settings.app_id, settings.secret)
    return app.get_installation_auth(settings.installation_id, token_permissions={key: "write"})


def _checked(answer: object) -> str:
    ticket = answer.get("encoded_jit_config") if isinstance(answer, dict) else None
    try:
        if isinstance(ticket, str) and base64.b64decode(ticket, validate=True):
            return ticket
    except binascii.Error:
        pass
    raise _refused("GitHub's answer holds no runner configuration")


def _name(slot: str) -> str:
    host = re.sub(r"[^\w-]", "-", socket.gethostname().split(".")[0])
    tail = f"-{slot}-{secrets.token_hex(4)}"
    return host[: _LONGEST_NAME - len(tail)] + tail


def _secret(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise _unset(f"the credential cannot be read: {error.strerror}") from error
    if not text:
        raise _unset("the credential is empty")
    return text


def _needed(env: Mapping[str, str], name: str) -> str:
    if not env.get(name):
        raise _unset(f"{name} is not set")
    return env[name]


def _number(text: str, name: str) -> int:
    if not text.isdecimal():
        raise _unset(f"{name} is {text!r}, not a whole number")
    return int(text)


def _unset(sentence: str) -> CannotGetTicket:
    return CannotGetTicket(sentence, code=EXIT_SETTINGS)


def _refused(sentence: str) -> CannotGetTicket:
    return CannotGetTicket(sentence, code=EXIT_REFUSED)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("slot", help="which of this machine's runners, for its name")
    parser.add_argument("--out", type=Path, required=True, help="where the ticket is written")
    options = parser.parse_args(arguments)
    name = _name(options.slot)
    try:
        write(request(read(os.environ), name=name), path=options.out)
    except CannotGetTicket as error:
        print(f"no runner: {error}", file=sys.stderr)
        return error.code
    print(f"a runner for one job: {name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
