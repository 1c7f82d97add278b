"""The positive class is given, or it is one by convention, or there is none."""

from __future__ import annotations

import pytest

from interlock.domain.evaluation import positive_class


@pytest.mark.parametrize(
    ("classes", "scored", "expected"),
    [
        (["0", "1"], [], "1"),
        (["-1", "1"], [], "1"),
        (["false", "true"], [], "true"),
        (["False", "True"], [], "True"),
        (["0", "1"], ["0"], "0"),
        (["false", "true"], ["true"], "true"),
        (["0", "1"], ["0", "1"], "1"),
        (["0"], [], None),
        (["legit"], [], None),
        ([], [], None),
    ],
)
def test_find__without_a_word_goes_by_convention(
    classes: list[str], scored: list[str], expected: str | None
) -> None:
    positive = positive_class.find(classes, requested=None, scored=scored)
    assert (positive.label, positive.problem) == (expected, "")


@pytest.mark.parametrize(
    "classes",
    [["fraud", "legit"], ["1", "2"], ["3", "8"], ["no", "yes"], ["0", "legit"], ["-1", "0"]],
)
@pytest.mark.parametrize("scored", [0, 1, 2])
def test_find__of_any_other_two_classes_does_not_guess(classes: list[str], scored: int) -> None:
    positive = positive_class.find(classes, requested=None, scored=classes[:scored])
    assert positive.label is None
    assert f"{classes[0]!r} and {classes[1]!r}" in positive.problem
    assert f"evaluate: {{positive: {classes[1]}}}" in positive.hint


@pytest.mark.parametrize(
    ("classes", "requested", "expected"),
    [
        (["fraud", "legit"], "fraud", "fraud"),
        (["0", "1"], "0", "0"),
        (["0", "1"], "1.0", "1"),
        (["0", "1"], "true", "1"),
        (["false", "true"], "1", "true"),
        (["False", "True", ], "true", "True"),
        (["legit"], "fraud", "fraud"),
        (["1"], "true", "1"),
        ([], "fraud", "fraud"),
    ],
)  # fmt: skip
def test_find__takes_the_class_that_is_given(
    classes: list[str], requested: str, expected: str
) -> None:
    positive = positive_class.find(classes, requested=requested, scored=classes[-1:])
    assert (positive.label, positive.problem) == (expected, "")


def test_find__of_a_class_that_there_is_not_names_those_that_there_are() -> None:
    positive = positive_class.find(["fraud", "legit"], requested="Fraud", scored=[])
    assert positive.label is None
    assert positive.problem.startswith(
        "the positive class 'Fraud' is none of its classes 'fraud' and 'legit'"
    )
    assert "U+0046 against U+0066" in positive.problem
    assert "look alike" not in positive_class.find(["a", "b"], requested="spam", scored=[]).problem
