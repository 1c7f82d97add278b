"""Splits the patients into training and test rows and names their age; nothing is learnt here."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import yaml

# The folder above holds what the models share; programs run with their own folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared import splitting


def main() -> None:
    split = yaml.safe_load(Path("params.yaml").read_text("utf-8"))["split"]
    rows = read_patients(Path("data/diabetes.csv"))
    band = pl.when(pl.col("age") < 50).then(pl.lit("under 50")).otherwise(pl.lit("50 and over"))
    rows = rows.with_columns(age_band=band)
    held_out = pl.Series([splitting.held_out(row_id, **split) for row_id in rows["id"]])
    folder = Path("prepared")
    folder.mkdir(exist_ok=True)
    for name, part in (("train", rows.filter(~held_out)), ("test", rows.filter(held_out))):
        part.write_parquet(folder / f"{name}.parquet")
        print(f"prepare: {part.height} rows to {name}", flush=True)


def read_patients(path: Path) -> pl.DataFrame:
    """Read id, ten measurements and the progression a year later; stop at a gap or a double."""
    # All rows decide a column's type, and measurements are floats even where they look whole.
    rows = pl.read_csv(path, infer_schema_length=None)
    if rows.width != 12 or rows["id"].n_unique() != rows.height:
        raise SystemExit(f"{path}: expected 12 columns and an id of its own in every row")
    if rows.null_count().sum_horizontal().item():
        raise SystemExit(f"{path}: a value is missing")
    return rows.with_columns(pl.exclude("id").cast(pl.Float64))


if __name__ == "__main__":
    main()
