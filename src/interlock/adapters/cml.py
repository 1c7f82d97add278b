"""The report's comment through CML's program `cml`; nothing else of CML is used here.

CML knows its comment by the watermark alone, whoever wrote it, and sets the watermark itself.
https://cml.dev/doc/ref/comment
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from interlock import errors
from interlock.rendering import watermark

_TIMEOUT_SECONDS = 300
_SAID_CHARACTERS = 300


class CmlComments:
    """`repository_url` is the page of the repository; the token is read by `cml` itself, from
    REPO_TOKEN or GITHUB_TOKEN, and is here only to be kept out of what is said."""

    def __init__(self, *, repository_url: str, token: str) -> None:
        found = shutil.which("cml")
        if found is None:
            raise errors.MissingSetting(
                "the policy says commenter: cml, and there is no program cml on PATH",
                hint="install CML before this step (the action iterative/setup-cml), or say "
                "commenter: github in .github/interlock.yml",
            )
        self._program = found
        self._repository_url = repository_url
        self._token = token

    def upsert_comment(
        self, pull: int, *, marker: str, body: str, adopted: tuple[str, ...] = ()
    ) -> str:
        """Post the text, by CML's own rule for which comment is the one; its URL."""
        with tempfile.TemporaryDirectory(prefix="interlock-cml-") as folder:
            report = Path(folder, "report.md")
            report.write_text(watermark.remove(body), encoding="utf-8")
            said = self._run("comment", "update", f"--target=pr/{pull}", str(report))
        return next((line for line in reversed(said.split()) if "://" in line), "")

    def _run(self, *arguments: str) -> str:
        # CML would otherwise upload what the text links to, and write the Markdown anew.
        options = ("--driver=github", f"--repo={self._repository_url}", "--publish=false")
        verb, file = arguments[:-1], arguments[-1]
        try:
            done = subprocess.run(
                [self._program, *verb, *options, file],
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._failure(type(error).__name__) from error
        if done.returncode != 0:
            raise self._failure(f"it ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def _failure(self, said: str) -> errors.CannotReachGitHub:
        shown = said.replace(self._token, "***") if self._token else said
        return errors.CannotReachGitHub(
            f"cml did not write the comment: {shown[:_SAID_CHARACTERS]}",
            hint="run it again; cml comment update takes up what it left",
        )
