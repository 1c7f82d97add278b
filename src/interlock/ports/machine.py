"""Port: the machine that trains, its facts and the use of its GPUs."""

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
        """The use of the GPUs so far; None without GPUs."""
        ...


class Machine(Protocol):
    def describe(self, launch: Launch | None, *, tree: Path, env: Mapping[str, str]) -> Description:
        """Say what the machine is, and ask the Python of a program that was launched in `tree`
        with the environment `env`: once, and without what its folder and PYTHONPATH add."""
        ...

    def inspect(self, *, folder: Path, gpus: int) -> MachineFacts:
        """Look at what decides whether it is fit; what cannot be learnt is left out.

        `folder` lies on the disk that data are pulled to. GPUs, and the program's own torch, are
        inspected only when `gpus` is not 0.
        """
        ...

    def watch(self, *, gpus: int) -> AbstractContextManager[Watch]:
        """Watch that many of the GPUs that a program sees, while the block runs."""
        ...
