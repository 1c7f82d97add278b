"""Checks one YAML file (syntax, schema, meaning) and collects its errors."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.manifests import schema_errors
from interlock.manifests.schema import Schema
from interlock.yaml_reader.error_collector import MAX_SHOWN, ErrorCollector
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.strict import read_yaml

# The meaning of a file with more schema errors than this is not checked.
_MOST_PROBLEMS = 2 * MAX_SHOWN


class CheckedDocument:
    """A document's value, and the parts that fit the schema; `fill` changes texts in the value."""

    def __init__(
        self,
        data: bytes,
        *,
        path: str,
        schema: Schema,
        fill: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self.path = path
        self.value: Any
        written, self.positions, self._syntax = read_yaml(data, path=path)
        self.value = fill(written)
        self._data = data
        self._complaints = ErrorCollector(path)
        # An ambiguous word is reported once, not once per check.
        self._doubted = {(d.line, d.column) for d in self._syntax}
        self._unsound: set[Path] = set()
        if self.value is None and self._syntax:
            self._unsound.add(())  # without a document there is nothing to check
        else:
            self._fit(schema)

    def _fit(self, schema: Schema) -> None:
        problems = schema_errors.explain(self.value, schema=schema, positions=self.positions)
        for problem in itertools.islice(problems, _MOST_PROBLEMS):
            self._unsound.add(problem.path)
            if problem.position not in self._doubted:
                self._complaints.add(problem.position, problem.message, problem.hint)
        if len(self._unsound) >= _MOST_PROBLEMS:
            self._unsound.add(())

    def complain(
        self, path: Path, message: str, hint: str = "", severity: Severity = Severity.ERROR
    ) -> None:
        """Report an error of a value that fits the schema."""
        position = self.positions.value(path)
        if position not in self._doubted:
            self._complaints.add(position, message, hint, severity=severity)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(sorted((*self._syntax, *self._complaints.diagnostics(self._data))))

    def get(self, *path: str | int) -> Any:
        """Return the value at a path; None when it is absent, or has a schema error."""
        if self._unsound and self._is_unsound(path):
            return None
        value = self.value
        for part in path:
            value = value[part] if type(part) is int else value.get(part)
            if value is None:
                return None
        return value

    def has(self, name: str) -> bool:
        """True if the document has this field, valid or not."""
        return isinstance(self.value, dict) and name in self.value

    def _is_unsound(self, path: Path) -> bool:
        return any(bad[: len(path)] == path or path[: len(bad)] == bad for bad in self._unsound)

    def count(self, *path: str | int) -> int:
        """Return the number of entries of a list, valid or not; 0 without a list."""
        value = self.value
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return len(value) if isinstance(value, list) else 0

    def line(self, path: Path) -> int:
        """Return the line of an entry of a list."""
        return self.positions.line_of(self.get(*path), path)
