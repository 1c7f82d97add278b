"""Starts one program as several processes: changes the command as text, and runs nothing."""

from __future__ import annotations

import re

from interlock.domain.model.manifest import Training

# Matches `python train.py`, `python -m package.train`, and both after `uv run`. The launcher would
# read an option of Python in between as its own.
_PYTHON = re.compile(
    r"((?:uv +run +(?:--[\w-]+ +)*)?(?:[\w./-]*/)?python[\d.]*) +(?=-m +\w|[^-\s])"
)


def arguments(training: Training | None) -> str:
    """Return the arguments between `python` and the program; "" without any.

    The launcher is the module behind `torchrun`. The Python of the command runs it.
    """
    if training is None:
        return ""
    return f"-m torch.distributed.run --standalone --nproc-per-node={training.gpus}"


def launched(command: str, launch: str) -> str | None:
    """Return the command as the launcher starts it; None if it does not start Python."""
    match = _PYTHON.match(command.strip())
    return f"{match[1]} {launch} {command.strip()[match.end() :]}" if match else None
