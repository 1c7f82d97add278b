"""Plays production: patients of some days, what a model answers for them, what became of them.

Patients are drawn from those that scikit-learn carries; their progression is what a regression
on all of these says, plus chance. `--shift bmi=1.2` moves a measurement by so many standard
deviations, and `--day 2026-03-16=0.5` does so to half of that day's patients: another clinic, other
people, the same disease.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl
import skops.io
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from threadpoolctl import threadpool_limits

LEAST_PROGRESSION = 20


def main() -> None:
    options = read_options()
    model = skops.io.load(options.model / "model.skops")
    shift = dict(options.shift)
    for number, (day, share) in enumerate(options.day):
        first_id = options.first_id + number * options.rows
        rows = patients(options.rows, shift=shift, share=share, first_id=first_id)
        features = [name for name in rows.columns if name not in ("id", "target")]
        answered = model.predict(rows.select(features).to_numpy())
        live = rows.drop("target").with_columns(prediction=pl.Series(answered))
        write(live, options.to / "live" / f"date={day}")
        write(rows.select("id", "target"), options.to / "labels" / f"date={day}")


def write(frame: pl.DataFrame, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(folder / "rows.parquet")
    print(f"serve: {folder}, {frame.height} rows", flush=True)


def patients(count: int, *, shift: dict[str, float], share: float, first_id: int) -> pl.DataFrame:
    """Return id, ten measurements and the progression, `target`, of `count` patients."""
    known = load_diabetes(scaled=False)
    truth = LinearRegression().fit(known.data, known.target)
    noise = float(np.std(known.target - truth.predict(known.data)))
    spread = known.data.std(axis=0)
    chance = np.random.default_rng(first_id)
    moved = known.data[chance.integers(0, len(known.data), count)]
    elsewhere = chance.random(count) < share
    for name, by in shift.items():
        place = known.feature_names.index(name)
        moved[elsewhere, place] += by * spread[place]
    target = truth.predict(moved) + chance.normal(0, noise, count)
    frame = pl.DataFrame(moved, schema=list(known.feature_names))
    frame = frame.with_columns(target=pl.Series(np.clip(target, LEAST_PROGRESSION, None)))
    return frame.insert_column(0, pl.Series("id", range(first_id, first_id + count)))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="the folder with model.skops")
    parser.add_argument("--to", type=Path, required=True, help="where live/ and labels/ lie")
    day = "a day, and the share of its patients that are shifted; may be repeated"
    parser.add_argument("--day", type=_day, required=True, action="append", help=day)
    parser.add_argument("--rows", type=int, default=400, help="a day")
    parser.add_argument("--first-id", type=int, required=True, help="of ids that are not yet used")
    parser.add_argument("--shift", type=_shift, action="append", default=[], help="bmi=1.2")
    return parser.parse_args()


def _day(text: str) -> tuple[str, float]:
    day, _, share = text.partition("=")
    return day, float(share or 0)


def _shift(text: str) -> tuple[str, float]:
    name, _, by = text.partition("=")
    return name, float(by)


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        main()
