"""The primary metric, its direction, its margin and its limit."""

from __future__ import annotations

import pytest

from interlock.domain.adoption import metric_choice
from interlock.domain.adoption.metric_choice import MetricChoice


def test_choose__held_out_before_others_before_training() -> None:
    numbers = {"train.accuracy": 1.0, "accuracy": 0.9, "test.rmse": 2.0, "rows": 7.0}
    assert metric_choice.choose(numbers) == MetricChoice("test.rmse", 2.0, False)
    del numbers["test.rmse"]
    assert metric_choice.choose(numbers) == MetricChoice("accuracy", 0.9, True)
    del numbers["accuracy"]
    assert metric_choice.choose(numbers) == MetricChoice("train.accuracy", 1.0, True)
    del numbers["train.accuracy"]
    assert metric_choice.choose(numbers) is None


@pytest.mark.parametrize(
    ("name", "better"),
    [("avg_prec.test", True), ("log_error", False), ("val-loss", False), ("seconds", None)],
)
def test_direction__is_in_the_name(name: str, better: bool | None) -> None:
    assert metric_choice.direction(name) is better


@pytest.mark.parametrize(
    ("value", "greater", "margin", "limit"),
    [
        (0.9, True, 0.02, 0.88),
        (0.7067, True, 0.01, 0.696),
        (3.21, False, 0.06, 3.27),
        (0.001, True, 0.02, -0.019),
        (0.02, True, 0.02, 0.0),
    ],
)
def test_limit__is_the_value_less_a_margin_to_the_lenient_side(
    value: float, greater: bool, margin: float, limit: float
) -> None:
    metric = MetricChoice("m", value, greater)
    assert (metric.margin, metric.limit) == (margin, limit)
