"""Makes data/digits.csv, byte for byte, from the handwritten digits that scikit-learn carries."""

from __future__ import annotations

import sys
from pathlib import Path

from sklearn.datasets import load_digits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared import pointers

HERE = Path(__file__).resolve().parent
ROWS = 1797


def render(rows: int) -> bytes:
    """Word the first `rows` images as CSV: id, pixels row by row in whole grey steps, the digit."""
    bunch = load_digits()
    lines = [",".join(["id", *bunch.feature_names, "digit"])]
    for row_id in range(min(rows, len(bunch.target))):
        pixels = (str(int(grey)) for grey in bunch.data[row_id])
        lines.append(",".join([str(row_id), *pixels, str(bunch.target[row_id])]))
    return ("\n".join(lines) + "\n").encode()


if __name__ == "__main__":
    raise SystemExit(pointers.run(HERE / "data" / "digits.csv", render=render, rows=ROWS))
