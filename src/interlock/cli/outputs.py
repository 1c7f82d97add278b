"""Writes the outputs of a step for later jobs, in GitHub's own file of outputs; decides nothing.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from interlock import errors


def append(path: Path | None, outputs: Mapping[str, str]) -> None:
    """Add outputs to the file, if there is one; raises OutsideFailure if it cannot be written.

    The delimiter is random each time, so that no value can end itself early and define another
    output.
    """
    if path is None:
        return
    lines = []
    for name, value in outputs.items():
        end = f"end-{os.urandom(16).hex()}"
        lines += [f"{name}<<{end}", value, end]
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
    except OSError as error:
        raise errors.OutsideFailure(f"{path} cannot be written: {error.strerror}") from error
