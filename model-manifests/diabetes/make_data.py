"""Makes data/diabetes.csv, byte for byte, from the patients that scikit-learn carries."""

from __future__ import annotations

import sys
from pathlib import Path

from sklearn.datasets import load_diabetes

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared import pointers

HERE = Path(__file__).resolve().parent
# Of 442 patients: the rest is for the day when more data arrive.
ROWS = 353


def render(rows: int) -> bytes:
    """Word the first `rows` patients as CSV: id, measurements in their own units, progression."""
    bunch = load_diabetes(scaled=False)
    lines = [",".join(["id", *bunch.feature_names, "progression"])]
    for row_id in range(min(rows, len(bunch.target))):
        values = (f"{value:g}" for value in (*bunch.data[row_id], bunch.target[row_id]))
        lines.append(",".join([str(row_id), *values]))
    return ("\n".join(lines) + "\n").encode()


if __name__ == "__main__":
    raise SystemExit(pointers.run(HERE / "data" / "diabetes.csv", render=render, rows=ROWS))
