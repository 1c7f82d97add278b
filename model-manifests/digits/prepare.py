"""Splits the digits into training and test rows and names their stroke; nothing is learnt here."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import yaml

# The folder above holds what the models share; programs run with their own folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared import splitting


def main() -> None:
    params = yaml.safe_load(Path("params.yaml").read_text("utf-8"))
    rows = read_digits(Path("data/digits.csv"))
    rows = rows.with_columns(stroke=stroke(rows, threshold=params["stroke"]["ink_threshold"]))
    held_out = pl.Series([splitting.held_out(row_id, **params["split"]) for row_id in rows["id"]])
    folder = Path("prepared")
    folder.mkdir(exist_ok=True)
    for name, part in (("train", rows.filter(~held_out)), ("test", rows.filter(held_out))):
        part.write_parquet(folder / f"{name}.parquet")
        print(f"prepare: {part.height} rows to {name}", flush=True)


def read_digits(path: Path) -> pl.DataFrame:
    """Read id, 64 pixels of 0 to 16, and the digit; stop at anything else."""
    rows = pl.read_csv(path, infer_schema_length=None)
    pixels = rows.select(pl.col("^pixel_.*$"))
    if pixels.width != 64 or rows["id"].n_unique() != rows.height:
        raise SystemExit(f"{path}: expected 64 pixels and an id of its own in every row")
    if rows.null_count().sum_horizontal().item():
        raise SystemExit(f"{path}: a value is missing")
    if min(pixels.min().row(0)) < 0 or max(pixels.max().row(0)) > 16:
        raise SystemExit(f"{path}: a pixel is not between 0 and 16")
    return rows


def stroke(rows: pl.DataFrame, *, threshold: int) -> pl.Expr:
    """Call a digit thin or thick by its ink, the sum of its pixels."""
    ink = pl.sum_horizontal(name for name in rows.columns if name.startswith("pixel_"))
    return pl.when(ink < threshold).then(pl.lit("thin")).otherwise(pl.lit("thick"))


if __name__ == "__main__":
    main()
