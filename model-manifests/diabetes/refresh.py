"""Adds to the training data what was served since it moved and has a label; nothing is learnt here.

`interlock retrain` runs it before it commits the pointer: it says in the environment which windows
there were, and has the old data ready.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

# The folder above holds what the models share; programs run with their own folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared import pointers

DATA = Path("data/diabetes.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--served", type=Path, required=True, help="where live/ and labels/ lie")
    served = parser.parse_args().served
    windows = json.loads(os.environ["INTERLOCK_WINDOWS"])
    if not windows:
        print("refresh: no window was looked at yet", flush=True)
        return
    start, end = moved(windows)
    known = pl.read_csv(DATA, infer_schema=False)
    rows = read_served(served, start=start, end=end).filter(
        ~pl.col("id").is_in(known["id"].implode())
    )
    content = render(pl.concat([known, rows.select(known.columns)]))
    pointers.write_data(DATA, content)
    count = known.height + rows.height
    pointer = pointers.describe(DATA.name, content, rows=count)
    DATA.with_name(f"{DATA.name}.dvc").write_text(pointer, "utf-8", newline="\n")
    print(f"refresh: {rows.height} rows of {start} to {end} join {known.height}", flush=True)


def moved(windows: list[dict[str, Any]]) -> tuple[str, str]:
    """Return the first day on which live data were not as before, and the day after the last."""
    drifted = [w for w in windows if w["verdict"] in ("warning", "drift")] or windows[-1:]
    return _day(drifted[0]["start"]), _day(drifted[-1]["end"])


def read_served(folder: Path, *, start: str, end: str) -> pl.DataFrame:
    """Return the labelled rows of the days from `start` until before `end`, each value as text."""
    live, labels = (
        pl.scan_parquet(folder / name / "date=*" / "*.parquet", hive_partitioning=True)
        for name in ("live", "labels")
    )
    of_days = pl.col("date").cast(pl.String).is_between(pl.lit(start), pl.lit(end), closed="left")
    rows = live.filter(of_days).join(labels.drop("date"), on="id").sort("id").collect()
    numbers = rows.rename({"target": "progression"}).drop("date", "prediction")
    # As short as they are exact: a rounded target would be another than the one that was served.
    return numbers.with_columns(pl.all().cast(pl.String))


def render(rows: pl.DataFrame) -> bytes:
    return rows.write_csv().encode()


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).date().isoformat()


if __name__ == "__main__":
    main()
