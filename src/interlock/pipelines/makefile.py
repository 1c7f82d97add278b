"""A Makefile to the recipes of a target, those of what it needs before; make is not run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from interlock.domain.basics import parse_limits

_RULE = re.compile(r"([^\s:=#][^:=#]*+)::?(?!=)([^;#]*+)(?:;(.*)|#.*)?\Z", re.DOTALL)
_SETTING = re.compile(r"(?:export\s++)?([\w.-]++)\s*+(?:::?|\?)?+=(.*)\Z", re.DOTALL)
_USE = re.compile(r"\$(?:\(([\w.-]++)\)|\{([\w.-]++)\})")
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Rule:
    needs: list[str] = field(default_factory=list)
    recipe: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Makefile:
    """Rules by target; pattern rules are left out. `first` is what `make` alone makes."""

    rules: dict[str, Rule]
    first: str = ""

    def recipes(self, targets: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the shell texts of these targets and of those that they need, in order; None
        when one of them has no rule here."""
        wanted = targets or ((self.first,) if self.first else ())
        if not wanted or any(target not in self.rules for target in wanted):
            return None
        names: dict[str, None] = {}
        for target in wanted:
            self._collect(target, names)
        return tuple(line for name in names for line in self.rules[name].recipe)

    def needs(self, targets: tuple[str, ...]) -> tuple[str, ...]:
        """Return the files without a rule that make has to find before it makes these targets."""
        names: dict[str, None] = {}
        for target in targets or (self.first,):
            self._collect(target, names)
        inside = dict.fromkeys(need for name in names for need in self.rules[name].needs)
        return tuple(need for need in inside if need not in self.rules)

    def _collect(self, target: str, names: dict[str, None], depth: int = 0) -> None:
        if target in self.rules and target not in names and depth < _MAX_DEPTH:
            for need in self.rules[target].needs:
                self._collect(need, names, depth + 1)
            names[target] = None


def read_makefile(data: bytes, *, path: str = "") -> Makefile:
    """Return the rules of a Makefile, its own plain variables put in; raises TooMuch."""
    del path
    parse_limits.SCRIPT.require(len(data))
    reader = _RuleReader()
    for line in _lines(data.decode("utf-8", "replace")):
        reader.take(line)
    return Makefile(reader.rules, reader.first)


class _RuleReader:
    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.first = ""
        self._settings: dict[str, str] = {}
        self._current: list[str] = []
        self._lines = self._characters = 0

    def take(self, line: str) -> None:
        if line.startswith("\t"):
            self._append(line)
        elif setting := _SETTING.match(line):
            self._settings[setting[1]] = setting[2].strip()
        elif line.strip() and not line.startswith("#") and (head := _RULE.match(line)):
            self._begin(head)

    def _begin(self, head: re.Match[str]) -> None:
        self._current = list(dict.fromkeys(self._expand(head[1]).split()))
        needs = self._expand(head[2]).replace("|", " ").split()
        self._count(len(needs))
        for name in self._current:
            self.rules.setdefault(name, Rule()).needs.extend(needs)
            if not self.first and not name.startswith(".") and "%" not in name:
                self.first = name
        if head[3]:
            self._append(head[3])

    def _append(self, line: str) -> None:
        """One line of the recipe of every target at hand."""
        text = self._expand(line.strip().lstrip("@-+ ")).replace("$$", "$")
        self._count(1)
        for name in self._current:
            self.rules[name].recipe.append(text)

    def _count(self, lines: int) -> None:
        self._lines += lines * len(self._current)
        parse_limits.RECIPES.require(self._lines)

    def _expand(self, text: str) -> str:
        for _ in range(_MAX_DEPTH):
            after = _USE.sub(self._value, text)
            if after == text:
                break
            text = after
        return text

    def _value(self, match: re.Match[str]) -> str:
        name = match[1] or match[2]
        value = self._settings.get(name, _OF_MAKE.get(name, match[0]))
        self._characters += len(value)
        parse_limits.EXPANDED.require(self._characters)
        return value


_OF_MAKE = {"MAKE": "make", "CURDIR": "."}
"""Variables that make sets itself; other unknown variables are left to the shell."""


def _lines(text: str) -> Iterator[str]:
    """Lines of the file, those that end with a backslash joined."""
    yield from re.sub(r"\\\n[ \t]*", " ", text).splitlines()
