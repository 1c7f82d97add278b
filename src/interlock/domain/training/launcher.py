"""How one program is started as several; the command is text, and nothing is run here."""

from __future__ import annotations

import re

from interlock.domain.model.manifest import Training

# `python train.py`, `python -m package.train`, and both behind `uv run`; an option of Python's own
# in between would be taken for one of the launcher's.
_PYTHON = re.compile(
    r"((?:uv +run +(?:--[\w-]+ +)*)?(?:[\w./-]*/)?python[\d.]*) +(?=-m +\w|[^-\s])"
)


def arguments(training: Training | None) -> str:
    """Return the arguments between `python` and the program; '' for none.

    The launcher is the module behind `torchrun`, run by the very Python that the command names.
    """
    if training is None:
        return ""
    return f"-m torch.distributed.run --standalone --nproc-per-node={training.gpus}"


def launched(command: str, launch: str) -> str | None:
    """Return the command as the launcher starts it; None when it is not of Python."""
    match = _PYTHON.match(command.strip())
    return f"{match[1]} {launch} {command.strip()[match.end() :]}" if match else None
