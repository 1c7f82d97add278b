"""What a job's page on GitHub shows, in the file that it is read from; decides nothing.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from interlock import errors
from interlock.rendering import limits


def append(path: Path | None, write: Callable[[int], str]) -> None:
    """Add what `write` makes of so many bytes of room, where there is a file: over its limit GitHub
    drops all of it. Raises OutsideFailure when it cannot be written."""
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
