"""Shell text to the simple commands in it and where each is run; nothing is run or looked up."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from interlock.domain.basics import parse_limits
from interlock.pipelines import paths, tokens

UNKNOWN = tokens.DOLLAR
"""Replaces the parts of a word that only a running shell knows."""
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(rf"{UNKNOWN}(?:\{{(\w+)\}}|(\w+))")
# "$(dirname "$0")", "${BASH_SOURCE%/*}", "$(cd "$(dirname "$0")" && pwd)": where the script lies.
_SELF = r"(?>[^()]*?(?:\$0|BASH_SOURCE))"
_BESIDE = re.compile(
    rf"{UNKNOWN}\((?=(?>[^()]*?dirname\b){_SELF})[^()]*+\)"
    rf"|{UNKNOWN}\([^()]*+\(\s*+dirname\b{_SELF}[^()]*+\)[^()]*+\)"
    rf"|{UNKNOWN}\{{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\}}"
)
_AT_ROOT = re.compile(rf"{UNKNOWN}\(git rev-parse --show-toplevel\)")
_HERE = re.compile(rf"{UNKNOWN}(?:\(pwd\)|PWD\b|\{{PWD\}})")
_OPENING = frozenset(("if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"))
_NO_COMMAND = frozenset(("for", "select", "case", "in", "fi", "done", "esac", "}", "function"))


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """One program with its arguments. `folder` is relative to the repository, None when it cannot
    be known; `settings` are variables that are set for it; `reads` is the file that its input is
    taken from, `document` a text that is its input.
    """

    words: tuple[str, ...]
    folder: str | None
    settings: Mapping[str, str] = field(default_factory=dict)
    reads: str = ""
    document: str = ""

    @property
    def text(self) -> str:
        return " ".join(self.words).replace(UNKNOWN, "$")


def commands(
    text: str, *, folder: str | None, script: str = "", settings: Mapping[str, str] | None = None
) -> list[ShellCommand]:
    """Return the commands of a text that is run in `folder` with `settings`, following `cd` and
    variables that it sets itself; `script` is the file that the text is from.

    Raises ValueError for what no shell would read, and TooMuch.
    """
    parse_limits.SCRIPT.require(len(text))
    return list(
        _ShellReader(folder, paths.folder(script), dict(settings or {}), _Spent()).read(text)
    )


def enter(folder: str | None, written: str) -> str | None:
    """Return the folder that a path leads to from another one, None if unknown."""
    known = folder is not None and UNKNOWN not in written and not written.startswith("~")
    return paths.join(folder or "", written) if known else None


@dataclass(slots=True)
class _Spent:
    """The counts for one text and the texts inside it."""

    characters: int = 0
    settings: int = 0


@dataclass(slots=True)
class _ShellReader:
    folder: str | None
    beside: str
    settings: dict[str, str]
    spent: _Spent
    depth: int = 0
    functions: set[str] = field(default_factory=set)
    subshells: list[str | None] = field(default_factory=list)

    def read(self, text: str) -> Iterator[ShellCommand]:
        parse_limits.SHELLS.require(self.depth)
        self.functions |= tokens.functions(text)
        for statement in tokens.statements(text):
            for inner in statement.inside:
                yield from self._inside().read(inner)
            yield from self._command(statement)

    def _inside(self) -> _ShellReader:
        settings = self._with({})
        return _ShellReader(self.folder, self.beside, settings, self.spent, self.depth + 1)

    def _with(self, own: Mapping[str, str]) -> dict[str, str]:
        """A copy of the variables, for a command or a subshell."""
        self.spent.settings += len(self.settings)
        parse_limits.VARIABLES.require(self.spent.settings)
        return {**self.settings, **own}

    def _command(self, statement: tokens.Statement) -> Iterator[ShellCommand]:
        words = [self._expand(word) for word in statement.words]
        words = list(itertools.dropwhile(_OPENING.__contains__, words))
        own, words = self._assignments(words)
        if not words:
            self.settings.update(own)
        elif words[0] == "(":
            self.subshells.append(self.folder)
        elif words[0] == ")":
            self.folder = self.subshells.pop() if self.subshells else None
        elif words[0] == "export":
            self.settings.update(self._assignments(words[1:])[0])
        elif words[0] in {"cd", "pushd"}:
            self._enter(words[1:])
        elif words[0] in _NO_COMMAND:
            if len(words) > 1:
                self.settings.pop(words[1], None)
        elif words[0] not in self.functions:
            reads = self._expand(statement.reads)
            yield ShellCommand(
                tuple(words), self.folder, self._with(own), reads, statement.document
            )

    def _assignments(self, words: list[str]) -> tuple[dict[str, str], list[str]]:
        """The leading `NAME=value` of the words, and the words behind them."""
        matches = list(itertools.takewhile(bool, map(_ASSIGNMENT.fullmatch, words)))
        return {match[1]: match[2] for match in matches if match}, words[len(matches) :]

    def _enter(self, words: list[str]) -> None:
        targets = [word for word in words if not word.startswith("-")]
        self.folder = enter(self.folder, targets[0]) if len(targets) == 1 else None

    def _expand(self, word: str) -> str:
        if UNKNOWN not in word:
            return word
        if self.folder is not None:
            up = paths.relative(self.beside, to=self.folder)
            word = _BESIDE.sub(up, word)
            word = _AT_ROOT.sub(paths.relative("", to=self.folder), word)
            word = _HERE.sub(".", word)
        return _VARIABLE.sub(self._value, word)

    def _value(self, match: re.Match[str]) -> str:
        value = self.settings.get(match[1] or match[2], match[0])
        self.spent.characters += len(value)
        parse_limits.EXPANDED.require(self.spent.characters)
        return value
