"""DVC's own files: their text to a document that DVC accepts; what it says is not known here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlock.domain.diagnostics import Diagnostic, Severity
from interlock.manifests.complaints import MAX_SHOWN
from interlock.pipelines import dvcschema, faults, yaml12
from interlock.pipelines.shapes import Fault, Shape


def pipeline(data: bytes, *, path: str) -> Mapping[str, Any]:
    """Return a dvc.yaml; raises Placed with everything that DVC refuses."""
    return _require(_parse(data, path), data, path, dvcschema.PIPELINE)


def lock(data: bytes, *, path: str) -> Mapping[str, Any]:
    """Return a dvc.lock; raises Placed with everything that DVC refuses."""
    return _require(_parse(data, path), data, path, dvcschema.LOCK)


def pointer(data: bytes, *, path: str) -> Mapping[str, Any]:
    """Return a .dvc file; raises Placed with everything that DVC refuses."""
    document = _parse(data, path)
    if isinstance(document, dict) and "cmd" in document:
        place = yaml12.lines(data).key(("cmd",))
        said = "this is a single-stage pipeline of DVC before 1.0"
        raise faults.refuse(path, place, said, "move its command into a stage of dvc.yaml")
    return _require(document, data, path, dvcschema.POINTER)


def _parse(data: bytes, path: str) -> Any:
    """DVC takes any document that is empty or false for an empty one."""
    return yaml12.read(data, path=path) or {}


def _require(document: Any, data: bytes, path: str, shape: Shape) -> Mapping[str, Any]:
    if not shape.accepts(document):
        raise faults.Placed(_diagnostics(document, data, path, shape))
    found: Mapping[str, Any] = document
    return found


def _diagnostics(document: Any, data: bytes, path: str, shape: Shape) -> list[Diagnostic]:
    lines = yaml12.lines(data)

    def diagnostic(fault: Fault) -> Diagnostic:
        place = lines.key(fault.place) if fault.of_key else lines.value(fault.place)
        return Diagnostic(path, *place, Severity.ERROR, fault.message, fault.hint)

    found = [diagnostic(fault) for fault in shape.faults(document, ())]
    return sorted(found)[:MAX_SHOWN]
