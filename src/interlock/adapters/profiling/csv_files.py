"""CSV files as typed columns: what separates them, what is missing and what is a number is told by
every row, or by what the reference knows; no row is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import polars as pl

from interlock.adapters.profiling.types import Family
from interlock.domain.basics import csv_dialect

MOST_UNREADABLE = 0.05
"""The share of a column's values that may be no number, date or boolean, where the reference says
that it holds them. These few are missing values; with more the column is of another type."""
_SAMPLE = 1_000
_LINES = 100
_AT_ONCE = 64
"""Columns that are counted in one pass: a query of thousands of expressions takes its time."""
_MOMENT = (
    r"^(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{8}T|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})"
    r"([T ]?\d{1,2}:?\d{2}(:?\d{2}([.,]\d+)?)?)?( ?([AaPp][Mm]|Z|UTC|[+-]\d{2}:?\d{0,2}))?$"
)
_WORDS: Mapping[bool, dict[str, bool]] = {
    False: {"true": True, "false": False},
    # What is known to be a boolean is one in other signs as well: CSV has none of its own.
    True: {"true": True, "false": False, "t": True, "f": False}
    | {"1": True, "0": False, "1.0": True, "0.0": False},
}


class Form(Enum):
    """What the texts of a column may be, the most special first."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CLOCK = "time of day"
    MOMENT = "date or time"


_BY_FAMILY = {
    Family.NUMBER: (Form.NUMBER,),
    Family.BOOLEAN: (Form.BOOLEAN,),
    Family.SPAN: (Form.CLOCK, Form.NUMBER),
    Family.TIME: (Form.MOMENT,),
}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Values that are not what their column holds: how many, and one of them."""

    rows: int
    example: str


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV as polars scans it. `unreadable` names columns whose odd values are missing ones."""

    frame: pl.LazyFrame
    schema: Mapping[str, pl.DataType]
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)


