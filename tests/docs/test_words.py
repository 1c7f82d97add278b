"""The words of help, goldens, docs, messages and names, as the style guide has them."""

from __future__ import annotations

import ast
import importlib
import re
from collections import defaultdict
from pathlib import Path

import click
import pytest

from interlock import cli
from tests.docs import words
from tests.docs.words import ROOT

GUIDE = ROOT / "docs" / "contributing" / "style.md"
PROSE = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROOMS = ["src", "tests", "docs", "actions", "runners", "model-manifests", ".github"]
FILES = sorted(path.name for path in ROOT.glob("*.md"))
# Both name the words that they forbid.
_NAMES_THEM = {GUIDE, Path(words.__file__), Path(__file__)}
# A noun clause: “what main says”. A question and a title may have one.
_FREE_RELATIVE = re.compile(
    r"\bwhat (?:it|they|the|a|an|you|we|is|was|are|were|has)\b(?![^.!?]*\?)"
)


@pytest.mark.parametrize("room", [*ROOMS, *FILES])
def test_words__none_is_forbidden(room: str) -> None:
    paths = list(words.files([ROOT / room]))
    assert [path for path in paths if path.is_file()], f"{room} has no file to check"
    places = [
        str(place) for path in paths if path not in _NAMES_THEM for place in words.forbidden(path)
    ]
    assert places == []


@pytest.mark.parametrize("verb", cli.VERBS)
def test_help__has_no_forbidden_word(verb: str) -> None:
    command = importlib.import_module(f"interlock.cli.{verb}").command
    assert list(words.in_text(_help(command))) == []


def _help(command: click.Command) -> str:
    with click.Context(command) as context:
        text = command.get_help(context)
    below = command.commands.values() if isinstance(command, click.Group) else []
    return "\n".join([text, *map(_help, below)])


def test_guide__lists_every_forbidden_word() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [example for example in words.EXAMPLES if example not in text] == []


@pytest.mark.parametrize("example", words.EXAMPLES)
def test_tool__finds_every_example(example: str) -> None:
    assert list(words.in_text(f"It shows {example} here.")) != []


def test_tool__reads_names_texts_and_comments_of_a_program(tmp_path: Path) -> None:
    program = ROOT / "src" / "made_up.py"
    lines = ["class Told:", "    found = 'it is no file'", "# as was asked", "x = {'a': 'told'}"]
    places = words.in_program(program, "\n".join(lines))
    assert sorted({(place.line, place.word) for place in places}) == [
        (1, "Told"),
        (2, "found"),
        (2, "is no"),
        (3, "asked"),
    ]


def test_docs__have_few_noun_clauses() -> None:
    counts = {page: len(_FREE_RELATIVE.findall(page.read_text(encoding="utf-8"))) for page in PROSE}
    total = sum(len(page.read_text(encoding="utf-8").split()) for page in PROSE)
    each_thousand = 1000 * sum(counts.values()) / total
    print(f"{each_thousand:.2f} noun clauses per 1,000 words of {total}")
    assert each_thousand <= 1, {page.name: count for page, count in counts.items() if count}


@pytest.mark.parametrize("package", ["interlock", "github_sandbox"])
def test_classes__have_a_name_of_their_own(package: str) -> None:
    places = defaultdict(list)
    for path in sorted((ROOT / "src" / package).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert places, f"there is no class in {package}"
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}
