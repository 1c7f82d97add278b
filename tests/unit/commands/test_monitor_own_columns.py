"""Models whose rows have other columns: mapped names, and scores of a task `scored`."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from interlock.commands.monitor import MonitoredModel
from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import Cause
from tests import monitored
from tests.monitored import MANIFEST, MonitoredShop

MAPPED = MANIFEST.replace(
    "predictions: predictions.parquet",
    "predictions: {{path: predictions.parquet, id: form, target: digit, prediction: read}}",
)
SCORED = (
    MANIFEST.replace("task: multiclass", "task: scored")
    .replace(
        "evaluate: {{primary: accuracy, seed: 7}}",
        "evaluate: {{primary: rating, metrics: {{"
        "rating: {{mean: rating, better: greater}}, "
        "latency: {{quantile: [latency_ms, 0.95], better: smaller}}}}}}",
    )
    .replace("{{metric: accuracy, min: 0.6}}", "{{metric: rating, min: 0.1}}")
)
RATINGS = """\
  checks:
    performance: {labels: ../../labels/*.parquet, metric: rating, max_drop: 0.05, wait: 3d}
"""


def mapped(seed: int, *, count: int = monitored.ROWS, right: float = 0.9) -> pl.DataFrame:
    names = {"id": "form", "target": "digit", "prediction": "read"}
    return monitored.rows(count, seed=seed, right=right).rename(names)


def scored(
    seed: int, *, count: int = monitored.ROWS, rating: float = 0.8, latency: float = 100
) -> pl.DataFrame:
    chance = random.Random(seed)
    return pl.DataFrame(
        {
            "id": [f"{seed}-{row}" for row in range(count)],
            "rating": [chance.gauss(rating, 0.1) for _ in range(count)],
            "latency_ms": [chance.gauss(latency, 10) for _ in range(count)],
            "words": [chance.gauss(20, 5) for _ in range(count)],
        }
    )


@pytest.fixture
def reader(tmp_path: Path) -> MonitoredShop:
    shop = MonitoredShop(tmp_path, manifest=MAPPED, evaluated=mapped(99, count=2000))
    return shop.begin(monitored.WATCH, monitored.LABELS)


@pytest.fixture
def assistant(tmp_path: Path) -> MonitoredShop:
    evaluated = scored(99, count=2000)
    shop = MonitoredShop(tmp_path, manifest=SCORED, evaluated=evaluated, scores={"rating": 0.8})
    return shop.begin(monitored.WATCH, RATINGS)


def observe(shop: MonitoredShop, live: pl.DataFrame, labels: pl.DataFrame) -> MonitoredModel:
    """Monitor a day whose labels came in time."""
    shop.day(1, live)
    (shop.checkout / "labels").mkdir(exist_ok=True)
    labels.write_parquet(shop.checkout / "labels/1.parquet")
    (result,) = shop.watch(1).models
    return result


def test_monitor__of_mapped_columns_compares_no_key_and_joins_labels(
    reader: MonitoredShop,
) -> None:
    rows = mapped(1)
    result = observe(reader, rows.drop("digit"), rows.select("form", "digit"))
    (window,) = result.windows
    assert {column.name for column in window.columns} == {"age", "hand", "read"}
    assert window.verdict is DriftStatus.STABLE
    (late,) = result.performance
    assert late.performance.rows == monitored.ROWS
    assert late.performance.live == pytest.approx(0.93, abs=0.03)


def test_monitor__of_a_mapped_prediction_that_drifts_finds_label_shift(
    reader: MonitoredShop,
) -> None:
    for day in (1, 2):
        reader.day(day, mapped(day).drop("digit").with_columns(read=pl.lit("a")))
        reader.watch(day)
    assert reader.reports()[-1].diagnosis.cause is Cause.LABEL_SHIFT


def test_monitor__of_scores_that_drift_finds_label_shift(assistant: MonitoredShop) -> None:
    for day in (1, 2):
        assistant.day(day, scored(day, latency=150))
        assistant.watch(day)
    diagnosis = assistant.reports()[-1].diagnosis
    assert (diagnosis.cause, diagnosis.columns) == (Cause.LABEL_SHIFT, ("latency_ms",))


@pytest.mark.parametrize(
    ("rating", "verdict"), [(0.8, DriftStatus.STABLE), (0.6, DriftStatus.DRIFT)]
)
def test_monitor__of_ratings_that_arrive_later_measures_the_own_metric(
    assistant: MonitoredShop, rating: float, verdict: DriftStatus
) -> None:
    rows = scored(1, rating=rating)
    result = observe(assistant, rows.drop("rating"), rows.select("id", "rating"))
    (late,) = result.performance
    assert (late.performance.metric, late.performance.verdict) == ("rating", verdict)
    assert late.performance.live == pytest.approx(rating, abs=0.02)
