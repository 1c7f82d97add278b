"""NVML and nvidia-smi tell of the same GPUs alike; where this machine has some, of those, too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from interlock.adapters.machine import gpu_nvml, gpu_smi
from interlock.adapters.machine.gpu_nvml import Nvml
from interlock.adapters.machine.gpu_smi import Smi
from interlock.domain.model.gpus import Gpu, GpuDriver, GpuReading
from tests.fakes.gpus import MIB, FakeGpu, FakeGpus

Source = Nvml | Smi
Open = Callable[[FakeGpus], Source]

TWO = FakeGpus(
    (
        FakeGpu("GPU-aaaa", used_mib=1000, busy_percent=75, millijoules=5_000),
        FakeGpu(
            "GPU-bbbb",
            name="NVIDIA GeForce RTX 4090",
            capability=(8, 9),
            uncorrected=None,
            is_pending=True,
            busy_percent=0,
            millijoules=None,
        ),
    )
)


@pytest.fixture(params=["nvml", "nvidia-smi"])
def open_(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return FakeGpus.nvml if request.param == "nvml" else lambda fake: fake.smi(tmp_path)


def test_source__tells_what_the_machine_has(open_: Open) -> None:
    source = open_(TWO)
    assert source.driver() == GpuDriver("590.44.01", (13, 1))
    total = 81_559 * MIB
    assert source.gpus() == (
        Gpu(0, "GPU-aaaa", "NVIDIA H100 80GB HBM3", total, total - 1000 * MIB, (9, 0), 0),
        Gpu(
            1,
            "GPU-bbbb",
            "NVIDIA GeForce RTX 4090",
            total,
            total - 4 * MIB,
            (8, 9),
            uncorrected_errors=None,
            needs_reset=True,
        ),
    )


def test_source__reads_those_that_are_requested(open_: Open) -> None:
    source = open_(TWO)
    second, first = source.read([1, 0])
    assert (first.busy, first.used_bytes) == (0.75, 1000 * MIB)
    assert (second.busy, second.used_bytes) == (0.0, 4 * MIB)
    assert second.energy_joules is None
    # Only the library counts energy.
    assert first.energy_joules == (5.0 if isinstance(source, Nvml) else None)
    assert source.read([]) == ()
    assert source.seconds_between_looks >= 1


def test_source__of_gpus_that_tell_little(open_: Open) -> None:
    source = open_(FakeGpus((FakeGpu("GPU-a", capability=None, busy_percent=None),)))
    [gpu] = source.gpus()
    assert (gpu.capability, gpu.needs_reset) == (None, False)
    [reading] = source.read([0])
    assert reading.busy is None
    assert reading.used_bytes == 4 * MIB


def test_source__a_gpu_that_is_lost_is_not_among_them(open_: Open) -> None:
    source = open_(FakeGpus((FakeGpu("GPU-a"), FakeGpu("GPU-b", is_lost=True))))
    assert [gpu.uuid for gpu in source.gpus()] == ["GPU-a"]
    assert source.read([1]) == (GpuReading(),)


def test_source__without_gpus(open_: Open) -> None:
    source = open_(FakeGpus())
    assert source.gpus() == ()
    assert source.read([0]) == (GpuReading(),)


@pytest.mark.parametrize("find", [gpu_nvml.find, gpu_smi.find], ids=["nvml", "nvidia-smi"])
def test_source__of_this_machine(find: Callable[[], Source | None]) -> None:
    """None without a driver; the invariants of what a real one tells."""
    source = find()
    for gpu in source.gpus() if source else ():
        assert source is not None
        assert gpu.uuid.startswith("GPU-")
        assert gpu.name
        assert 0 < (gpu.free_bytes or 1) <= (gpu.memory_bytes or 1)
        [reading] = source.read([gpu.index])
        assert 0 <= (reading.busy or 0) <= 1
        assert (reading.energy_joules or 0) >= 0
        assert source.driver().version
