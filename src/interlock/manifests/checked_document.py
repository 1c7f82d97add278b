"""One YAML file through its stages (syntax, schema, meaning), complaints gathered on the way."""

from __future__ import annotations

import itertools
from typing import Any

from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.manifests import schema_errors
from interlock.manifests.schema import Schema
from interlock.yaml_reader.error_collector import MAX_SHOWN, ErrorCollector
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.strict import read_yaml

# A file with more faults than this is not worth asking what its sound parts mean.
_MOST_PROBLEMS = 2 * MAX_SHOWN


class CheckedDocument:
    """A document's value, and which of its parts are sound enough to ask what they mean."""

    def __init__(self, data: bytes, *, path: str, schema: Schema) -> None:
        self.path = path
        self.value: Any
        self.value, self.positions, self._syntax = read_yaml(data, path=path)
        self._data = data
        self._complaints = ErrorCollector(path)
        # A word whose meaning is in doubt is complained of once, not for each of its meanings.
        self._doubted = {(d.line, d.column) for d in self._syntax}
        self._unsound: set[Path] = set()
        if self.value is None and self._syntax:
            self._unsound.add(())  # there is no document, so nothing is asked of it
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
        """Complain of the value at a path that fits the schema."""
        position = self.positions.value(path)
        if position not in self._doubted:
            self._complaints.add(position, message, hint, severity=severity)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(sorted((*self._syntax, *self._complaints.diagnostics(self._data))))

    def get(self, *path: str | int) -> Any:
        """The value at a path; None when it is absent, or something in it does not fit."""
        if any(bad[: len(path)] == path or path[: len(bad)] == bad for bad in self._unsound):
            return None
        found = self.value
        for part in path:
            if isinstance(part, int):
                found = found[part]
            elif part not in found:
                return None
            else:
                found = found[part]
        return found

    def count(self, *path: str | int) -> int:
        """How many entries the list at a path has, sound or not; 0 when there is no list."""
        found = self.value
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return len(found) if isinstance(found, list) else 0

    def line(self, path: Path) -> int:
        return self.positions.key(path).line
