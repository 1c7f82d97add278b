"""Makes data/digits.csv, byte for byte, from the handwritten digits that scikit-learn carries."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared import pointers

HERE = Path(__file__).resolve().parent
ROWS = 1797


def render(rows: int) -> bytes:
    """Word the first `rows` images as CSV: id, pixels row by row in whole grey steps, the digit."""
    names = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    lines = [",".join(["id", *names, "digit"])]
    for row_id, row in enumerate(pointers.read_carried("digits")[:rows]):
        lines.append(",".join([str(row_id), *(str(int(value)) for value in row)]))
    return ("\n".join(lines) + "\n").encode()


if __name__ == "__main__":
    raise SystemExit(pointers.run(HERE / "data" / "digits.csv", render=render, rows=ROWS))
