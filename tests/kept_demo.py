"""The demo, run once per test session, for all tests that only read its result."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import filelock
import pytest

from tests import git_processes
from tests.contract import openapi_program


def folder(factory: pytest.TempPathFactory) -> Path:
    """The folder of its result: `kept` has its files; `stdout`, `stderr` and `code` its output;
    `git` a line for each of its Git processes.

    `home` and `tmp` are the user's folders, empty before. `exchanges` has all requests to its
    GitHub and the responses.
    """
    base = factory.getbasetemp()
    # With xdist every worker has a folder of its own below the session's.
    shared = (base.parent if base.name.startswith("popen-") else base) / "demo-kept"
    with filelock.FileLock(f"{shared}.lock"):
        if not (shared / "code").exists():
            _run(shared)
    return shared


def _run(where: Path) -> None:
    for name in ("home", "tmp"):
        (where / name).mkdir(parents=True)
    environment = os.environ | {
        "HOME": str(where / "home"),
        "TMPDIR": str(where / "tmp"),
        "GIT_AUTHOR_NAME": "somebody else",
        "GIT_DIR": str(where / "not-a-repository"),
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        "GITHUB_TOKEN": "not-for-the-demo",
        "COLUMNS": "200",
        "PYTHONPATH": str(openapi_program.ROOT),
    }
    program = openapi_program.command(where / "exchanges")
    with git_processes.counted(where) as lines:
        done = subprocess.run(
            [*program, "demo", "--keep", str(where / "kept"), "--json"],
            env=environment | {"PATH": os.environ["PATH"]},
            cwd=where,
            capture_output=True,
            text=True,
            check=False,
        )
    (where / "git").write_text("\n".join(lines))
    (where / "stdout").write_text(done.stdout)
    (where / "stderr").write_text(done.stderr)
    (where / "code").write_text(str(done.returncode))
