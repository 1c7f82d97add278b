"""Runs the git program and classifies its failures; knows nothing of trees or pushes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from interlock import errors
from interlock.services import machine_shortage

# Quiet, in English, without prompts, without lazy fetches, and without replacement objects, so that
# the content is exactly the content of the commit.
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
# The hooks of a user are only for the commits of this user.
_SETTINGS = ("core.hooksPath=/dev/null", "core.quotePath=off", "maintenance.auto=false")
_OPTIONS = tuple(word for setting in _SETTINGS for word in ("-c", setting))
_CAUSES = ("fatal: ", "error: ", "remote: ", "ssh: ")
_REQUEST = "ACTIONS_ID_TOKEN_REQUEST_"
_REMOTE_VERBS = {"fetch", "push"}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith(_REQUEST)}
    return {**mine, **_ENVIRONMENT, **(extra or {})}


def command(directory: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(directory), *_OPTIONS, *arguments]


def attempt(
    directory: Path,
    *arguments: str,
    stdin: bytes | None = None,
    extra: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git and return its result, failed or not; raises CannotReachGit if git is missing."""
    try:
        return subprocess.run(
            command(directory, *arguments),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=environment(extra),
            check=False,
        )
    except FileNotFoundError as error:
        raise errors.CannotReachGit(
            "the git program was not found", hint="install Git 2.38 or newer and put it on PATH"
        ) from error


def run(
    directory: Path,
    *arguments: str,
    stdin: bytes | None = None,
    extra: Mapping[str, str] | None = None,
) -> str:
    """Run git and return its output without the final newline; raises CannotReachGit."""
    done = attempt(directory, *arguments, stdin=stdin, extra=extra)
    if done.returncode != 0:
        raise failure(arguments, done, near=directory)
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def failure(
    arguments: Sequence[str],
    done: subprocess.CompletedProcess[bytes],
    *,
    near: Path,
) -> errors.OutsideFailure:
    """Return the error of a failed git in `near`, with its verb and git's own message."""
    verb = next((a for a in arguments if not a.startswith("-")), "git")
    reasons = _reasons(done.stderr.decode("utf-8", "replace"))
    reason = "; ".join(reasons) or _ending(done.returncode)
    short = machine_shortage.suspected_in(f"git {verb} failed: {reason}", near=[near])
    if short is not None:
        return short
    hint = "run `git ls-remote origin` here to see the cause" if verb in _REMOTE_VERBS else ""
    return errors.CannotReachGit(f"git {verb} failed: {reason}", hint=hint)


def _ending(code: int) -> str:
    return (
        f"signal {-code} ended it" if code < 0 else f"it ended with code {code}, without a reason"
    )


def _reasons(stderr: str) -> list[str]:
    """Return the lines with a cause, without the general advice at the end of git's output."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith(_CAUSES)]
    return [line.removeprefix("fatal: ") for line in (causes or lines)[-3:]]
