"""A machine with GPUs that it has not: NVML's module and the program nvidia-smi, alike.

Both tell of the same GPUs, each in its own way: NVML by functions that raise where something is not
supported, nvidia-smi by rows with `[N/A]` in them.
"""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from interlock.adapters.machine.gpu_nvml import Nvml
from interlock.adapters.machine.gpu_smi import Smi

MIB = 1024 * 1024
_SMI = """\
import json, sys
machine = json.loads({machine!r})
def text(value):
    return "[N/A]" if value is None else value
def answers(gpu, index):
    capability = gpu["capability"]
    return {{
        "index": index,
        "uuid": gpu["uuid"],
        "gpu_uuid": gpu["uuid"],
        "name": gpu["name"],
        "memory.total": gpu["total_mib"],
        "memory.free": gpu["total_mib"] - gpu["used_mib"],
        "memory.used": gpu["used_mib"],
        "compute_cap": None if capability is None else "%d.%d" % tuple(capability),
        "ecc.errors.uncorrected.volatile.total": gpu["uncorrected"],
        "driver_version": machine["driver"],
        "utilization.gpu": gpu["busy_percent"],
        "remapped_rows.pending": "Yes" if gpu["is_pending"] else "No",
        "remapped_rows.failure": "No",
    }}
questions = [a.partition("=")[2] for a in sys.argv[1:] if a.startswith("--query")]
if not machine["gpus"]:
    sys.exit("No devices were found")
if not questions:
    print("| NVIDIA-SMI %s   Driver Version: %s   CUDA Version: %d.%d |" % (
        machine["driver"], machine["driver"], *machine["cuda"]))
for question in questions:
    for index, gpu in enumerate(machine["gpus"]):
        known = answers(gpu, index)
        print(", ".join(str(text(known[word])) for word in question.split(",")))
"""


@dataclass(frozen=True, slots=True)
class FakeGpu:
    """None is what it does not support; `is_lost` has fallen off the bus."""

    uuid: str
    name: str = "NVIDIA H100 80GB HBM3"
    total_mib: int = 81_559
    used_mib: int = 4
    capability: tuple[int, int] | None = (9, 0)
    uncorrected: int | None = 0
    is_pending: bool = False
    busy_percent: int | None = 0
    millijoules: int | None = 1_000
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class FakeGpus:
    gpus: tuple[FakeGpu, ...] = ()
    driver: str = "590.44.01"
    cuda: tuple[int, int] = (13, 1)
    calls: list[str] = field(default_factory=list)

    def nvml(self) -> Nvml:
        return Nvml(_Library(self))

    def smi(self, folder: Path) -> Smi:
        """Install the program into a folder that the caller puts on PATH."""
        machine = {
            "driver": self.driver,
            "cuda": self.cuda,
            "gpus": [asdict(gpu) for gpu in self.gpus if not gpu.is_lost],
        }
        script = folder / "smi.py"
        script.write_text(_SMI.format(machine=json.dumps(machine)))
        program = folder / "nvidia-smi"
        start = f"exec {shlex.quote(sys.executable)} -I -S {shlex.quote(str(script))}"
        program.write_text(f'#!/bin/sh\n{start} "$@"\n')
        program.chmod(0o755)
        return Smi()


class NVMLError(Exception):
    """As the library's: not supported, or the GPU is lost."""


class _Library:
    """The functions of pynvml that are asked; a handle is the GPU itself."""

    NVMLError = NVMLError
    NVML_MEMORY_ERROR_TYPE_UNCORRECTED = 1
    NVML_VOLATILE_ECC = 0

    def __init__(self, machine: FakeGpus) -> None:
        self._machine = machine

    def nvmlInit(self) -> None:
        self._machine.calls.append("init")

    def nvmlSystemGetDriverVersion(self) -> str:
        return self._machine.driver

    def nvmlSystemGetCudaDriverVersion(self) -> int:
        major, minor = self._machine.cuda
        return major * 1000 + minor * 10

    def nvmlDeviceGetCount(self) -> int:
        return len(self._machine.gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> FakeGpu:
        fake_gpus = self._machine.gpus[index : index + 1]
        if not fake_gpus or fake_gpus[0].is_lost:
            raise NVMLError("Invalid Argument, or the GPU is lost")
        return fake_gpus[0]

    def nvmlDeviceGetUUID(self, gpu: FakeGpu) -> str:
        return gpu.uuid

    def nvmlDeviceGetName(self, gpu: FakeGpu) -> str:
        return gpu.name

    def nvmlDeviceGetMemoryInfo(self, gpu: FakeGpu) -> SimpleNamespace:
        total, used = gpu.total_mib * MIB, gpu.used_mib * MIB
        return SimpleNamespace(total=total, used=used, free=total - used)

    def nvmlDeviceGetCudaComputeCapability(self, gpu: FakeGpu) -> Any:
        return _supported(gpu.capability)

    def nvmlDeviceGetRemappedRows(self, gpu: FakeGpu) -> list[int]:
        return [0, 0, int(gpu.is_pending), 0]

    def nvmlDeviceGetTotalEccErrors(self, gpu: FakeGpu, kind: int, counter: int) -> Any:
        assert (kind, counter) == (1, 0)
        return _supported(gpu.uncorrected)

    def nvmlDeviceGetUtilizationRates(self, gpu: FakeGpu) -> SimpleNamespace:
        return SimpleNamespace(gpu=_supported(gpu.busy_percent), memory=0)

    def nvmlDeviceGetTotalEnergyConsumption(self, gpu: FakeGpu) -> Any:
        return _supported(gpu.millijoules)


def _supported(value: Any) -> Any:
    if value is None:
        raise NVMLError("Not Supported")
    return value
