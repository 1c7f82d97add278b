"""From a stage's commands to the programs in Git that they run; nothing is run or imported."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from interlock.pipelines import paths

_SCRIPTS = (".py", ".sh", ".bash", ".R", ".r", ".jl", ".ipynb")
_END = re.compile(r"[;&|()<>]+\Z")
_WORD = re.compile(r"[;&|()<>]+|[^\s;&|()<>]+")
_QUOTED = re.compile(r"['\"\\#]")
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


@functools.lru_cache(maxsize=1 << 14)
def find(commands: tuple[str, ...], wdir: str) -> tuple[Script | Module, ...]:
    """Return what the commands of a stage run, following `cd`; a line that no shell would read
    runs nothing that is known."""
    return tuple(program for command in commands for program in _of_command(command, wdir))


def _of_command(command: str, wdir: str) -> Iterator[Script | Module]:
    folder: str | None = wdir
    for line in command.splitlines():
        for words in _simple_commands(line):
            if folder is None:
                return
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


def _simple_commands(line: str) -> Iterator[list[str]]:
    """Split a shell line at `&&`, `;`, `|` and the like."""
    words: list[str] = []
    for word in _words(line):
        if not _END.match(word):
            words.append(word)
            continue
        if words:
            yield words
        words = []
    if words:
        yield words


def _words(line: str) -> list[str]:
    if not _QUOTED.search(line):
        return _WORD.findall(line)
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return []
