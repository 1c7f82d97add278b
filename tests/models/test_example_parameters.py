"""The examples have clear room for better and worse: sure beyond the noise of their test rows."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from .workshop import Workshop

Labels = NDArray[np.int64]
Committed = Callable[[str], Workshop]


def f1_macro(target: Labels, prediction: Labels) -> float:
    """Average the ten classes' F1."""
    pairs = np.bincount(target * 10 + prediction, minlength=100).reshape(10, 10)
    return float((2 * np.diag(pairs) / (pairs.sum(0) + pairs.sum(1))).mean())


def window(day: int, verdict: str) -> dict[str, str]:
    start, end = (f"2026-03-{number}T00:00:00+00:00" for number in (day, day + 1))
    return {"start": start, "end": end, "verdict": verdict}


def paired_interval(candidate: pl.DataFrame, champion: pl.DataFrame) -> tuple[float, float]:
    """Bound candidate minus champion in macro F1 with 95 % confidence, over the same rows."""
    assert candidate.select("id", "target").equals(champion.select("id", "target"))
    target, ours, theirs = (
        column.to_numpy()
        for column in (candidate["target"], candidate["prediction"], champion["prediction"])
    )
    draws = np.random.default_rng(7).integers(0, len(target), (1000, len(target)))
    differences = [
        f1_macro(target[draw], ours[draw]) - f1_macro(target[draw], theirs[draw]) for draw in draws
    ]
    low, high = np.quantile(differences, [0.025, 0.975])
    return float(low), float(high)


def test_digits__committed_parameters_pass_their_floor(committed: Committed) -> None:
    measured = committed("digits").metrics("digits")["test"]
    assert measured["f1_macro"] == pytest.approx(0.9554, abs=0.002)
    rows = committed("digits").predictions("digits")
    right = rows.group_by("stroke").agg((pl.col("target") == pl.col("prediction")).mean())
    assert min(right["target"]) > 0.93


@pytest.mark.parametrize(
    ("c", "f1", "bound"), [(100.0, 0.9838, (0.01, 0.06)), (0.1, 0.9183, (-0.07, -0.02))]
)
def test_digits__another_regularisation_is_surely_better_or_worse(
    committed: Committed,
    workshop: Workshop,
    c: float,
    f1: float,
    bound: tuple[float, float],
) -> None:
    workshop.take_data("digits", from_=committed("digits"))
    workshop.set_parameter("digits", "classifier.c", c)
    candidate = workshop.train("digits")
    assert workshop.metrics("digits")["test"]["f1_macro"] == pytest.approx(f1, abs=0.004)
    low, high = paired_interval(candidate, committed("digits").predictions("digits"))
    assert bound[0] < low < high < bound[1]


def test_diabetes__more_rows_are_learnt_from_and_every_test_row_stays_one(
    committed: Committed, workshop: Workshop
) -> None:
    before = committed("diabetes").predictions("diabetes")
    first = committed("diabetes").metrics("diabetes")
    after = workshop.train("diabetes", rows=442)
    second = workshop.metrics("diabetes")
    rows = after.select("id", "target")
    assert rows.filter(pl.col("id") < 353).equals(before.select("id", "target"))
    tested, learnt = (second[part]["rows"] - first[part]["rows"] for part in ("test", "train"))
    assert (tested + learnt, tested) == (442 - 353, 48)
    assert first["test"]["rmse"] == pytest.approx(57.55, abs=0.05)
    assert second["test"]["rmse"] == pytest.approx(56.11, abs=0.05)


def test_diabetes__what_was_served_is_learnt_from(committed: Committed, workshop: Workshop) -> None:
    workshop.take_data("diabetes", from_=committed("diabetes"))
    workshop.take_model("diabetes", from_=committed("diabetes"))
    words = "--model model --to out --first-id 1000 --shift bmi=1.2"
    days = "--day 2026-03-14 --day 2026-03-15=1"
    workshop.run("diabetes", "python", "serve.py", *words.split(), *days.split())
    windows = json.dumps([window(14, "stable"), window(15, "warning")])
    for joined in (400, 0):
        text = workshop.run(
            "diabetes",
            "python",
            "refresh.py",
            "--served",
            "out",
            extra={"INTERLOCK_WINDOWS": windows},
        )
        assert f"refresh: {joined} rows of 2026-03-15 to 2026-03-16 join" in text
    after = workshop.train("diabetes")
    assert after.filter(pl.col("id") >= 1400).height == pytest.approx(200, abs=40)
    assert after.filter(pl.col("id").is_between(1000, 1399)).height == 0


def test_diabetes__less_regularisation_is_better(committed: Committed, workshop: Workshop) -> None:
    workshop.take_data("diabetes", from_=committed("diabetes"))
    workshop.set_parameter("diabetes", "ridge.alpha", 100.0)
    workshop.train("diabetes")
    assert workshop.metrics("diabetes")["test"]["rmse"] == pytest.approx(55.35, abs=0.05)
