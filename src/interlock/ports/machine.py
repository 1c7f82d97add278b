"""What is asked of the machine that trains: what it is, whether it is fit, what a program uses."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from interlock.domain.model.gpus import GpuUse
from interlock.domain.training.interpreters import Launch
from interlock.domain.training.preflight import MachineFacts


@dataclass(frozen=True, slots=True)
class Description:
    """Empty strings are unknown. `python` and `packages` (a distribution to its version) are those
    of the program that was launched."""

    python: str
    platform: str
    cpu: str
    gpu: str = ""
    driver: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)


class Watch(Protocol):
    @property
    def use(self) -> GpuUse | None:
        """What was used while it watched; None where there is nothing to watch."""
        ...


class Machine(Protocol):
    def describe(self, launch: Launch | None, *, tree: Path, env: Mapping[str, str]) -> Description:
        """Say what the machine is, and ask the Python of a program that was launched in `tree`
        with the environment `env`: once, and without what its folder and PYTHONPATH add."""
        ...

    def inspect(self, *, folder: Path, gpus: int) -> MachineFacts:
        """Look at what decides whether it is fit; what cannot be learnt is left out.

        `folder` lies on the disk that data are pulled to. GPUs, and the program's own torch, are
        looked at only where some are asked for.
        """
        ...

    def watch(self, *, gpus: int) -> AbstractContextManager[Watch]:
        """Watch that many of the GPUs that a program sees, while the block runs."""
        ...
