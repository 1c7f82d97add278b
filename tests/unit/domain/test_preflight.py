"""Which machine is refused, which is warned of, and that what is unknown is not judged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model.gpus import Gpu, GpuDriver
from interlock.domain.training import preflight
from interlock.domain.training.preflight import Level, MachineFacts, MachineRequirement, Torch

GB = 10**9
H100 = Gpu(0, "GPU-a", "H100", 80 * GB, 79 * GB, (9, 0), uncorrected_errors=0)
TORCH = Torch("2.15.0", "13.2", ("sm_80", "sm_90", "compute_120"))
FIT = MachineFacts(
    gpus=(H100,),
    driver=GpuDriver("600.1", (13, 2)),
    torch=TORCH,
    disk_free_bytes=500 * GB,
    skews=(("https://mlflow.example.com", 1.0),),
    runner_version="2.330.0",
)
NEED = MachineRequirement(gpus=1, missing_bytes=GB, data_bytes=2 * GB)


def problems(facts: MachineFacts, need: MachineRequirement = NEED) -> list[tuple[str, Level]]:
    """Name and level of what is not fine."""
    checks = preflight.judge(facts, need)
    for check in checks:
        assert check.sentence
        assert bool(check.hint) or check.level is Level.OK
    levels = {check.level for check in checks} - {Level.OK}
    worst = Level.REFUSE if Level.REFUSE in levels else Level.WARN if levels else Level.OK
    assert preflight.worst(checks) is worst
    return [(check.name, check.level) for check in checks if check.level in levels]


def test_judge__a_machine_that_is_fit() -> None:
    assert problems(FIT) == []
    assert [check.name for check in preflight.judge(FIT, NEED)] == [
        "GPUs",
        "driver",
        "GPU memory",
        "disk",
        "clock",
        "runner",
    ]


def test_judge__of_a_machine_of_which_nothing_is_known() -> None:
    assert preflight.judge(MachineFacts(), MachineRequirement()) == ()
    assert problems(MachineFacts()) == [("GPUs", Level.REFUSE)]


def test_judge__gpus_of_a_training_that_wants_none_are_not_looked_at() -> None:
    sick = replace(FIT, gpus=(replace(H100, needs_reset=True),), torch=Torch("2.15.0"))
    assert problems(sick, replace(NEED, gpus=0)) == []


@pytest.mark.parametrize(
    ("facts", "name", "level"),
    [
        (replace(FIT, gpus=()), "GPUs", Level.REFUSE),
        (replace(FIT, torch=Torch("2.15.0+cpu")), "torch", Level.REFUSE),
        (replace(FIT, driver=GpuDriver("550.1", (12, 8))), "driver", Level.REFUSE),
        (replace(FIT, driver=GpuDriver("590.1", (13, 0))), "driver", Level.WARN),
        (replace(FIT, torch=replace(TORCH, targets=("sm_80", "sm_120"))), "torch", Level.REFUSE),
        (replace(FIT, gpus=(replace(H100, free_bytes=40 * GB),)), "GPU memory", Level.WARN),
        (replace(FIT, gpus=(replace(H100, needs_reset=True),)), "GPU errors", Level.REFUSE),
        (replace(FIT, gpus=(replace(H100, uncorrected_errors=2),)), "GPU errors", Level.REFUSE),
        (replace(FIT, xids=(31, 79)), "GPU errors", Level.WARN),
        (replace(FIT, disk_free_bytes=GB - 1), "disk", Level.REFUSE),
        (replace(FIT, disk_free_bytes=3 * GB), "disk", Level.WARN),
        (replace(FIT, skews=(("https://x", -40.0),)), "clock", Level.WARN),
        (replace(FIT, skews=(("https://x", 1000.0),)), "clock", Level.REFUSE),
        (replace(FIT, runner_version="2.311.0"), "runner", Level.WARN),
    ],
)
def test_judge__says_what_is_wrong(facts: MachineFacts, name: str, level: Level) -> None:
    assert problems(facts) == [(name, level)]


def test_judge__too_few_gpus_are_named() -> None:
    [check, *_] = preflight.judge(FIT, replace(NEED, gpus=2))
    assert check.level is Level.REFUSE
    assert check.sentence == "the manifest requires 2 GPUs, and this machine has 1 GPU (H100)"


def test_judge__memory_that_the_manifest_asks_for() -> None:
    shared = replace(FIT, gpus=(replace(H100, free_bytes=40 * GB),))
    more = replace(NEED, gpu_memory_bytes=50 * GB)
    assert problems(shared, more) == [("GPU memory", Level.REFUSE)]
    # A GPU beyond those that are asked for is nobody's concern.
    both = replace(FIT, gpus=(H100, replace(H100, index=1, needs_reset=True)))
    assert problems(both) == []


@pytest.mark.parametrize(
    "facts",
    [
        replace(FIT, torch=None),
        replace(FIT, torch=replace(TORCH, targets=())),
        replace(FIT, torch=replace(TORCH, cuda="nightly")),
        replace(FIT, driver=GpuDriver("600.1")),
        replace(FIT, gpus=(Gpu(-1, "MIG-1", "a slice"),)),
        replace(FIT, xids=(31, 43)),
        replace(FIT, disk_free_bytes=None),
        replace(FIT, runner_version=""),
        replace(FIT, runner_version="nightly"),
    ],
)
def test_judge__what_is_unknown_or_harmless_refuses_nobody(facts: MachineFacts) -> None:
    assert problems(facts) == []


def test_judge__bytes_to_pull_that_nobody_knows() -> None:
    assert problems(replace(FIT, disk_free_bytes=1), replace(NEED, missing_bytes=None)) == []
    none = replace(NEED, missing_bytes=0, data_bytes=None)
    assert problems(replace(FIT, disk_free_bytes=1), none) == [("disk", Level.WARN)]


@pytest.mark.parametrize(
    ("targets", "capability", "runs"),
    [
        (("sm_80",), (8, 6), True),
        (("sm_86",), (8, 0), False),
        (("sm_80",), (9, 0), False),
        (("compute_80",), (9, 0), True),
        (("sm_90a",), (9, 0), True),
        (("sm_120",), (12, 0), True),
        (("gfx90a", "sm_100"), (10, 3), True),
        (("gfx90a",), (9, 0), False),
    ],
)
def test_judge__code_for_a_gpu(
    targets: tuple[str, ...], capability: tuple[int, int], runs: bool
) -> None:
    gpu = replace(H100, capability=capability)
    facts = replace(FIT, gpus=(gpu,), torch=replace(TORCH, targets=targets))
    assert (problems(facts) == []) == runs


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(0, 10**15))
def test_judge__more_room_is_never_worse(free: int, more: int, missing: int) -> None:
    need = MachineRequirement(missing_bytes=missing, data_bytes=missing)
    ranks = [Level.OK, Level.WARN, Level.REFUSE]
    levels = [
        ranks.index(preflight.worst(preflight.judge(MachineFacts(disk_free_bytes=room), need)))
        for room in (free, free + more)
    ]
    assert levels[1] <= levels[0]
