"""Reads gates from the YAML of a manifest or of a separate file."""

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
    """Return the rules of a file with a list of gates, bare or under `gates:`, and every problem at
    once.

    There are no rules if one problem is an error. The names of slices are not checked.
    """
    is_list = isinstance(read_yaml(data, path=path)[0], list)
    part, place = ("gates", ()) if is_list else ("gates_file", ("gates",))
    reading = CheckedDocument(data, path=path, schema=schema.load("manifest.v1.json", part))
    check_all(reading, place, task=task, slices=None)
    diagnostics = reading.diagnostics
    return (() if has_errors(diagnostics) else parse_all(reading, place)), diagnostics


def check_all(
    reading: CheckedDocument, place: Path, *, task: Task | None, slices: Sequence[str] | None
) -> None:
    """Report every gate in the list at `place` that contradicts itself."""
    for index in range(reading.count(*place)):
        gate = reading.get(*place, index)
        for fault in () if gate is None else gate_checks.check(gate, task=task, slices=slices):
            path = (*place, index, *((fault.field,) if fault.field else ()))
            reading.complain(path, fault.message, fault.hint, fault.severity)


def warn_of_no_limit(reading: CheckedDocument, place: Path) -> None:
    """Warn when no gate can pass the first model: it has no champion to compare with."""
    gates = reading.get(*place) or ()
    if gates and all("against" in gate for gate in gates):
        message = "every gate compares with the champion, so the first model cannot pass"
        reading.complain(place, message, "add one with min or max", Severity.WARNING)


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
