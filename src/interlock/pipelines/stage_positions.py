"""Where a stage, or a part of it, is in its dvc.yaml; the file is one that was read before."""

from __future__ import annotations

from interlock import errors
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.pipelines.shapes import Place
from interlock.yaml_reader import dvc, file_errors
from interlock.yaml_reader.positions import Position


def find(data: bytes, stage: str, within: Place = ()) -> Position:
    """Return the place of a part of a stage, of the nearest thing around it that is written.

    A stage of a group (`group@key`) is where the group is.
    """
    lines = dvc.lines(data)
    group = stage.rpartition("@")[0]
    for start in (("stages", stage), ("stages", group, "do"), ("stages", group)):
        if lines.has(start):
            return lines.value((*start, *within)) if within else lines.key(start)
    return lines.key(("stages",))


def blame(
    error: errors.InterlockError, data: bytes, *, file: str, stage: str, within: Place = ()
) -> file_errors.InvalidFile:
    """Return an error for a stage: the message names it, and its position if the error
    does not know."""
    message = f"{file}: stage {stage}: {error.message}"
    if isinstance(error, file_errors.InvalidFile):
        return file_errors.InvalidFile(error.diagnostics, message=message)
    text = f"stage {stage}: {error.message}"
    place = find(data, stage, within)
    return file_errors.InvalidFile(
        [Diagnostic(file, *place, Severity.ERROR, text, error.hint)], message=message
    )
