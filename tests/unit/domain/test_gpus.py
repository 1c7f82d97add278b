"""Which GPUs a program sees, and what it used of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model import gpus
from interlock.domain.model.gpus import Gpu, GpuReading, GpuTally, GpuUse

BOTH = (Gpu(0, "GPU-aaaa", "H100"), Gpu(1, "GPU-abbb", "H100"))


@pytest.mark.parametrize(
    ("setting", "observed"),
    [
        (None, [0, 1]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("1", [1]),
        (" 1 , 0", [1, 0]),
        ("0,7,1", [0]),
        ("0,0,1", [0]),
        ("GPU-ab", [1]),
        ("GPU-zz", []),
        ("MIG-1,MIG-2", [-1, -1]),
    ],
)
def test_visible__as_cuda_reads_it(setting: str | None, observed: list[int]) -> None:
    assert [gpu.index for gpu in gpus.visible(BOTH, setting)] == observed


def tally(*moments: tuple[float, GpuReading, GpuReading]) -> GpuUse | None:
    gpu_tally = GpuTally(count=2)
    for at_seconds, *readings in moments:
        gpu_tally = gpu_tally.add(at_seconds, readings)
    return gpu_tally.use


def test_use__of_two_gpus() -> None:
    use = tally(
        (10.0, GpuReading(0.0, 5, 100.0), GpuReading(0.0, 6, 200.0)),
        (11.0, GpuReading(1.0, 50, 160.0), GpuReading(0.5, 7, 210.0)),
        (13.0, GpuReading(0.5, 40, 300.0), GpuReading(1.0, 8, 250.0)),
    )
    assert use == GpuUse(2, seconds=6.0, busy=0.5, peak_memory_bytes=50, energy_joules=250.0)


def test_use__of_a_driver_that_tells_nothing() -> None:
    assert tally((0.0, GpuReading(), GpuReading()), (4.0, GpuReading(), GpuReading())) == GpuUse(
        2, seconds=8.0
    )


def test_use__energy_of_half_of_them_or_of_a_counter_that_restarted_is_none() -> None:
    half = tally(
        (0.0, GpuReading(energy_joules=1.0), GpuReading()),
        (1.0, GpuReading(energy_joules=2.0), GpuReading()),
    )
    assert half is not None
    assert half.energy_joules is None
    full = GpuReading(energy_joules=9.0)
    restarted = tally((0.0, full, full), (1.0, full, GpuReading(energy_joules=1.0)))
    assert restarted is not None
    assert restarted.energy_joules is None


def test_use__peak_stays_when_a_moment_tells_none() -> None:
    use = tally((0.0, GpuReading(used_bytes=9), GpuReading()), (1.0, GpuReading(), GpuReading()))
    assert use is not None
    assert use.peak_memory_bytes == 9


def test_use__without_a_gpu_or_without_a_moment_is_none() -> None:
    assert GpuTally(count=0).add(1.0, []).use is None
    assert GpuTally(count=2).use is None


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 10**12)), min_size=1))
def test_use__is_within_the_observed_range(observed: list[tuple[float, int]]) -> None:
    gpu_tally = GpuTally(count=1)
    for at_seconds, (busy, used) in enumerate(observed):
        gpu_tally = gpu_tally.add(float(at_seconds), [GpuReading(busy, used)])
    use = gpu_tally.use
    assert use is not None
    assert use.busy is not None
    assert min(b for b, _ in observed) - 1e-3 <= use.busy <= max(b for b, _ in observed) + 1e-3
    assert use.peak_memory_bytes == max(used for _, used in observed)
