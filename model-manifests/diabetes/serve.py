"""Plays production: patients of one day, what a model answers for them, what became of them.

Patients are drawn from those that scikit-learn carries; their progression is what a regression
on all of these says, plus chance. `--shift bmi=1.2` moves a measurement by so many standard
deviations: another clinic, other patients, the same disease.
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
    rows = patients(options.rows, shift=dict(options.shift), seed=options.first_id)
    ids = range(options.first_id, options.first_id + options.rows)
    rows = rows.insert_column(0, pl.Series("id", ids))
    model = skops.io.load(options.model / "model.skops")
    features = [name for name in rows.columns if name not in ("id", "target")]
    answered = model.predict(rows.select(features).to_numpy())
    live = rows.drop("target").with_columns(prediction=pl.Series(answered))
    for name, frame in (("live", live), ("labels", rows.select("id", "target"))):
        path = options.to / name / f"date={options.day}" / "rows.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path)
        print(f"serve: {path}, {frame.height} rows", flush=True)


def patients(count: int, *, shift: dict[str, float], seed: int) -> pl.DataFrame:
    """Return ten measurements and the progression, `target`, of `count` patients."""
    known = load_diabetes(scaled=False)
    truth = LinearRegression().fit(known.data, known.target)
    noise = float(np.std(known.target - truth.predict(known.data)))
    spread = known.data.std(axis=0)
    chance = np.random.default_rng(seed)
    moved = known.data[chance.integers(0, len(known.data), count)]
    for name, by in shift.items():
        place = known.feature_names.index(name)
        moved[:, place] += by * spread[place]
    target = truth.predict(moved) + chance.normal(0, noise, count)
    frame = pl.DataFrame(moved, schema=list(known.feature_names))
    return frame.with_columns(target=pl.Series(np.clip(target, LEAST_PROGRESSION, None)))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="the folder with model.skops")
    parser.add_argument("--to", type=Path, required=True, help="where live/ and labels/ lie")
    parser.add_argument("--day", required=True, help="2026-03-14")
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--first-id", type=int, required=True, help="of ids that are not yet used")
    parser.add_argument("--shift", type=_shift, action="append", default=[], help="bmi=1.2")
    return parser.parse_args()


def _shift(text: str) -> tuple[str, float]:
    name, _, by = text.partition("=")
    return name, float(by)


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        main()
