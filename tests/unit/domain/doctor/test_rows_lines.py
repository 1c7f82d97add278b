"""The rows of a model in the checkout, and the difference that they resolve."""

from __future__ import annotations

import pytest

from interlock.domain.basics.interval import Interval
from interlock.domain.doctor import rows_lines
from interlock.domain.doctor.line import Mark, SettingCheck
from interlock.domain.evaluation.scores import MetricValue


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (rows_lines.without_rows("churn"), "no `outputs.predictions`"),
        (rows_lines.absent("churn", "p.csv"), "p.csv is not in this checkout"),
    ],
)
def test_without_a_file_the_rows_are_unknown(line: SettingCheck, words: str) -> None:
    assert (line.name, line.mark) == ("rows of churn", Mark.UNKNOWN)
    assert words in line.sentence


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        ("line 2: no id", "line 2: no id"),
        ("line 2: no id\nline 3: no id\nline 4: no id", "line 2: no id; and 2 more problems"),
    ],
)
def test_invalid__shows_the_first_problem(problem: str, sentence: str) -> None:
    line = rows_lines.invalid("churn", problem)
    assert (line.mark, line.sentence) == (Mark.WRONG, sentence)


def test_valid__says_why_there_is_no_interval() -> None:
    measured = MetricValue("hit_rate", 0.9, None, 300, problem="the rows have 2 groups")
    line = rows_lines.valid("churn", "p.csv", 300, measured)
    assert line.sentence == "p.csv is valid, with 300 rows; no interval: the rows have 2 groups"


def test_valid__names_half_the_width_of_the_interval() -> None:
    measured = MetricValue("f1_macro", 0.9, Interval(0.85, 0.95, 0.95), 300)
    line = rows_lines.valid("churn", "p.csv", 300, measured)
    assert line.mark is Mark.OK
    assert line.sentence.startswith("p.csv is valid, with 300 rows; f1_macro is known to ±0.05; ")


@pytest.mark.parametrize("measured", [None, MetricValue("f1_macro", 0.9, None, 300)])
def test_valid__without_an_interval_says_nothing_of_differences(
    measured: MetricValue | None,
) -> None:
    line = rows_lines.valid("churn", "p.csv", 300, measured)
    assert (line.mark, line.sentence) == (Mark.OK, "p.csv is valid, with 300 rows")
