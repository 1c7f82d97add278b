"""Makes data/diabetes.csv, byte for byte, from the patients that scikit-learn carries."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared import pointers

HERE = Path(__file__).resolve().parent
# Of 442 patients: the rest is for the day when more data arrive.
ROWS = 353
NAMES = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")


def render(rows: int) -> bytes:
    """Word the first `rows` patients as CSV: id, measurements in their own units, progression."""
    measured = pointers.read_carried("diabetes_data_raw")
    progression = pointers.read_carried("diabetes_target")
    lines = [",".join(["id", *NAMES, "progression"])]
    for row_id, row in enumerate(zip(measured[:rows], progression[:rows], strict=True)):
        values = (f"{value:g}" for part in row for value in part)
        lines.append(",".join([str(row_id), *values]))
    return ("\n".join(lines) + "\n").encode()


if __name__ == "__main__":
    raise SystemExit(pointers.run(HERE / "data" / "diabetes.csv", render=render, rows=ROWS))
