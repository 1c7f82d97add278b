"""Parse and validate DVC's own files, without interpreting them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any

from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.pipelines import dvcschema
from interlock.pipelines.shapes import ShapeError, ValueShape
from interlock.yaml_reader import dvc, file_errors
from interlock.yaml_reader.error_collector import MAX_SHOWN
from interlock.yaml_reader.positions import START

_WRITTEN_AGAIN = "`dvc repro` or `dvc commit` writes it again"


def pipeline(data: bytes, *, path: str) -> Mapping[str, Any]:
    """Return a dvc.yaml; raises InvalidFile with everything that DVC refuses."""
    return _require(_parse(data, path), data, path, dvcschema.PIPELINE)


def lock(data: bytes, *, path: str) -> Mapping[str, Any]:
    """Return a dvc.lock; raises InvalidFile with every error that DVC reports, and a hint."""
    restore = f"restore it (`git checkout REVISION -- {path}`), or delete it: {_WRITTEN_AGAIN}"
    try:
        document = _parse(data, path)
        if _is_old(document):
            message = "this is a lock file of DVC 1, and DVC 3 reads none without a schema"
            raise file_errors.refuse(path, START, message)
        return _require(document, data, path, dvcschema.LOCK)
    except file_errors.InvalidFile as error:
        advised = (
            dataclasses.replace(diagnostic, hint=restore) for diagnostic in error.diagnostics
        )
        raise file_errors.InvalidFile(advised) from error


def _is_old(document: Any) -> bool:
    """Return True if it maps stages to their records, as DVC 1 wrote them."""
    entries = document.values() if isinstance(document, dict) else ()
    return bool(entries) and all(isinstance(entry, dict) and "cmd" in entry for entry in entries)


def pointer(data: bytes, *, path: str) -> Mapping[str, Any]:
    """Return a .dvc file; raises InvalidFile with everything that DVC refuses."""
    document = _parse(data, path)
    if isinstance(document, dict) and "cmd" in document:
        place = dvc.lines(data).key(("cmd",))
        message = "this is a single-stage pipeline of DVC before 1.0"
        raise file_errors.refuse(path, place, message, "move its command into a stage of dvc.yaml")
    return _require(document, data, path, dvcschema.POINTER)


def _parse(data: bytes, path: str) -> Any:
    """DVC takes any document that is empty or false for an empty one."""
    return dvc.read(data, path=path) or {}


def _require(document: Any, data: bytes, path: str, shape: ValueShape) -> Mapping[str, Any]:
    if not shape.accepts(document):
        marked = dvc.conflict(data.decode("utf-8"), path)
        refusal = marked or file_errors.InvalidFile(_diagnostics(document, data, path, shape))
        raise file_errors.inside(refusal, data, path=path)
    accepted: Mapping[str, Any] = document
    return accepted


def _diagnostics(document: Any, data: bytes, path: str, shape: ValueShape) -> list[Diagnostic]:
    lines = dvc.lines(data)

    def diagnostic(fault: ShapeError) -> Diagnostic:
        place = lines.key(fault.place) if fault.of_key else lines.value(fault.place)
        return Diagnostic(path, *place, Severity.ERROR, fault.message, fault.hint)

    faults = itertools.islice(shape.faults(document, ()), 2 * MAX_SHOWN)
    return [diagnostic(fault) for fault in faults]
