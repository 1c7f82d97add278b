"""Limits on what is read: of values, of JSON, and of the paths of a repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import json_text, parse_limits, repository_paths, value_size
from interlock.domain.basics.parse_limits import ParseLimit, TooMuch

VALUES = ParseLimit(100, "more than {} values")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=20,
)


def nested(levels: int) -> object:
    values: object = 1
    for _ in range(levels):
        values = [values]
    return values


def test_limit__says_its_number_and_what_to_do() -> None:
    limit = ParseLimit(1_000, "more than {} bytes", "split it")
    limit.require(1_000)
    with pytest.raises(TooMuch, match=r"^more than 1,000 bytes$") as caught:
        limit.require(1_001)
    assert caught.value.hint == "split it"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([0] * 100, "more than 100 values"),
        ({str(n): 0 for n in range(100)}, "more than 100 values"),
        (nested(51), "values are nested more than 50 deep"),
        ({"a": ({"k" * 1001: 1},)}, "a key has more than 1,000 characters"),
        ([{10**4300}], "a whole number has more than 4,300 digits"),
    ],
)
def test_value__over_a_limit(value: object, sentence: str) -> None:
    with pytest.raises(TooMuch, match=sentence):
        value_size.require(value, values=VALUES)


@pytest.mark.parametrize(
    "value", [[0] * 99, nested(50), {1: {"k" * 1000: -(10**4298)}}, "x" * 1_000_000, None]
)
def test_value__within_the_limits(value: object) -> None:
    value_size.require(value, values=VALUES)


@given(JSON)
def test_json__of_a_sound_document_is_what_python_reads(value: object) -> None:
    assert json_text.read_strict(json.dumps(value), size=parse_limits.RECORD) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[" * 100_000, "nested more than 50 deep"),
        ("[" * 900 + "]" * 900, "nested more than 50 deep"),
        ("9" * 5_000, "more than 4,300 digits"),
        (b"\xff", "is not UTF-8 .byte 0."),
        ("[1", "delimiter"),
        ("[NaN]", "not finite"),
        ('{"a": [1, {"b": -Infinity}]}', "not finite"),
        ("1e999", "not finite"),
        (b"[" + b"1," * 1_000_001 + b"1]", "more than 1,000,000 values"),
    ],
)
def test_json__that_is_refused(text: str | bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        json_text.read_strict(text, size=parse_limits.RECORD)


def test_json__of_another_program_may_hold_what_no_json_holds() -> None:
    assert json_text.read("[Infinity]", size=parse_limits.FILE) == [float("inf")]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("a\0b", "U+0000"),
        ("a/b\nc", "U+000A"),
        ("\x7f", "U+007F"),
        ("\ud800", "U+D800"),
        ("C:\\x", "the letter of a drive"),
        ("c:/x", "the letter of a drive"),
        ("c:/é", "the letter of a drive"),
        ("x" * 256, "a name of more than 255 bytes"),
        ("a/" + "é" * 128, "a name of more than 255 bytes"),
        ("a/" * 2048, "more than 4,095 bytes"),
    ],
)
def test_path__that_no_file_of_a_repository_may_have(path: str, sentence: str) -> None:
    assert sentence in str(repository_paths.fault(path))


@pytest.mark.parametrize(
    "path", ["", "a", "a b/é", "x" * 255, "a:b", "…/\u202e", "C:x", ".x/.gitx"]
)
def test_path__that_a_file_may_have(path: str) -> None:
    assert repository_paths.fault(path) is None
    assert repository_paths.reserved(path) == ""


@pytest.mark.parametrize(
    ("path", "name"),
    [(".git", ".git"), (".GIT/hooks/x", ".GIT"), ("a/.dvc/tmp", ".dvc"), ("a/.Git", ".Git")],
)
def test_path__of_git_or_dvc_itself(path: str, name: str) -> None:
    assert repository_paths.reserved(path) == name


def test_limits__are_those_of_the_page() -> None:
    page = Path(__file__).parents[3].joinpath("docs/reference/plan.md").read_text()
    table = page.partition("<!-- limits -->")[2].partition("\n\n")[0]
    named = [
        value for value in vars(parse_limits).values() if isinstance(value, parse_limits.ParseLimit)
    ]
    sizes = [value for value in vars(parse_limits).values() if isinstance(value, parse_limits.Size)]
    named += [limit for size in sizes for limit in (size.bytes, size.values)]
    named.remove(parse_limits.RECORD_KEY)
    assert {limit.sentence for limit in named if f"{limit.most:,} " not in table} == set()
