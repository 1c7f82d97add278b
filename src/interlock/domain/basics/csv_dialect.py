"""The separator of a CSV file, and its markers for missing values.

One list for every CSV that is read: reference, live data, labels, predictions. A marker is a
missing value only in a column that is otherwise numbers, dates or booleans: in a column of text
`NA` may be Namibia, and `None` an answer.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

HEAD_BYTES = 65_536
"""The part of a file that decides the separator."""

COMMA = ","
SEPARATORS = (COMMA, ";", "\t", "|")
"""In order of preference. Spreadsheets write `;` if the comma is the decimal sign."""

MISSING = frozenset(
    {
        "",
        # R, pandas, readr
        "na", "n/a", "n.a.", "<na>", "#na", "#n/a", "#n/a n/a",
        "nan", "+nan", "-nan", "nat", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan",
        # SQL: exports of MySQL, PostgreSQL and Hive; programming languages
        "null", "(null)", "#null!", "\\n", "\\\\n", "none", "nil",
        # SAS and Stata, ARFF and UCI, people
        ".", "?", "-", "--", "missing",
    }
)  # fmt: skip
"""Markers without blanks around them and in small letters. The first two lines are those of pandas
(`pandas.read_csv`, `na_values`) and readr, the third those of `LOAD DATA` and `COPY`."""

DECIMAL_COMMA = r"^([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)$"
"""A number with a decimal comma and no other sign, for readers with their own expressions: the two
groups are joined by a point. It does not apply if the comma separates columns."""


def is_missing(cell: str) -> bool:
    """True if a cell is a missing value, in a column of numbers, dates or booleans."""
    return cell.strip().lower() in MISSING


def separator(head: str) -> str:
    """Return the separator that gives all first records of a file the same number of columns.

    The default is a comma. The last record may be incomplete.
    """
    counts = {each: columns for each in SEPARATORS if (columns := _columns(head, each)) > 1}
    return max(counts, key=lambda each: counts[each], default=COMMA)


def _columns(head: str, separator: str) -> int:
    """Return the number of columns of every record but the last; 0 if they differ."""
    records = csv.reader(io.StringIO(head.removeprefix("\ufeff"), newline=""), delimiter=separator)
    try:
        sizes = [len(record) for record in records if record]
    except csv.Error:
        return 0
    return _common(sizes if len(sizes) < 2 or head.endswith("\n") else sizes[:-1])


def _common(sizes: Sequence[int]) -> int:
    return sizes[0] if len(set(sizes)) == 1 else 0
