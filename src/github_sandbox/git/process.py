"""Run the `git` program in one folder, without the user's configuration."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


class GitFailed(Exception):
    """Git exited with an error; the message is its standard error."""


def environment() -> dict[str, str]:
    """Return environment variables without the user's Git configuration."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "HOME") if name in os.environ}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
    }


@dataclass(frozen=True, slots=True)
class GitProcess:
    """Git commands in the folder `path`."""

    path: Path

    def run(
        self, *args: str, stdin: bytes = b"", env: dict[str, str] | None = None, ok: int = 0
    ) -> bytes:
        """Return standard output; raises GitFailed for an exit status over `ok`."""
        return self.attempt(*args, stdin=stdin, env=env, ok=ok)[1]

    def attempt(
        self, *args: str, stdin: bytes = b"", env: dict[str, str] | None = None, ok: int = 1
    ) -> tuple[int, bytes]:
        """Return exit status and standard output; raises GitFailed for an exit status over `ok`."""
        try:
            done = subprocess.run(
                ["git", *args],
                cwd=self.path,
                input=stdin,
                capture_output=True,
                env=environment() | (env or {}),
                check=False,
            )
        except (ValueError, OSError) as error:  # a NUL in a name, or a name that is too long
            raise GitFailed(str(error)) from error
        if done.returncode > ok or done.returncode < 0:
            raise GitFailed(done.stderr.decode(errors="replace").strip())
        return done.returncode, done.stdout

    def text(self, *args: str, ok: int = 0) -> str:
        return self.run(*args, ok=ok).decode(errors="replace").strip()
