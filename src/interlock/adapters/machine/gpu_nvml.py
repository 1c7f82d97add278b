"""Reads GPUs through NVML, the library of the driver; an unsupported value is None."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from interlock.domain.model.gpus import Gpu, GpuDriver, GpuReading


class Nvml:
    """`library` is the module pynvml or a fake. One query takes about a millisecond."""

    seconds_between_looks = 1.0

    def __init__(self, library: Any) -> None:
        self._nvml = library
        library.nvmlInit()

    def driver(self) -> GpuDriver:
        cuda = self._ask(self._nvml.nvmlSystemGetCudaDriverVersion)
        return GpuDriver(
            version=_text(self._ask(self._nvml.nvmlSystemGetDriverVersion) or ""),
            cuda=None if cuda is None else (cuda // 1000, cuda % 1000 // 10),
        )

    def gpus(self) -> tuple[Gpu, ...]:
        count = self._ask(self._nvml.nvmlDeviceGetCount) or 0
        return tuple(gpu for index in range(count) if (gpu := self._gpu(index)) is not None)

    def read(self, indices: Iterable[int]) -> tuple[GpuReading, ...]:
        return tuple(self._reading(index) for index in indices)

    def _gpu(self, index: int) -> Gpu | None:
        """Return a GPU; None for one that is no longer on the bus: it still has a number, but does
        not answer."""
        nvml = self._nvml
        handle = self._ask(nvml.nvmlDeviceGetHandleByIndex, index)
        if handle is None:
            return None
        memory = self._ask(nvml.nvmlDeviceGetMemoryInfo, handle)
        capability = self._ask(nvml.nvmlDeviceGetCudaComputeCapability, handle)
        remapped = self._ask(nvml.nvmlDeviceGetRemappedRows, handle)
        errors = self._ask(
            nvml.nvmlDeviceGetTotalEccErrors,
            handle,
            nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED,
            nvml.NVML_VOLATILE_ECC,
        )
        return Gpu(
            index=index,
            uuid=_text(self._ask(nvml.nvmlDeviceGetUUID, handle) or ""),
            name=_text(self._ask(nvml.nvmlDeviceGetName, handle) or ""),
            memory_bytes=None if memory is None else int(memory.total),
            free_bytes=None if memory is None else int(memory.free),
            capability=None if capability is None else (int(capability[0]), int(capability[1])),
            uncorrected_errors=None if errors is None else int(errors),
            # Corrected and uncorrected rows come first; then pending, then failed.
            needs_reset=remapped is not None and any(remapped[2:4]),
        )

    def _reading(self, index: int) -> GpuReading:
        nvml = self._nvml
        handle = self._ask(nvml.nvmlDeviceGetHandleByIndex, index)
        if handle is None:
            return GpuReading()
        rates = self._ask(nvml.nvmlDeviceGetUtilizationRates, handle)
        memory = self._ask(nvml.nvmlDeviceGetMemoryInfo, handle)
        millijoules = self._ask(nvml.nvmlDeviceGetTotalEnergyConsumption, handle)
        return GpuReading(
            busy=None if rates is None else rates.gpu / 100,
            used_bytes=None if memory is None else int(memory.used),
            energy_joules=None if millijoules is None else millijoules / 1000,
        )

    def _ask(self, question: Callable[..., Any], *about: Any) -> Any:
        try:
            return question(*about)
        except self._nvml.NVMLError:
            return None


def find() -> Nvml | None:
    """NVML of this machine; None without its binding or without a driver."""
    try:
        import pynvml  # noqa: PLC0415 - of an extra, and only a training asks for it
    except ModuleNotFoundError:
        return None
    try:
        return Nvml(pynvml)
    except pynvml.NVMLError:
        return None


def _text(value: str | bytes) -> str:
    """Return the text; older bindings return bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
