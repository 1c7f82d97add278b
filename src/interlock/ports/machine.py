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
        """Describe the machine, and the Python of a program that was launched in `tree` with the
        environment `env`. It is inspected once, without the modules that its folder and PYTHONPATH
        add."""
        ...

    def inspect(self, *, folder: Path, gpus: int) -> MachineFacts:
        """Collect the facts that decide if the machine is fit; unknown facts are left out.

        `folder` is on the disk to which data are pulled. GPUs, and the program's own PyTorch, are
        inspected only if `gpus` is not 0.
        """
        ...

    def watch(self, *, gpus: int) -> AbstractContextManager[Watch]:
        """Watch this number of the GPUs that a program uses, while the block runs."""
        ...
