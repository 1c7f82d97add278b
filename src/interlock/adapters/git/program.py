"""Runs the git program and tells its failures apart; knows nothing of trees or pushes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from interlock import errors
from interlock.services import machine_shortage

# Quiet, in English, never asking a person, never fetching an object behind our back, never
# looking through replacement objects: what is read must be what the commit id promises.
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
# A user's hooks are for the user's own commits.
_OPTIONS = ("-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=off", "-c", "gc.auto=0")
_CAUSES = ("fatal: ", "error: ", "remote: ", "ssh: ")
_REMOTE_VERBS = {"fetch", "push"}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, **_ENVIRONMENT, **(extra or {})}


def command(directory: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(directory), *_OPTIONS, *arguments]


def attempt(
    directory: Path,
    *arguments: str,
    stdin: bytes | None = None,
    extra: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git and return how it ended, whatever that is; raises CannotReachGit without a git."""
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
    """The error of a git that failed in `near`: which verb, and git's own last words."""
    verb = next((a for a in arguments if not a.startswith("-")), "git")
    said = "; ".join(_reasons(done.stderr.decode("utf-8", "replace"))) or "no reason given"
    short = machine_shortage.suspected_in(f"git {verb} failed: {said}", near=[near])
    if short is not None:
        return short
    hint = "see what `git ls-remote origin` says here" if verb in _REMOTE_VERBS else ""
    return errors.CannotReachGit(f"git {verb} failed: {said}", hint=hint)


def _reasons(stderr: str) -> list[str]:
    """The lines that name a cause: git ends with general advice, which says nothing of it."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith(_CAUSES)]
    return [line.removeprefix("fatal: ") for line in (causes or lines)[-3:]]
