"""The words that the style guide forbids, found in prose, messages and identifiers.

`python -m tests.docs.words [PATH...]` prints every place, as `file:line: word -> suggestion`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
# What to write in place of a word; the words are regular expressions over one line of prose.
PROSE = {
    r"told": "reported",
    r"said": "reported, logged",
    r"asked": "required, requested",
    r"seen": "observed",
    r"heard": "received",
    r"stands|stood": "is",
    r"mend(?:s|ed|ing)?": "fix, repair",
    r"anew": "again",
    r"whoever|whatever|wherever|whichever": "a noun: users with write access",
    r"(?<!there )(?:is|are|was|were) no(?! longer\b| more\b| less\b)": "is not a",
    r"what (?:is|was|are|were|has|had|may|can)\b(?![^.!?]*\?)": "a noun: the production model",
}
# One of each, as the style guide shows them.
EXAMPLES = [
    *["told", "said", "asked", "seen", "heard", "stands", "mend", "anew"],
    *["whoever", "is no X", "what is served"],
]
_PROSE = {re.compile(rf"\b(?:{word})\b", re.IGNORECASE): hint for word, hint in PROSE.items()}
# Parts of a name, between underscores or humps; then whole names, which say nothing of their thing.
IN_NAMES = frozenset(
    [
        "told",
        "said",
        "asked",
        "seen",
        "heard",
        "mend",
        "mends",
        "mended",
        "anew",
        "whoever",
        "stood",
    ]
)
NAMES = frozenset(["found", "given", "teller", "wish", "glance", "pulse"])
SUFFIXES = frozenset(
    [".py", ".md", ".yml", ".yaml", ".json", ".toml", ".sh", ".conf", ".service", ".j2", ".html"]
)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CODE = re.compile(r"`[^`]*`|<[^>]*>|\]\([^)]*\)")


class Place(NamedTuple):
    """One forbidden word: `line` counts from 1."""

    path: Path
    line: int
    word: str
    hint: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.word} -> {self.hint}"


def forbidden(path: Path) -> Iterator[Place]:
    """Every forbidden word of a file: of Python names, and in `src` also texts; else prose."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from in_program(path, text)
    else:
        yield from _in_prose(path, _without_fences(text))


def in_program(path: Path, text: str) -> Iterator[Place]:
    """Names anywhere; comments, docstrings and messages in `src`."""
    tree = ast.parse(text)
    yield from _in_names(path, tree)
    if path.is_relative_to(ROOT / "src"):
        yield from _in_prose(path, _texts(text, tree))


def in_text(text: str) -> Iterator[Place]:
    """Every forbidden word of a text that is no file's, for example a command's help."""
    yield from _in_prose(ROOT, enumerate(text.splitlines(), 1))


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files of `paths` that carry words: programs, pages, settings and templates."""
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (
            each for each in inside if each.suffix in SUFFIXES and "node_modules" not in each.parts
        )


def _in_prose(path: Path, lines: Iterable[tuple[int, str]]) -> Iterator[Place]:
    for number, line in lines:
        plain = _CODE.sub("`", line)
        for pattern, hint in _PROSE.items():
            for match in pattern.finditer(plain):
                yield Place(path, number, match.group(), hint)


def _without_fences(text: str) -> Iterator[tuple[int, str]]:
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip("> ").startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def _texts(text: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Comments, docstrings and messages: every line, without its names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            for offset, line in enumerate(node.value.splitlines()):
                yield node.lineno + offset, line
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.search(r"(?:^|\s)#\s(.*)", line):
            yield number, match.group(1)


def _in_names(path: Path, tree: ast.AST) -> Iterator[Place]:
    parts = [(1, part) for part in path.relative_to(ROOT).with_suffix("").parts]
    for line, name in parts + list(_names(tree)):
        words = {part.lower() for part in _PARTS.findall(name)}
        if name in NAMES or words & IN_NAMES:
            yield Place(path, line, name, "the name of its content")


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr


def main(paths: list[str]) -> None:
    chosen = [Path(path).resolve() for path in paths] or [ROOT / "src", ROOT / "docs"]
    places = [place for path in files(chosen) for place in forbidden(path)]
    for place in places:
        print(place)
    print(f"{len(places)} forbidden words")


if __name__ == "__main__":
    main(sys.argv[1:])
