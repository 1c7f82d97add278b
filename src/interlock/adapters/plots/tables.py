"""Reads the data of a declared plot: from CSV, TSV, JSON or YAML to lines, as DVC reads them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interlock import errors
from interlock.domain.model.declared_plots import Axis, Plot
from interlock.yaml_reader import dvc

_MOST_POINTS = 2_000


class NotDrawn(Exception):
    """The reason why a plot is not drawn."""


@dataclass(frozen=True, slots=True)
class PlotLine:
    """One column against another; `across` is the name of the other column, `x` its numbers or, if
    one value is not a number, its texts."""

    name: str
    across: str
    x: Sequence[Any]
    y: Sequence[Any]


def lines(plot: Plot, files: Mapping[str, bytes]) -> list[PlotLine]:
    """Return the lines of a plot; raises NotDrawn with the reason."""
    rows = {path: _rows(files[path], path=path, header=plot.header) for path in plot.paths}
    return [line for axis in plot.y for line in _lines(plot, axis, rows)]


def confusion(line: PlotLine) -> Counter[tuple[str, str]]:
    """Count the rows of each actual class (the horizontal column) that were predicted as each
    class."""
    return Counter(zip(map(str, line.x), map(str, line.y), strict=True))


def _lines(plot: Plot, axis: Axis, rows: Mapping[str, list[dict[str, Any]]]) -> list[PlotLine]:
    table = rows[axis.path]
    columns = axis.columns or (list(table[0])[-1],)
    across = rows[plot.x.path] if plot.x and plot.x.path else table
    name = plot.x.columns[0] if plot.x and plot.x.columns else ""
    x = _column(across, name) if name else [float(n) for n in range(len(table))]
    texts = _TEXTS.get(plot.template.partition("_")[0], "")
    drawn = []
    for column in columns:
        y: Sequence[Any] = _column(table, column)
        if "y" not in texts:
            y = _required(_numbers(y), f"{column} of {axis.path}")
        if len(y) != len(x):
            raise NotDrawn(f"{axis.path} has {len(y)} rows, and the horizontal axis {len(x)}")
        step = 1 if texts else -(-len(y) // _MOST_POINTS)
        drawn.append(PlotLine(column, name or "step", _across(x, texts, name)[::step], y[::step]))
    return drawn


_TEXTS = {"confusion": "xy", "bar": "y"}
"""The templates of DVC with names on an axis."""


def _across(x: list[Any], texts: str, name: str) -> Sequence[Any]:
    if "x" in texts:
        return x
    numbers = _numbers(x)
    if texts:
        return _required(numbers, name or "the horizontal axis")
    return [str(each) for each in x] if numbers is None else numbers


def _required(numbers: list[float] | None, name: str) -> list[float]:
    if numbers is None:
        raise NotDrawn(f"{name} is not a column of numbers")
    return numbers


def _column(table: list[dict[str, Any]], name: str) -> list[Any]:
    if name not in table[0]:
        raise NotDrawn(f"there is no column {name} among {', '.join(map(str, table[0]))}")
    return [row.get(name) for row in table]


def _numbers(values: Sequence[Any]) -> list[float] | None:
    """Return the values as numbers, gaps as NaN; None if one is other text."""
    try:
        numbers = [math.nan if v in {None, ""} else float(v) for v in values]
    except (TypeError, ValueError, OverflowError):
        return None
    return numbers


def _rows(data: bytes, *, path: str, header: bool) -> list[dict[str, Any]]:
    kind = path[path.rfind(".") :].lower()
    try:
        text = data.decode("utf-8-sig")
        if kind in {".csv", ".tsv"}:
            rows = _separated(text, delimiter="\t" if kind == ".tsv" else ",", header=header)
        else:
            is_json = kind == ".json"
            content = _json(text) if is_json else dvc.read(data, path=path)
            rows = _first_list(content)
    except errors.InterlockError as error:
        raise NotDrawn(f"{path} cannot be read: {error.message[:120]}") from error
    except (ValueError, csv.Error, RecursionError) as error:
        raise NotDrawn(f"{path} cannot be read: {str(error)[:120]}") from error
    if not rows:
        raise NotDrawn(f"{path} has no rows")
    return rows


def _json(text: str) -> Any:
    """Parse JSON without duplicate keys."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            twice = next(key for key, times in Counter(k for k, _ in pairs).items() if times > 1)
            raise ValueError(f"duplicate key {twice!r}")
        return mapping

    return json.loads(text, object_pairs_hook=once)


def _separated(text: str, *, delimiter: str, header: bool) -> list[dict[str, Any]]:
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    if not rows:
        return []
    names = rows.pop(0) if header else [str(n) for n in range(len(rows[0]))]
    return [dict(zip(names, row, strict=False)) for row in rows]


def _first_list(content: Any) -> list[dict[str, Any]]:
    """Return the first list of mappings at any depth, as DVC uses it."""
    if isinstance(content, list) and content and all(isinstance(row, dict) for row in content):
        return content
    for value in content.values() if isinstance(content, dict) else ():
        if rows := _first_list(value):
            return rows
    return []
