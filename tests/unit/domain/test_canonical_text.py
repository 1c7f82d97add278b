"""Equal texts are equal however they are written, and two that look alike are told apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import canonical_text

NFC, NFD = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
LABELS = st.sampled_from(["0", "1", "-1", "true", "True", "FALSE", "false", "mixed", "7"])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("7", "7"), ("7.0", "7"), ("7.000", "7"), ("-7.0", "-7"), ("-0.0", "0"), ("-0", "0"),
        ("07", "07"), ("7.5", "7.5"), ("7.", "7."), ("x", "x"), (NFD, NFC), ("①", "①"), ("", ""),
        ("٧.0", "٧.0"),
    ],
)  # fmt: skip
def test_canonical__is_one_spelling_of_equal_values(written: str, expected: str) -> None:
    assert canonical_text.canonical(written) == expected


@given(st.text())
def test_canonical__of_a_canonical_text_is_itself(text: str) -> None:
    once = canonical_text.canonical(text)
    assert canonical_text.canonical(once) == once


@pytest.mark.parametrize(
    ("target", "others", "expected"),
    [
        (["true", "false"], ["1", "0"], ["false", "true"]),
        (["0", "1"], ["True", "False"], ["0", "1"]),
        (["True"], ["1", "0"], ["false", "true"]),
        (["1", "TRUE", "0"], [], ["false", "true"]),
        (["True", "False"], ["mixed"], None),
        (["a", "b"], ["a"], None),
        (["-1", "1"], ["true"], None),
    ],
)
def test_as_one__writes_booleans_and_digits_of_a_file_as_its_targets(
    target: list[str], others: list[str], expected: list[str] | None
) -> None:
    values = canonical_text.as_one(target, others)
    assert sorted(set(values.values())) == (expected or [])
    assert not values or set(values) == {*target, *others}


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (["false", "true"], ["0", "1"], {"false": "0", "true": "1"}),
        (["true"], ["0", "1"], {"true": "1"}),
        (["True", "mixed"], ["false", "mixed", "true"], {"True": "true"}),
        (["0", "1"], ["0", "1"], {}),
        (["1", "true"], ["1"], {}),
        (["true", "True"], ["1"], {}),
        (["true"], ["True", "1"], {}),
        (["a"], ["b"], {}),
    ],
)  # fmt: skip
def test_as_theirs__finds_the_same_booleans_of_another_file(
    mine: list[str], theirs: list[str], expected: dict[str, str]
) -> None:
    assert canonical_text.as_theirs(mine, theirs) == expected


@given(st.sets(LABELS), st.sets(LABELS))
def test_as_theirs__never_makes_one_class_of_two(mine: set[str], theirs: set[str]) -> None:
    as_theirs = canonical_text.as_theirs(mine, theirs)
    assert len({as_theirs.get(label, label) for label in mine}) == len(mine)


@pytest.mark.parametrize(
    ("text", "known", "points"),
    [
        (NFD, NFC, "U+0065 U+0301 against U+00E9"),
        ("cat ", "cat", "U+0020 against nothing"),
        ("c\u200bat", "cat", "U+200B"),
        ("Cat", "cat", "U+0043 against U+0063"),
        ("сat", "cat", "U+0441 against U+0063"),
        ("ｃat", "cat", "U+FF43 against U+0063"),
    ],
)
def test_explain__says_which_code_points_differ(text: str, known: str, points: str) -> None:
    actual = canonical_text.explain(text, ["dog", known])
    assert actual.startswith(f"{text!r} and {known!r} look alike: ")
    assert points in actual


@pytest.mark.parametrize("known", [[], ["cat"], ["dog"], ["cats"], ["cab"], ["ca1"], ["1at"]])
def test_explain__says_nothing_of_what_looks_different(known: list[str]) -> None:
    assert canonical_text.explain("cat", known) == ""
