"""Gates as YAML lists them, in a manifest or alone, to rules; their sense is not judged here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interlock.domain.basics.diagnostics import Diagnostic, Severity, has_errors
from interlock.domain.model.manifest import GateRule, Task
from interlock.manifests import gate_checks, schema
from interlock.manifests.checked_document import CheckedDocument
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.strict import read_yaml


def read_gates(
    data: bytes, *, path: str, task: Task
) -> tuple[tuple[GateRule, ...], tuple[Diagnostic, ...]]:
    """Return the rules of a file that holds a list of gates, bare or under `gates:`, and every
    problem at once; there are no rules when one is an error. Slices are taken as they are named."""
    is_list = isinstance(read_yaml(data, path=path)[0], list)
    part, place = ("gates", ()) if is_list else ("gates_file", ("gates",))
    reading = CheckedDocument(data, path=path, schema=schema.load("manifest.v1.json", part))
    check_all(reading, place, task=task, slices=None)
    found = reading.diagnostics
    return (() if has_errors(found) else parse_all(reading, place)), found


def check_all(
    reading: CheckedDocument, place: Path, *, task: Task | None, slices: Sequence[str] | None
) -> None:
    """Complain of every gate in the list at `place` that fits its schema and makes no sense."""
    for index in range(reading.count(*place)):
        gate = reading.get(*place, index)
        for fault in () if gate is None else gate_checks.check(gate, task=task, slices=slices):
            path = (*place, index, *((fault.field,) if fault.field else ()))
            reading.complain(path, fault.message, fault.hint, fault.severity)


def warn_of_no_limit(reading: CheckedDocument, place: Path) -> None:
    """Say when no gate could hold the first model: there is no champion to compare it with."""
    gates = reading.get(*place) or ()
    if gates and all("against" in gate for gate in gates):
        said = "every gate compares with the champion, so none holds while there is no champion"
        reading.complain(place, said, "add one with min or max", Severity.WARNING)


def parse_all(reading: CheckedDocument, place: Path) -> tuple[GateRule, ...]:
    gates = reading.get(*place)
    return tuple(
        _parse(gate, line=reading.line((*place, index))) for index, gate in enumerate(gates)
    )


def _parse(gate: Mapping[str, Any], *, line: int) -> GateRule:
    numbers = {
        name: float(gate[name]) for name in (*gate_checks.BOUNDS, "confidence") if name in gate
    }
    return GateRule(
        metric=gate["metric"],
        against=gate.get("against"),
        slice=gate.get("slice"),
        line=line,
        **numbers,
    )
