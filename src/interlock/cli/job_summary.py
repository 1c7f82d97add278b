"""Adds text to the page of a job on GitHub, through the file of its summary; decides nothing.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from interlock import errors
from interlock.rendering import limits


def append(path: Path | None, write: Callable[[int], str]) -> None:
    """Add a text to the file, if there is one. `write` gets the free bytes, because GitHub drops a
    summary over its limit. Raises OutsideFailure if it cannot be written."""
    if path is None:
        return
    try:
        there = path.stat().st_size if path.exists() else 0
        with path.open("a", encoding="utf-8") as file:
            file.write(write(limits.STEP_SUMMARY_BYTES - there))
    except OSError as error:
        raise errors.OutsideFailure(
            f"{path} cannot be written: {error.strerror}",
            hint="GITHUB_STEP_SUMMARY names it: unset it, or let it be written",
        ) from error
