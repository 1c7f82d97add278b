"""A document that is read line by line has the values and the lines that libyaml finds in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interlock.yaml_reader import ambiguous_scalars, common_documents, line_documents
from interlock.yaml_reader.line_documents import Uncommon
from tests.unit.manifests.examples import SOUND
from tests.unit.yaml_reader.test_common_documents import texts, typed

_PARTS = [
    *(
        "a: b",
        "a:",
        "c:",
        "- d",
        "- a: 1",
        "- - e",
        "-",
        "# f",
        "",
        "g",
        "a: b # c",
        "- a:",
        "a : b",
    ),
    *(
        "a: [b, 'c', {d: \"e f\"}]",
        "a: {b: c, d: [], e: {}}",
        "a: [b, ]",
        "a: {b}",
        "[a]",
        "{a: b}",
    ),
    *(
        "a: 'it''s'",
        'a: "\\n"',
        "a: -1",
        "a: - 1",
        "a: b: c",
        "a: b:c",
        "a: b  c ",
        "a: ...",
        "...",
    ),
    *(
        "a: |",
        "a: &b c",
        "a: *b",
        "a: !c d",
        "a: yes",
        "yes: a",
        "1: a",
        "a: 0x1f",
        "a:\tb",
        "a: é",
    ),
    *("- [a, b]", "- 'c'", "--- a", "a: ---", "a: /b", "a: ~", "a: #b", "? a", "<<: a", "a: 'b' c"),
]
_line = st.builds(
    str.__add__, st.sampled_from(["", "", " ", "  ", "  ", "    "]), st.sampled_from(_PARTS)
)
_lines = st.lists(_line, max_size=7).map("\n".join)


def places(value: Any, lines: dict[int, int]) -> Any:
    """The lines of the lists and mappings of a value, in their order."""
    if not isinstance(value, dict | list):
        return None
    items = value.values() if isinstance(value, dict) else value
    return lines[id(value)], [places(item, lines) for item in items]


@settings(max_examples=400, deadline=None)
@given(st.one_of(_lines, texts))
@example("a:\n- b\n-  c: d\n")
@example("a:\n  - b: c\n    d:\n    - e\n  f: g\n")
@example("a: b\n  c\n")
@example("- a\n  - b\n")
@example("a:\n   b\n")
@example("  a: b\nc: d\n")
def test_values_and_lines_are_those_of_the_events(text: str) -> None:
    lines: dict[int, int] = {}
    try:
        value = line_documents.read(text, plain=ambiguous_scalars.common, lines=lines)
    except Uncommon:
        return
    others: dict[int, int] = {}
    same = common_documents.read_events(text, plain=ambiguous_scalars.common, lines=others)
    assert typed(value) == typed(same)
    assert places(value, lines) == places(same, others)


def test_a_manifest_is_read_without_libyaml() -> None:
    value = line_documents.read(SOUND, plain=str, lines={})
    assert value["gates"][0]["metric"] == "f1_macro"


@pytest.mark.parametrize("depth", [48, 49, 50])
def test_the_deepest_value_is_that_of_the_events(depth: int) -> None:
    flow = "a: " + "[" * depth + "b" + "]" * depth
    block = "".join(f"{'  ' * n}a:\n" for n in range(depth)) + f"{'  ' * depth}a: b"
    for text in (flow, block):
        results = []
        for read in (line_documents.read, common_documents.read_events):
            try:
                results.append(read(text, plain=str, lines={}))
            except Uncommon:
                results.append("uncommon")
        assert results[0] == results[1]
