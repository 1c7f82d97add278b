"""A reader at a shell: types what a page says, in its order, and compares what comes back."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs import pages
from tests.docs.pages import Command

_SETTINGS = """[user]
\tname = octocat
\temail = octocat@users.noreply.github.com
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
"""
_PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
# What differs from run to run, and the sign that stands for it; the first that fits counts.
_VARIES = (
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+\d\d:\d\d|Z)?"), "<time>"),
    (re.compile(r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b"), "<id>"),
    (re.compile(r"\b\d{7,64}\b"), "<id>"),
    (re.compile(r"\b\d+(\.\d+)? (s|ms|min|minutes?)\b"), "<duration>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:<port>"),
    (re.compile(r"[ \t]+"), " "),
)


@dataclass
class Session:
    """A shell that keeps its folder and its variables from one command to the next.

    `folder` is where it starts; nothing of the person's own configuration reaches it.
    """

    folder: Path
    documents: list[dict[str, object]] = field(default_factory=list)
    known: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Commands that were run before, with their exit code and what they said."""
    pages: list[str] = field(default_factory=list)
    """The pages that were read."""
    where: Path = field(init=False)
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        home = self.folder.parent / f"{self.folder.name}-home"
        home.mkdir(parents=True)
        self.folder.mkdir(parents=True)
        (home / ".gitconfig").write_text(_SETTINGS)
        self.where = self.folder
        self.environment = {
            "PATH": _PATH,
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(home / "dvc-site"),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "COLUMNS": "200",
            "LANG": "C.UTF-8",
        }

    def read(self, page: Path) -> None:
        """Do what a page says: write its files, type its commands; fails where they differ."""
        self.where = self.folder
        for block in pages.blocks(page):
            if "file" in block.directives:
                target = self.where / block.directives["file"]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block.text, encoding="utf-8")
            elif block.language == "console" and "no-run" not in block.directives:
                *before, last = pages.commands(block)
                for command in before:
                    self.type(command)
                self.type(last, ends=int(block.directives.get("ends", "0")))

    def type(self, command: Command, *, ends: int = 0) -> None:
        """Run one command; fails when its exit code or output differs from the page."""
        is_document = "--json" in command.text.split()
        code, output = self.known.get(command.text) or self.run(
            command.text, together=not is_document
        )
        place = f"{command.block.place}: $ {command.text}\nended with {code}\n{output}"
        assert code == ends, place
        missing = first_missing(command.shown, output.splitlines())
        assert missing is None, f"{place}\nnot printed: {missing}"
        if is_document:
            self.documents.append(json.loads(output))

    def run(self, text: str, *, together: bool = True) -> tuple[int, str]:
        """Exit code and standard output, with standard error in it where `together`."""
        kept = self.folder.parent / f"{self.folder.name}-kept"
        script = f"{text}\ncode=$?\n{{ pwd; env -0; }} > '{kept}'\nexit $code\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.where,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if together else subprocess.DEVNULL,
            text=True,
            timeout=500,
            check=False,
        )
        if kept.exists():
            where, _, variables = kept.read_text().partition("\n")
            self.where = Path(where)
            pairs = (pair.split("=", 1) for pair in variables.split("\0") if "=" in pair)
            self.environment = {k: v for k, v in pairs if k not in {"_", "SHLVL", "PWD", "OLDPWD"}}
            kept.unlink()
        return done.returncode, done.stdout


@contextmanager
def kept(place: Path, programs: Path) -> Iterator[Session]:
    """Give the reader that a folder has, or a new one, and keep it there unless a page fails.

    Its `interlock` and `dvc` are those of the folder `programs`.
    """
    file = place / "session"
    reader = pickle.loads(file.read_bytes()) if file.exists() else Session(place / "acme")  # noqa: S301
    reader.environment["PATH"] = os.pathsep.join([str(programs), _PATH])
    yield reader
    file.write_bytes(pickle.dumps(reader))


def first_missing(shown: tuple[str, ...], output: list[str]) -> str | None:
    """The first line of the page that was not printed, in order; `...` stands for any lines."""
    printed = iter([_same(line) for line in output])
    for line in shown:
        wanted = _same(line)
        if wanted in {"", "..."}:
            continue
        if not any(_fits(wanted, each) for each in printed):
            return line
    return None


def _fits(wanted: str, line: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in wanted.split("..."))
    return re.fullmatch(pattern, line) is not None


def _same(line: str) -> str:
    for pattern, sign in _VARIES:
        line = pattern.sub(sign, line)
    return line.strip()
