"""Interlock as a user runs it by hand, in octocat's clone and with the rules of the policy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from interlock.demo.project import REPOSITORY
from tests.act.conftest import ActSession


def run(session: ActSession, *words: str) -> Any:
    """Return the JSON document that a verb prints."""
    variables = {
        "GITHUB_SERVER_URL": session.project.url,
        "GITHUB_API_URL": session.project.api_url,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_TOKEN": session.project.user.token,
    }
    done = subprocess.run(
        [sys.executable, "-m", "interlock", *words, "--json"],
        cwd=session.project.user.folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def fingerprint(session: ActSession, model: str, head: str) -> str:
    plan = run(session, "plan", "--base", "origin/main", "--head", head)
    return str(next(each["fingerprint"] for each in plan["models"] if each["model"] == model))


def records(session: ActSession, model: str) -> set[str]:
    """The paths of all records of a model that count."""
    areas: dict[str, list[str]] = run(session, "ledger", "show", model)["records"]
    return {path for paths in areas.values() for path in paths}


def ignored(session: ActSession) -> dict[str, str]:
    """The reason of each path that does not count, of all commits that are not verified yet."""
    audit = run(session, "ledger", "verify")
    return {each["path"]: each["reason"] for each in audit["ignored"]}
