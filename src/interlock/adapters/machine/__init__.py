"""Describes and watches this machine, and reads the clocks of servers."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from interlock.adapters.machine import gpu_nvml, gpu_smi, probes, pythons
from interlock.adapters.machine.gpu_watch import GpuWatch
from interlock.domain.model import gpus as nouns
from interlock.domain.training.interpreters import Launch
from interlock.domain.training.preflight import MachineFacts
from interlock.ports.machine import Description


class LocalMachine:
    """`visible` is CUDA_VISIBLE_DEVICES, None if unset; `servers` are addresses whose clock is
    compared with this machine's; `runner_version` is that of GitHub's runner, if it is known."""

    def __init__(
        self,
        *,
        visible: str | None = None,
        servers: Sequence[str] = (),
        runner_version: str = "",
    ) -> None:
        self._visible = visible
        self._servers = servers
        self._runner_version = runner_version

    @cached_property
    def _driver(self) -> gpu_nvml.Nvml | gpu_smi.Smi | None:
        """Return NVML if it is available, else its command line; None without a driver."""
        return gpu_nvml.find() or gpu_smi.find()

    @property
    def _gpus(self) -> tuple[nouns.Gpu, ...]:
        return nouns.visible(self._driver.gpus(), self._visible) if self._driver else ()

    def describe(self, launch: Launch | None, *, tree: Path, env: Mapping[str, str]) -> Description:
        gpus = self._gpus
        python, packages = pythons.ask(launch, tree=tree, env=env)
        return Description(
            python=python,
            platform=platform.platform(),
            cpu=_cpu(),
            gpu=", ".join(gpu.name for gpu in gpus),
            driver=self._driver.driver().version if self._driver and gpus else "",
            packages=packages,
        )

    def inspect(self, *, folder: Path, gpus: int) -> MachineFacts:
        devices = self._gpus if gpus else ()
        return MachineFacts(
            gpus=devices,
            driver=self._driver.driver() if self._driver and devices else nouns.GpuDriver(),
            torch=probes.torch() if devices else None,
            xids=probes.xids() if devices else (),
            disk_free_bytes=shutil.disk_usage(folder).free,
            skews=probes.skews(self._servers),
            runner_version=self._runner_version,
        )

    @contextmanager
    def watch(self, *, gpus: int) -> Iterator[GpuWatch]:
        chosen = [gpu.index for gpu in self._gpus[:gpus] if gpu.index >= 0] if gpus else []
        with GpuWatch(self._driver, chosen) as watch:
            yield watch


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
