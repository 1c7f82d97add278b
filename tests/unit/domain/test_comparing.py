"""A difference in words: by the metric's own direction, and by what its interval allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import metric_comparison
from interlock.domain.evaluation.metric_comparison import Direction
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model import metrics

FINITE = st.floats(-1e3, 1e3)


def row(
    metric: str, difference: float | None, ends: tuple[float, float] | None = None, **more: object
) -> Comparison:
    champion = None if difference is None else 0.964
    bounds = Interval(*ends, 0.95) if ends else None
    candidate = 0.964 + (difference or 0.0)
    return Comparison(metric, candidate, champion, difference, bounds, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("comparison", "direction"),
    [
        (row("f1_macro", 0.021, (0.012, 0.031)), Direction.BETTER),
        (row("f1_macro", -0.034, (-0.046, -0.022)), Direction.WORSE),
        (row("f1_macro", 0.004, (-0.003, 0.011)), Direction.PERHAPS_BETTER),
        (row("f1_macro", -0.004, (-0.011, 0.003)), Direction.PERHAPS_WORSE),
        (row("f1_macro", -0.004, (-0.008, 0.0)), Direction.PERHAPS_WORSE),
        (row("log_loss", 0.021, (0.012, 0.031)), Direction.WORSE),
        (row("log_loss", -0.021, (-0.031, -0.012)), Direction.BETTER),
        (row("model_size_mb", 0.2, (0.2, 0.2)), Direction.WORSE),
        (row("f1_macro", 0.021), Direction.BETTER),
        (row("dvc:auc", 0.2, (0.2, 0.2)), Direction.HIGHER),
        (row("dvc:auc", -0.2, (-0.2, -0.2)), Direction.LOWER),
        (row("f1_macro", 0.0, (-0.01, 0.01)), Direction.UNCHANGED),
        (row("dvc:auc", 0.0), Direction.UNCHANGED),
        (row("f1_macro", None), None),
    ],
)
def test_change__goes_by_the_metrics_direction(
    comparison: Comparison, direction: Direction | None
) -> None:
    assert metric_comparison.change(comparison) is direction


@given(st.sampled_from(sorted(metrics.METRICS)), FINITE, FINITE, FINITE)
def test_change__is_sure_only_where_no_end_is_on_the_other_side(
    metric: str, difference: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    direction = metric_comparison.change(row(metric, difference, (low, high)))
    if difference and low <= 0 <= high:
        assert direction in {Direction.PERHAPS_BETTER, Direction.PERHAPS_WORSE}
    good = (difference > 0) is metrics.METRICS[metric].greater_is_better
    if direction in {Direction.BETTER, Direction.PERHAPS_BETTER}:
        assert good
    if direction in {Direction.WORSE, Direction.PERHAPS_WORSE}:
        assert not good


@pytest.mark.parametrize(
    ("comparison", "sentence"),
    [
        (
            row("f1_macro", 0.021, (0.012, 0.031)),
            "f1_macro 0.985, better than version 1: +0.021 [+0.012, +0.031]",
        ),
        (
            row("f1_macro", -0.02, (-0.11, 0.08)),
            "f1_macro 0.94, perhaps worse than version 1: −0.02 [−0.11, +0.08]",
        ),
        (row("f1_macro", 0.0), "f1_macro 0.964, unchanged from version 1"),
        (
            row("f1_macro", 0.0, (-0.01, 0.01)),
            "f1_macro 0.964, unchanged from version 1: [−0.010, +0.010]",
        ),
        (
            row("model_size_mb", 0.2, (0.2, 0.2)),
            "model_size_mb 1.164, worse than version 1: +0.200",
        ),
        (row("dvc:auc", 1e-9), "dvc:auc 0.964, higher than version 1: +1.0e-09"),
        (row("f1_macro", None), "f1_macro 0.964, not comparable with version 1"),
        (
            row("f1", 0.021, (0.012, 0.031), positive="fraud"),
            "f1 of class fraud 0.985, better than version 1: +0.021 [+0.012, +0.031]",
        ),
        (
            row("f1_macro", None, problem="12 rows differ"),
            "f1_macro 0.964, not comparable with version 1 (12 rows differ)",
        ),
    ],
)
def test_against__is_one_phrase(comparison: Comparison, sentence: str) -> None:
    assert metric_comparison.against(comparison, "version 1") == sentence


def test_figures__of_a_row_have_the_same_decimals() -> None:
    comparison = row("f1_macro", 0.0213, (0.0118, 0.1309))
    shown = [
        metric_comparison.value(comparison),
        metric_comparison.champion(comparison),
        metric_comparison.difference(comparison),
    ]
    assert shown == ["0.99", "0.96", "+0.02"]
    assert metric_comparison.interval(comparison) == "[+0.01, +0.13]"
    assert metric_comparison.difference(row("f1_macro", None)) == "–"
    assert metric_comparison.difference(row("f1_macro", 0.0)) == "unchanged"


def test_whole__is_empty_except_for_a_part() -> None:
    part = row("mse", -137.0, (-196.0, -78.0), is_part=True, whole=3148.12)
    assert metric_comparison.whole(part) == "3,148"
    assert metric_comparison.whole(row("mse", -137.0, (-196.0, -78.0), whole=1.0)) == ""
    assert metric_comparison.whole(row("mse", -137.0, (-196.0, -78.0), is_part=True)) == ""


def test_figures__near_a_limit_do_not_read_as_the_limit() -> None:
    comparison = row("f1_macro", 0.06, (-0.0051, 0.11))
    assert metric_comparison.interval(comparison) == "[−0.01, +0.11]"
    assert metric_comparison.interval(row("rmse", -0.8, (-1.6, -0.036))) == "[−1.60, −0.04]"
    assert metric_comparison.interval(row("rmse", -0.8, (-1.6, -0.0004))) == "[−1.6, −0.0]"
    assert metric_comparison.interval(comparison, [-0.005]) == "[−0.0051, +0.1100]"
    assert metric_comparison.difference(comparison, [-0.005]) == "+0.0600"
    bare = row("dvc:auc", -0.0051)
    assert metric_comparison.difference(bare, [-0.005]) == "−0.0051"
