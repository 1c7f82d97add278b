"""Node's packages for the contract tests, installed once, and programs that run on them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import pytest

FOLDER = Path(__file__).parent / "node"
_LOCK = FOLDER / "package-lock.json"
_INSTALLED = FOLDER / "node_modules" / ".package-lock.json"


def install() -> Path:
    """Return `node_modules`, installed from the lock file when missing or older than it.

    Where that cannot be done, a test fails in CI and is skipped on a machine without Node.
    """
    with filelock.FileLock(FOLDER / ".install.lock"):
        if not _INSTALLED.exists() or _INSTALLED.stat().st_mtime < _LOCK.stat().st_mtime:
            _install()
    return _INSTALLED.parent


def _install() -> None:
    if not shutil.which("npm") or not shutil.which("node"):
        _refuse("npm or node is not on PATH")
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        _refuse(f"npm ci failed: {done.stderr[-1000:]}")


def _refuse(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def webhook_examples() -> list[dict[str, Any]]:
    """GitHub's own examples of events: `{"name": str, "examples": [payload, ...]}` each."""
    path = install() / "@octokit" / "webhooks-examples" / "api.github.com" / "index.json"
    documents: list[dict[str, Any]] = json.loads(path.read_bytes())
    return documents


def webhook_schema() -> dict[str, Any]:
    """JSON Schema of all events; `definitions` has one `<name>_event` for each name."""
    path = install() / "@octokit" / "webhooks-schemas" / "schema.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


@dataclass(frozen=True)
class Expressions:
    """GitHub's expression engine; one process for many questions."""

    process: subprocess.Popen[str]

    def evaluate(
        self, expressions: Sequence[str], *, status: str = "success", contexts: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """What each gives: `{"value", "truthy"}` or `{"error"}`; `contexts` are by name.

        `status` (success, failure, cancelled) is what `success()` and its like tell.
        """
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        question = {"contexts": contexts, "expressions": list(expressions), "status": status}
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        results: list[dict[str, Any]] = json.loads(stdout.readline())["results"]
        return results

    def hold(self, conditions: Sequence[str], *, contexts: Mapping[str, Any]) -> list[bool]:
        """Whether each condition holds; one that cannot be evaluated fails the test."""
        results = self.evaluate(conditions, contexts=contexts)
        for condition, result in zip(conditions, results, strict=True):
            assert "error" not in result, f"{condition}: {result['error']}"
        return [bool(result["truthy"]) for result in results]


@contextmanager
def expressions() -> Iterator[Expressions]:
    install()
    with subprocess.Popen(
        ["node", "expressions.mjs"],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Expressions(process)
        assert process.stdin is not None
        process.stdin.close()
