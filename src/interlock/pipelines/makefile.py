"""A Makefile to the recipes of a target, those of what it needs before; make is not run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

NAMES = ("GNUmakefile", "makefile", "Makefile")
"""In make's own order."""
_RULE = re.compile(r"([^\s:=#][^:=#]*?)\s*::?(?!=)\s*([^;#]*?)(?:;(.*)|#.*)?\Z", re.DOTALL)
_SETTING = re.compile(r"(?:export\s+)?([\w.-]+)\s*(?::|\?|::|)=\s*(.*?)\s*\Z", re.DOTALL)
_USE = re.compile(r"\$(?:\(([\w.-]+)\)|\{([\w.-]+)\})")
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Rule:
    needs: tuple[str, ...]
    recipe: tuple[str, ...]

    def with_recipe(self, line: str) -> Rule:
        return Rule(self.needs, (*self.recipe, line))


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
        found: dict[str, None] = {}
        for target in wanted:
            self._collect(target, found)
        return tuple(line for name in found for line in self.rules[name].recipe)

    def needs(self, targets: tuple[str, ...]) -> tuple[str, ...]:
        """Return the files without a rule that make has to find before it makes these targets."""
        found: dict[str, None] = {}
        for target in targets or (self.first,):
            self._collect(target, found)
        inside = dict.fromkeys(need for name in found for need in self.rules[name].needs)
        return tuple(need for need in inside if need not in self.rules)

    def _collect(self, target: str, found: dict[str, None], depth: int = 0) -> None:
        if target in self.rules and target not in found and depth < _MAX_DEPTH:
            for need in self.rules[target].needs:
                self._collect(need, found, depth + 1)
            found[target] = None


def read_makefile(data: bytes, *, path: str = "") -> Makefile:
    """Return the rules of a Makefile, its own plain variables put in."""
    del path
    settings: dict[str, str] = {}
    rules: dict[str, Rule] = {}
    current: list[str] = []
    first = ""
    for line in _lines(data.decode("utf-8", "replace")):
        if line.startswith("\t"):
            for name in current:
                rules[name] = rules[name].with_recipe(_recipe(line, settings))
        elif setting := _SETTING.match(line):
            settings[setting[1]] = setting[2]
        elif line.strip() and not line.startswith("#") and (head := _RULE.match(line)):
            current = _expand(head[1], settings).split()
            needs = tuple(_expand(head[2], settings).replace("|", " ").split())
            for name in current:
                known = rules.get(name, Rule((), ()))
                rule = Rule((*known.needs, *needs), known.recipe)
                rules[name] = rule.with_recipe(_recipe(head[3], settings)) if head[3] else rule
                if not first and not name.startswith(".") and "%" not in name:
                    first = name
    return Makefile(rules, first)


def _lines(text: str) -> Iterator[str]:
    """Lines of the file, those that end with a backslash joined."""
    yield from re.sub(r"\\\n[ \t]*", " ", text).splitlines()


def _recipe(line: str, settings: dict[str, str]) -> str:
    return _expand(line.strip().lstrip("@-+ "), settings).replace("$$", "$")


def _expand(text: str, settings: dict[str, str]) -> str:
    for _ in range(_MAX_DEPTH):
        after = _USE.sub(lambda m: settings.get(m[1] or m[2], _default(m)), text)
        if after == text:
            break
        text = after[:10_000]
    return text


def _default(match: re.Match[str]) -> str:
    """What make sets itself; anything else is left for the shell, which does not know it either."""
    return {"MAKE": "make", "CURDIR": "."}.get(match[1] or match[2], match[0])
