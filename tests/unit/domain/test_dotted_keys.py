"""Numbers and settings by dotted key."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import dotted_keys
from interlock.domain.basics.refusal import Refusal


def test_numbers__are_found_at_any_depth() -> None:
    files = {"m.json": {"test": {"f1": 0.5, "deep": {"rows": 3}}, "loss": 1}}
    assert dotted_keys.numbers(files) == (
        {"test.f1": 0.5, "test.deep.rows": 3.0, "loss": 1.0},
        (),
    )


def test_numbers__values_that_are_not_finite_are_left_out_with_a_sentence() -> None:
    content: dict[str, Any]
    content = {"a": math.nan, "b": math.inf, "c": "0.9", "d": True, "e": [1], "f": None, "g": {}}
    content["h"] = 10**400
    values, left_out = dotted_keys.numbers({"m.json": content})
    assert values == {}
    assert [sentence.split(":")[1].split()[0] for sentence in left_out] == list("abcdefgh")


def test_numbers__a_file_that_holds_no_mapping() -> None:
    values, left_out = dotted_keys.numbers({"m.json": "unreadable (no JSON)"})
    assert values == {}
    assert left_out == ('m.json is "unreadable (no JSON)", not a number',)


def test_numbers__the_later_of_two_files_wins_with_a_sentence() -> None:
    values, left_out = dotted_keys.numbers({"a.json": {"f1": 1}, "b.json": {"f1": 2}})
    assert values == {"f1": 2.0}
    assert left_out == ("b.json: f1 is in another metrics file, too; this one won",)


def test_texts__a_key_of_two_files_names_its_file() -> None:
    files: dict[str, dict[str, Any]]
    files = {"a.yaml": {"c": 1, "only": [1, 2]}, "b.yaml": {"c": {"d": "x"}}, "d.yaml": {"c": 2}}
    assert dotted_keys.texts(files) == {
        "a.yaml:c": "1",
        "only": "[1, 2]",
        "c.d": '"x"',
        "d.yaml:c": "2",
    }


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), _VALUES, max_size=3))
def test_numbers__are_always_finite(files: dict[str, Any]) -> None:
    values, _ = dotted_keys.numbers(files)
    assert all(math.isfinite(value) for value in values.values())
    json.dumps(values, allow_nan=False)


def test_check_size__refuses_more_values_than_the_limit_and_no_fewer() -> None:
    deep: Any = 0
    for _ in range(dotted_keys.DEEPEST - 1):
        deep = {"a": deep}
    many = [0] * (dotted_keys.MOST_VALUES - 1)
    sound: list[Any] = [deep, many, 1, {}, "text"]
    assert [dotted_keys.check_size(each) for each in sound] == [None] * 5
    assert dotted_keys.check_size([deep]) == Refusal("it is nested deeper than 32 levels")
    assert dotted_keys.check_size([*many, 0]) == Refusal("it has more than 100,000 values")


def test_check_size__counts_each_use_of_an_alias() -> None:
    one: Any = [0] * 10
    for _ in range(20):
        one = [one] * 10
    assert dotted_keys.check_size(one) == Refusal("it has more than 100,000 values")
