"""CSV files as typed columns: the separator, missing values and types follow from all rows, or from
the reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import polars as pl

from interlock.adapters.profiling.types import Family
from interlock.domain.basics import csv_dialect
from interlock.services import tables

MOST_UNREADABLE = 0.05
"""The share of values with another type than in the reference that count as missing. With more of
them, the column has another type."""
_SAMPLE = 1_000
_LINES = 100
_AT_ONCE = 64
"""Columns per pass: a query with thousands of expressions is slow."""
_TIMESTAMP = (
    r"^(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{8}T|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})"
    r"([T ]?\d{1,2}:?\d{2}(:?\d{2}([.,]\d+)?)?)?( ?([AaPp][Mm]|Z|UTC|[+-]\d{2}:?\d{0,2}))?$"
)
_WORDS: Mapping[bool, dict[str, bool]] = {
    False: {"true": True, "false": False},
    # For a column that is boolean in the reference: CSV has no notation for booleans.
    True: {"true": True, "false": False, "t": True, "f": False}
    | {"1": True, "0": False, "1.0": True, "0.0": False},
}


class Form(Enum):
    """The possible types of texts, the most specific first."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CLOCK = "time of day"
    TIMESTAMP = "date or time"


_BY_FAMILY = {
    Family.NUMBER: (Form.NUMBER,),
    Family.BOOLEAN: (Form.BOOLEAN,),
    Family.SPAN: (Form.CLOCK, Form.NUMBER),
    Family.TIME: (Form.TIMESTAMP,),
}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Values of another type than their column: their number and an example."""

    rows: int
    example: str


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file as polars scans it. In the columns `unreadable`, values of another type count as
    missing."""

    frame: pl.LazyFrame
    schema: Mapping[str, pl.DataType]
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)


def scan(name: str, *, wanted: Callable[[str], bool], known: Mapping[str, Family]) -> Table:
    """Return the wanted columns of a CSV file, each with the type of its values.

    `known` are the types in the reference: a text column stays text. For other columns all rows
    decide. Raises the errors of polars.
    """
    separator = _separator(name)
    texts = pl.scan_csv(name, glob=False, infer_schema=False, separator=separator)
    columns = [
        Column(each, separator=separator, family=known.get(each))
        for each in texts.collect_schema().names()
        if wanted(each)
    ]
    forms = _possible(columns, texts)
    typed = [each for each in columns if forms[each.name]]
    counts = _counts(typed, forms, texts) if typed else {}
    settled = {each.name: each.settle(forms[each.name], counts) for each in columns}
    unreadable = {
        name: Unreadable(odd, str(counts[f"{name}\0example"]))
        for name, (form, odd) in settled.items()
        if odd and form is not None
    }
    values = [each.value(settled[each.name][0], counts) for each in columns]
    frame = texts.with_columns(values).select(each.name for each in columns)
    return Table(frame, dict(frame.collect_schema()), unreadable)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of text; `family` is the type in the reference, None if it is unknown."""

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
        """The values of a form; null for other texts."""
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
            case Form.TIMESTAMP:
                # The value does not matter: times are not compared.
                return pl.when(self._text.str.contains(_TIMESTAMP)).then(
                    pl.lit(0).cast(pl.Datetime("us"))
                )

    def _with_point(self) -> pl.Expr:
        if self.separator == csv_dialect.COMMA:
            return self._text
        return self._text.str.replace(csv_dialect.DECIMAL_COMMA, "${1}.${2}")

    def counts(self, forms: Sequence[Form]) -> list[pl.Expr]:
        """The number of values, the number of each form, and an example of another form."""
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

    def mismatches(self) -> list[pl.Expr]:
        """For each form, True if a value has another form."""
        present = self.present
        return [
            (present & self.read(form).is_null()).any().alias(f"{self.name}\0{form.value}")
            for form in self.candidates
        ]

    def settle(
        self, forms: Sequence[Form], counts: Mapping[str, object]
    ) -> tuple[Form | None, int]:
        """The form of the column, None for text, and the number of values with another form."""
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
    count = counts[name]
    assert isinstance(count, int)  # noqa: S101 - a sum of booleans
    return count


def _possible(columns: Sequence[Column], texts: pl.LazyFrame) -> dict[str, Sequence[Form]]:
    """The forms that fit the first rows: most text columns need no further pass."""
    sample = texts.head(_SAMPLE).collect(engine="streaming")
    unsure = [each for each in columns if each.candidates and not each.is_known]
    odd: dict[str, object] = {}
    for group in _groups(unsure):
        expressions = [one for each in group for one in each.mismatches()]
        odd |= sample.select(expressions).row(0, named=True)
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
    counts: dict[str, object] = {}
    for group in _groups(columns):
        expressions = [one for each in group for one in each.counts(forms[each.name])]
        counts |= texts.select(expressions).collect(engine="streaming").row(0, named=True)
    return counts


def _separator(name: str) -> str:
    if "://" not in name:
        return tables.separator(Path(name))
    # A separator that is not in any text, so that every line is one column.
    lines = pl.scan_csv(
        name, glob=False, infer_schema=False, has_header=False, separator="\x1f",
        quote_char=None, n_rows=_LINES,
    )  # fmt: skip
    head = "".join(f"{line or ''}\n" for line in lines.collect().to_series(0).to_list())
    return csv_dialect.separator(head)
