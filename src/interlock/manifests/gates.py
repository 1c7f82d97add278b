"""Reads gates from the YAML of a manifest or of a separate file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from interlock.domain.basics.diagnostics import Diagnostic, Severity, has_errors
from interlock.domain.model.manifest import Better, GateRule, Task
from interlock.domain.model.metrics import Metric
from interlock.manifests import gate_checks, schema
from interlock.manifests.checked_document import CheckedDocument
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.strict import read_yaml
from interlock.yaml_reader.suggestions import quote


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
    reading: CheckedDocument,
    place: Path,
    *,
    task: Task | None,
    slices: Sequence[str] | None,
    has_rows: bool = True,
    own: Mapping[str, Metric] | None = None,
) -> None:
    """Report every gate in the list at `place` that contradicts itself or another gate."""
    directions: dict[str, Better] = {}
    for index in range(reading.count(*place)):
        gate = reading.get(*place, index)
        if gate is None or is_faulty(reading, gate["metric"], own or {}):
            continue
        faults = gate_checks.check(gate, task=task, slices=slices, has_rows=has_rows, own=own or {})
        for fault in (*faults, *_check_agreement(gate, directions)):
            path = (*place, index, *((fault.field,) if fault.field else ()))
            reading.complain(path, fault.message, fault.hint, fault.severity)


def is_faulty(reading: CheckedDocument, name: str, own: Mapping[str, Metric]) -> bool:
    """True for a metric of `evaluate.metrics` with an error, which is reported there."""
    section = reading.value.get("evaluate") if isinstance(reading.value, dict) else None
    declared = section.get("metrics") if isinstance(section, dict) else None
    return isinstance(declared, dict) and name in declared and name not in own


def _check_agreement(
    gate: Mapping[str, Any], directions: dict[str, Better]
) -> Iterator[gate_checks.GateError]:
    """Yield an error for a direction that contradicts an earlier gate, and remember it."""
    better, metric = gate_checks.direction(gate), gate["metric"]
    if better is None:
        return
    known = directions.setdefault(metric, better)
    if known is not better:
        message = f"an earlier gate says that {quote(metric)} is better when {known}"
        field = next(name for name in ("better", "max_drop", "max_rise") if name in gate)
        yield gate_checks.GateError(field, message, "a metric has one direction")


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
        better=Better(gate["better"]) if "better" in gate else None,
        **numbers,
    )
