"""Writes the report's comment with CML's program `cml`.

CML finds its comment by the watermark only, of any author, and adds the watermark itself.
https://cml.dev/doc/ref/comment
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from interlock import errors
from interlock.adapters.cml import failures
from interlock.rendering import watermark
from interlock.services import temporary_folders

_TIMEOUT_SECONDS = 300


class CmlComments:
    """`repository_url` is the page of the repository, `folder` a checkout of it; the token is read
    by `cml` itself, from REPO_TOKEN or GITHUB_TOKEN, and is here only to be kept out of errors."""

    def __init__(self, *, repository_url: str, token: str, folder: Path) -> None:
        program = shutil.which("cml")
        if program is None:
            raise errors.MissingSetting(
                "the policy has commenter: cml, but the program cml is not on PATH",
                hint="install CML before this step (the action iterative/setup-cml), or set "
                "commenter: github in .github/interlock.yml",
            )
        self._program = program
        self._repository_url = repository_url
        self._token = token
        self._folder = folder

    def upsert_comment(
        self, pull: int, *, marker: str, body: str, adopted: tuple[str, ...] = ()
    ) -> str:
        """Post the text, into the comment that CML finds; returns its URL."""
        with temporary_folders.folder("cml") as scratch:
            report = Path(scratch, "report.md")
            report.write_text(watermark.remove(body), encoding="utf-8")
            written = self._run(pull, report, commit=watermark.commit(body))
        return next((line for line in reversed(written.split()) if "://" in line), "")

    def _run(self, pull: int, report: Path, *, commit: str) -> str:
        try:
            done = subprocess.run(
                [self._program, *self._arguments(pull, report, commit=commit)],
                cwd=self._folder,
                env=_environment(report.parent, commit=commit),
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise failures.unfinished(error) from error
        if done.returncode != 0:
            raise failures.judge(done.stderr, status=done.returncode, secret=self._token)
        return done.stdout

    def _arguments(self, pull: int, report: Path, *, commit: str) -> list[str]:
        """Return the arguments of `cml`. CML finds its comment by a watermark with a commit.
        Without a known commit it would write a watermark that the next call does not find, and then
        a second comment."""
        return [
            *("comment", "update", f"--target=pr/{pull}"),
            *("--driver=github", f"--repo={self._repository_url}"),
            # Otherwise it uploads linked files and rewrites the Markdown.
            "--publish=false",
            *([f"--commit-sha={commit}"] if commit else []),
            str(report),
        ]


def _environment(scratch: Path, *, commit: str) -> dict[str, str]:
    """Return the environment with a separate global configuration of Git, because each call of CML
    adds `safe.directory = *` to it."""
    own = {"GIT_CONFIG_GLOBAL": str(scratch / "gitconfig")}
    return {**os.environ, **own, **({"GITHUB_SHA": commit} if commit else {})}