def scan(name: str, *, wanted: Callable[[str], bool], known: Mapping[str, Family]) -> Table:
    """Return the columns of a CSV that are wanted, each with the type that its values have.

    `known` is what the reference says of them: a text stays one, whatever it looks like. Of other
    columns all rows decide. Raises what polars raises.
    """
    separator = csv_dialect.separator(_head(name))
    texts = pl.scan_csv(name, glob=False, infer_schema=False, separator=separator)
    columns = [
        Column(each, separator=separator, family=known.get(each))
        for each in texts.collect_schema().names()
        if wanted(each)
    ]
    forms = _possible(columns, texts)
    asked = [each for each in columns if forms[each.name]]
    counts = _counts(asked, forms, texts) if asked else {}
    found = {each.name: each.settle(forms[each.name], counts) for each in columns}
    unreadable = {
        name: Unreadable(odd, str(counts[f"{name}\0example"]))
        for name, (form, odd) in found.items()
        if odd and form is not None
    }
    values = [each.value(found[each.name][0], counts) for each in columns]
    frame = texts.with_columns(values).select(each.name for each in columns)
    return Table(frame, dict(frame.collect_schema()), unreadable)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of text; `family` is the reference's, None where nothing is known of it."""

    name: str
    separator: str
    family: Family | None

    @property
    def is_known(self) -> bool:
        return self.family in _BY_FAMILY

    @property
    def candidates(self) -> Sequence[Form]:
        if self.family is Family.TEXT:
            return ()
        return _BY_FAMILY[self.family] if self.family in _BY_FAMILY else tuple(Form)

    @property
    def present(self) -> pl.Expr:
        return ~self._text.str.to_lowercase().is_in(list(csv_dialect.MISSING)).fill_null(True)

    @property
    def _text(self) -> pl.Expr:
        return pl.col(self.name).str.strip_chars()

    def read(self, form: Form) -> pl.Expr:
        """The values of a form; null for what is none."""
        match form:
            case Form.INTEGER:
                return self._text.cast(pl.Int64, strict=False)
            case Form.NUMBER:
                return self._with_point().cast(pl.Float64, strict=False)
            case Form.BOOLEAN:
                return self._text.str.to_lowercase().replace_strict(
                    _WORDS[self.is_known], default=None, return_dtype=pl.Boolean
                )
            case Form.CLOCK:
                forms = ("%H:%M:%S%.f", "%H:%M")
                return pl.coalesce(self._text.str.to_time(each, strict=False) for each in forms)
            case Form.MOMENT:
                # Which moment it is counts for nothing: time goes on.
                return pl.when(self._text.str.contains(_MOMENT)).then(
                    pl.lit(0).cast(pl.Datetime("us"))
                )

    def _with_point(self) -> pl.Expr:
        if self.separator == csv_dialect.COMMA:
            return self._text
        return self._text.str.replace(csv_dialect.DECIMAL_COMMA, "${1}.${2}")

    def counts(self, forms: Sequence[Form]) -> list[pl.Expr]:
        """How many values there are, how many of each form, and one that is not of the last."""
        present = self.present
        odd = present & self.read(forms[-1]).is_null()
        return [
            present.sum().alias(f"{self.name}\0present"),
            *(
                (present & self.read(form).is_not_null()).sum().alias(f"{self.name}\0{form.value}")
                for form in forms
            ),
            pl.col(self.name).filter(odd).first().alias(f"{self.name}\0example"),
        ]

    def doubts(self) -> list[pl.Expr]:
        """For each form whether there is a value that is not of it."""
        present = self.present
        return [
            (present & self.read(form).is_null()).any().alias(f"{self.name}\0{form.value}")
            for form in self.candidates
        ]

    def settle(
        self, forms: Sequence[Form], counts: Mapping[str, object]
    ) -> tuple[Form | None, int]:
        """The form of the whole column, None for text, and how many values are not of it."""
        if not forms:
            return None, 0
        present = _count(counts, f"{self.name}\0present")
        most = MOST_UNREADABLE * present if self.is_known else 0
        odd = {form: present - _count(counts, f"{self.name}\0{form.value}") for form in forms}
        best = min(forms, key=lambda form: odd[form])
        return (best, odd[best]) if odd[best] <= most else (None, 0)

    def value(self, form: Form | None, counts: Mapping[str, object]) -> pl.Expr:
        if form is None:
            return pl.col(self.name)
        if not self.is_known and not counts[f"{self.name}\0present"]:
            return pl.lit(None).alias(self.name)
        return self.read(form).alias(self.name)


def _count(counts: Mapping[str, object], name: str) -> int:
    found = counts[name]
    assert isinstance(found, int)  # noqa: S101 - a sum of booleans
    return found


def _possible(columns: Sequence[Column], texts: pl.LazyFrame) -> dict[str, Sequence[Form]]:
    """The forms that the first rows leave, so that most text is read as such but once."""
    sample = texts.head(_SAMPLE).collect(engine="streaming")
    unsure = [each for each in columns if each.candidates and not each.is_known]
    odd: dict[str, object] = {}
    for group in _groups(unsure):
        asked = [expression for each in group for expression in each.doubts()]
        odd |= sample.select(asked).row(0, named=True)
    return {
        each.name: [form for form in each.candidates if not odd.get(f"{each.name}\0{form.value}")]
        for each in columns
    }


def _groups(columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
    for start in range(0, len(columns), _AT_ONCE):
        yield columns[start : start + _AT_ONCE]


def _counts(
    columns: Sequence[Column], forms: Mapping[str, Sequence[Form]], texts: pl.LazyFrame
) -> dict[str, object]:
    found: dict[str, object] = {}
    for group in _groups(columns):
        asked = [expression for each in group for expression in each.counts(forms[each.name])]
        found |= texts.select(asked).collect(engine="streaming").row(0, named=True)
    return found


def _head(name: str) -> str:
    if "://" not in name:
        with Path(name).open("rb") as file:
            return file.read(csv_dialect.HEAD_BYTES).decode(errors="replace")
    # A separator that no text has: every line is one column.
    lines = pl.scan_csv(
        name, glob=False, infer_schema=False, has_header=False, separator="\x1f",
        quote_char=None, n_rows=_LINES,
    )  # fmt: skip
    return "\n".join(line or "" for line in lines.collect().to_series(0).to_list()) + "\n"
