"""From a stage's commands to the programs in Git that they run; nothing is run or imported."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from interlock.pipelines import paths
from interlock.pipelines.stage import Stage

_SCRIPTS = (".py", ".sh", ".bash", ".R", ".r", ".jl", ".ipynb")
_ENDS = re.compile(r"[;&|()<>]+\Z")
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*\Z")


@dataclass(frozen=True, slots=True)
class Script:
    """A file that a command names; `path` is relative to the repository."""

    path: str


@dataclass(frozen=True, slots=True)
class Module:
    """`python -m name`, looked for in the folder that it is run in."""

    name: str
    folder: str


def find(stage: Stage) -> Iterator[Script | Module]:
    """Yield what each command runs, following `cd`; a command that no shell would read has none."""
    for command in stage.commands:
        folder: str | None = stage.wdir
        for words in _simple_commands(command):
            if folder is None:
                break
            if words[0] == "cd" and len(words) == 2:
                folder = paths.join(folder, words[1])
                continue
            yield from _programs(words, folder)


def _programs(words: list[str], folder: str) -> Iterator[Script | Module]:
    is_python = False
    for before, word in zip(["", *words], words, strict=False):
        is_python = is_python or _PYTHON.match(word) is not None
        if before == "-m" and is_python:
            yield Module(word, folder)
        elif word.endswith(_SCRIPTS):
            path = paths.join(folder, word)
            if path:
                yield Script(path)


def _simple_commands(command: str) -> Iterator[list[str]]:
    """Split a shell line at `&&`, `;`, `|` and line ends."""
    for line in command.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        try:
            for word in lexer:
                if _ENDS.match(word):
                    if words:
                        yield words
                    words = []
                else:
                    words.append(word)
        except ValueError:
            return
        if words:
            yield words
