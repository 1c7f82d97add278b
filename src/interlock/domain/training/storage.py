"""The storage of a pipeline's outputs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Storage:
    """Where DVC stores an output: `remote` is the remote that the pipeline names for it, "" for the
    default; some outputs are not pushed."""

    remote: str = ""
    push: bool = True
