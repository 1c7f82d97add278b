"""Documents read from events have the values that they have when they are read from nodes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interlock.domain.basics import parse_limits
from interlock.yaml_reader import common_documents, dvc, file_errors
from interlock.yaml_reader.positions import LineMap
from interlock.yaml_reader.strict import read_yaml
from tests.unit.manifests.examples import SOUND
from tests.unit.yaml_reader.test_properties import mutated, yamlish

# A document with so long a comment is read from nodes.
_COMMENT = b"#" + b"x" * parse_limits.FILE.values.most + b"\n"

texts = st.one_of(yamlish, mutated().map(lambda data: data.decode()))


def typed(value: Any) -> Any:
    """The value with the type of each part: True is not 1, and a plain scalar is not text."""
    if isinstance(value, dict):
        return [(typed(key), typed(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [typed(item) for item in value]
    return type(value), repr(value)


def attempt(read: Any, data: bytes) -> Any:
    try:
        return typed(read(data, path="x"))
    except file_errors.InvalidFile as error:
        return len(error.diagnostics)


@given(texts)
@example("a: 1\na: 2\n")
@example("a: [b, c]\n---\nd: e\n")
@example("a: &b c\nd: *b\n")
@example("a: !!str 1\n")
@example("? [a]\n: b\n")
@example("a: 1e3\nb: yes\nc: 2026-01-01\nd: 010\ne: '1'\n1: f\n")
@example("a:\n  b: [x, {y: z}]\n]")
@example("- << : {a: b}\n")
@example("a: " + "[" * 49 + "b" + "]" * 49)
@example("a: " + "[" * 60 + "b" + "]" * 60)
def test_values_are_those_of_the_nodes(text: str) -> None:
    data = text.removeprefix("\ufeff").encode()
    for read in (dvc.read, dvc.read_written):
        assert attempt(read, data) == attempt(read, _COMMENT + data)
    value, _, errors = read_yaml(data, path="x")
    slow, _, same = read_yaml(_COMMENT + data, path="x")
    assert typed(value) == typed(slow)
    assert len(errors) == len(same)


def test_a_manifest_is_common() -> None:
    value = common_documents.read(SOUND, size=parse_limits.SETTINGS, plain=str)
    assert value["gates"][0]["metric"] == "f1_macro"


@pytest.mark.parametrize(
    "text", ["", "a", "a: *b\n", "a: &b c\n", "!!map {}\n", "a: [\n", "- a\n---\n"]
)
def test_a_document_that_needs_nodes(text: str) -> None:
    with pytest.raises(common_documents.Uncommon):
        common_documents.read(text, size=parse_limits.FILE, plain=str)


def test_the_lines_of_list_entries() -> None:
    value, positions, _ = read_yaml(b"gates:\n  - {a: 1}\n\n  - b: 2\n", path="x")
    assert isinstance(value, dict)
    nodes = LineMap()
    for entry, line in zip(value["gates"], (2, 4), strict=True):
        assert positions.line_of(entry, ()) == line
        assert nodes.line_of(entry, ()) == 1
