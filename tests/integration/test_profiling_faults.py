"""What other engines get wrong, each with the right answer; files through the real profiling."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from interlock.domain.drift.findings import ColumnFinding
from interlock.domain.drift.profile import ColumnKind
from interlock.domain.drift.status import DriftStatus
from tests.integration import drift_files as files

ROWS = 5_000
CHANCE = np.random.default_rng(7)
NORMAL, AGAIN = CHANCE.normal(size=ROWS), CHANCE.normal(size=ROWS)
WORDS = CHANCE.choice(["a", "b", "c"], ROWS)


def _is_finite(finding: ColumnFinding) -> bool:
    m = finding.measure
    numbers = (m.psi, m.wasserstein, m.effect, m.jensen_shannon, m.mean_shift)
    return all(value is None or math.isfinite(value) for value in numbers)


def test_outlier__does_not_hide_a_shift(tmp_path: Path) -> None:
    clean = files.only(tmp_path, NORMAL, AGAIN + 1)
    spoilt = files.only(tmp_path, NORMAL, np.append(AGAIN + 1, 1000.0))
    assert clean.verdict is spoilt.verdict is DriftStatus.DRIFT
    assert clean.measure.psi is not None
    assert clean.measure.psi > 0.5
    assert spoilt.measure.psi == pytest.approx(clean.measure.psi, rel=0.01)


@pytest.mark.parametrize("end", [1e3, 1e18, -1e300, 1.7e308, math.inf])
def test_outlier__alone_is_no_drift(tmp_path: Path, end: float) -> None:
    column = files.only(tmp_path, NORMAL, np.append(AGAIN, end))
    assert column.verdict is DriftStatus.STABLE
    assert _is_finite(column)


def test_outlier__in_the_reference_hides_nothing(tmp_path: Path) -> None:
    column = files.only(tmp_path, np.append(NORMAL, [1e300, -math.inf]), AGAIN + 1)
    assert column.verdict is DriftStatus.DRIFT


def test_nan__half_of_them_is_a_rise_of_what_is_missing(tmp_path: Path) -> None:
    live = AGAIN.copy()
    live[::2] = np.nan
    column = files.only(tmp_path, NORMAL, live)
    assert column.verdict is DriftStatus.DRIFT
    assert column.measure.missing == 0.5
    assert column.measure.effect is not None
    assert column.measure.effect < 0.05
    assert "missing 50.0 % after 0.0 %" in column.sentence


def test_missing__as_much_as_before_is_none(tmp_path: Path) -> None:
    def holes(values: Any) -> Any:
        return [None if place % 3 == 0 else value for place, value in enumerate(values)]

    column = files.only(tmp_path, holes(NORMAL), holes(AGAIN))
    assert column.verdict is DriftStatus.STABLE


def test_categories__a_third_missing(tmp_path: Path) -> None:
    live = [None if place % 3 == 0 else word for place, word in enumerate(WORDS)]
    assert files.only(tmp_path, WORDS, live).verdict is DriftStatus.DRIFT


def test_categories__a_third_of_them_new_or_gone(tmp_path: Path) -> None:
    live = np.where(WORDS == "a", "z", WORDS)
    column = files.only(tmp_path, WORDS, live)
    assert column.verdict is DriftStatus.DRIFT
    assert column.measure.unseen == pytest.approx(1 / 3, abs=0.03)
    assert column.measure.vanished == pytest.approx(1 / 3, abs=0.03)
    assert "new: 'z'; vanished: 'a'" in column.sentence


def test_categories__one_row_of_a_new_one_is_no_drift(tmp_path: Path) -> None:
    column = files.only(tmp_path, WORDS, np.append(WORDS, "z"))
    assert column.verdict is DriftStatus.STABLE
    assert column.measure.unseen == pytest.approx(1 / (ROWS + 1))


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_infinities__are_drift(tmp_path: Path, share: float) -> None:
    live = AGAIN.copy()
    live[: int(share * ROWS)] = np.inf
    column = files.only(tmp_path, NORMAL, live)
    assert column.verdict is DriftStatus.DRIFT
    assert column.measure.infinite == share
    assert _is_finite(column)


@pytest.mark.parametrize("value", [0.0, 5.0, -1e12, 1e-300, 7])
def test_constant_reference__stays_or_moves(tmp_path: Path, value: float) -> None:
    constant = [value] * ROWS
    same = files.only(tmp_path, constant, constant)
    assert (same.verdict, same.measure.psi) == (DriftStatus.STABLE, 0)
    for moved in (value + 1, value - 1):
        column = files.only(tmp_path, constant, [value] * (ROWS // 2) + [moved] * (ROWS // 2))
        assert column.verdict is DriftStatus.DRIFT
        assert column.measure.effect == pytest.approx(0.5)
        assert _is_finite(column)


def test_mostly_zero__is_compared_beside_the_zero(tmp_path: Path) -> None:
    reference = np.where(CHANCE.random(ROWS) < 0.9, 0.0, np.exp(NORMAL))
    same = np.where(CHANCE.random(ROWS) < 0.9, 0.0, np.exp(AGAIN))
    fewer = np.where(CHANCE.random(ROWS) < 0.7, 0.0, np.exp(AGAIN))
    assert files.only(tmp_path, reference, same).verdict is DriftStatus.STABLE
    assert files.only(tmp_path, reference, fewer).verdict is DriftStatus.DRIFT


def test_column__that_vanished_is_broken_and_a_new_one_is_reported(tmp_path: Path) -> None:
    result = files.judged(tmp_path, {"x": NORMAL, "y": NORMAL}, {"x": AGAIN, "z": AGAIN})
    assert result.verdict is DriftStatus.BROKEN
    assert [(c.name, c.verdict) for c in result.columns] == [
        ("y", DriftStatus.BROKEN),
        ("z", DriftStatus.WARNING),
        ("x", DriftStatus.STABLE),
    ]


def test_window__without_rows_is_broken(tmp_path: Path) -> None:
    empty = {"x": pl.Series("x", [], dtype=pl.Float64)}
    result = files.judged(tmp_path, {"x": NORMAL}, empty)
    assert (result.verdict, result.sentence) == (DriftStatus.BROKEN, "the window is empty")


def test_window__without_files_is_broken(tmp_path: Path) -> None:
    reference = files.write(tmp_path / "reference.parquet", {"x": NORMAL})
    assert files.compared([reference], []).verdict is DriftStatus.BROKEN


def test_dates__go_on(tmp_path: Path) -> None:
    start = datetime.datetime(2026, 1, 1)
    reference = [start + datetime.timedelta(minutes=k) for k in range(ROWS)]
    live = [each + datetime.timedelta(days=100) for each in reference]
    result = files.judged(tmp_path, {"at": reference}, {"at": live})
    assert result.verdict is DriftStatus.INSUFFICIENT
    assert result.columns[0].measure.kind is ColumnKind.TIME
    assert result.sentence == ("0 of 1 column compared; not compared: at (dates always change)")


def test_booleans__are_categories(tmp_path: Path) -> None:
    few, many = CHANCE.random(ROWS) < 0.3, CHANCE.random(ROWS) < 0.5
    assert files.only(tmp_path, few, CHANCE.random(ROWS) < 0.3).verdict is DriftStatus.STABLE
    column = files.only(tmp_path, few, many)
    assert (column.verdict, column.measure.kind) == (DriftStatus.DRIFT, ColumnKind.CATEGORY)
    assert column.measure.effect == pytest.approx(0.2, abs=0.03)


def test_text__of_which_every_row_has_its_own_is_not_compared(tmp_path: Path) -> None:
    reference, live = ([f"{day}-{row}" for row in range(ROWS)] for day in ("mon", "tue"))
    column = files.only(tmp_path, reference, live)
    assert (column.verdict, column.measure.kind) == (DriftStatus.INSUFFICIENT, ColumnKind.TEXT)
    assert files.only(tmp_path, reference, [*live[: ROWS // 2], *[None] * ROWS]).verdict is (
        DriftStatus.DRIFT
    )


def test_text__with_a_long_tail_is_compared_by_its_common_values(tmp_path: Path) -> None:
    def cities(seed: int, *, by: int = 0) -> list[str]:
        drawn = np.random.default_rng(seed).zipf(1.6, ROWS)
        return [f"city {min(rank, 100_000) + by}" for rank in drawn]

    same = files.only(tmp_path, cities(1), cities(2))
    assert (same.verdict, same.measure.kind) == (DriftStatus.STABLE, ColumnKind.CATEGORY)
    assert same.measure.unseen is None
    assert files.only(tmp_path, cities(1), cities(2, by=3)).verdict is DriftStatus.DRIFT


def test_codes__that_became_floats_are_the_same_codes(tmp_path: Path) -> None:
    codes = CHANCE.integers(0, 10, ROWS)
    column = files.only(tmp_path, codes, codes[::-1].astype(np.float64))
    assert (column.verdict, column.measure.kind) == (DriftStatus.STABLE, ColumnKind.CATEGORY)
    assert column.measure.unseen == 0


@pytest.mark.parametrize(
    ("reference", "live"),
    [
        (NORMAL, [str(value) for value in AGAIN]),
        (WORDS, NORMAL),
        (WORDS, WORDS == "a"),
        (NORMAL, [[value] for value in AGAIN]),
        ([[value] for value in NORMAL], AGAIN),
    ],
)
def test_type__that_changed_is_broken(tmp_path: Path, reference: Any, live: Any) -> None:
    column = files.only(tmp_path, reference, live)
    assert column.verdict is DriftStatus.BROKEN
    assert " became " in column.sentence


@pytest.mark.parametrize("live", [[None] * 100, pl.Series([None] * 100, dtype=pl.Float64)])
def test_values__that_are_all_missing_are_broken(tmp_path: Path, live: Any) -> None:
    column = files.only(tmp_path, NORMAL, live)
    assert (column.verdict, column.sentence) == (
        DriftStatus.BROKEN,
        "has only missing values",
    )


def test_values__that_never_were_there_are_not_compared(tmp_path: Path) -> None:
    nothing = pl.Series([None] * ROWS, dtype=pl.Float64)
    for values in (nothing, [None] * ROWS):
        column = files.only(tmp_path, values, values)
        assert column.verdict is DriftStatus.INSUFFICIENT
        assert column.sentence == "is not compared (no values), except for missing values"


@pytest.mark.parametrize("times", [1e-9, 0.001, 0.1, 10, 1000])
@pytest.mark.parametrize("values", [NORMAL, np.exp(NORMAL), NORMAL + 40])
def test_unit__that_changed_is_broken(tmp_path: Path, values: Any, times: float) -> None:
    column = files.only(tmp_path, values, values[::2] * times)
    assert column.verdict is DriftStatus.BROKEN
    assert column.sentence == f"has another unit: values are {times:g} times as large"


@pytest.mark.parametrize("times", [0.5, 2, 3, 7])
def test_scale__that_is_no_power_of_ten_is_drift(tmp_path: Path, times: float) -> None:
    assert files.only(tmp_path, NORMAL, AGAIN * times).verdict is DriftStatus.DRIFT
