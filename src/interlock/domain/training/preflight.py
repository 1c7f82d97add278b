"""Checks if a machine is fit for a training."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.basics import figures
from interlock.domain.model.gpus import Gpu, GpuDriver

SPARE_BYTES = 1_000_000_000
"""Free space for the outputs of a training, in addition to its data."""
SHARED_BELOW = 0.9
"""When less of its memory is free, another program uses the GPU too."""
SKEW_WARN_SECONDS = 30.0
SKEW_REFUSE_SECONDS = 900.0
"""S3 refuses requests that are signed 15 minutes off: RequestTimeTooSkewed."""
DISK = "disk"
OLDEST_RUNNER = (2, 329, 0)
"""The oldest runner that GitHub registers: https://github.com/orgs/community/discussions/194762"""
# https://docs.nvidia.com/deploy/xid-errors/: memory that cannot be trusted, or a GPU that is lost.
SEVERE_XIDS = frozenset({48, 62, 64, 74, 79, 92, 94, 95, 119, 120, 140, 143})


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Torch:
    """The PyTorch of the program: `cuda` is empty for a build without CUDA; `targets` are the
    architectures that it was compiled for, by PyTorch's names: "sm_90", "compute_120"."""

    version: str
    cuda: str = ""
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineRequirement:
    """The requirements of a training.

    `missing_bytes` is the size of the data to pull, `data_bytes` of all data that the programs
    read; None is unknown.
    """

    gpus: int = 0
    gpu_memory_bytes: int | None = None
    missing_bytes: int | None = None
    data_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """The facts of a machine. `gpus` are visible to the program. `xids` are the codes of GPU errors
    in the kernel's log. `skews` maps a server to the seconds that this clock is ahead of it."""

    gpus: tuple[Gpu, ...] = ()
    driver: GpuDriver = field(default_factory=GpuDriver)
    torch: Torch | None = None
    xids: tuple[int, ...] = ()
    disk_free_bytes: int | None = None
    skews: tuple[tuple[str, float], ...] = ()
    runner_version: str = ""


@dataclass(frozen=True, slots=True)
class MachineCheck:
    """The result of one check: its level, a sentence, and a hint."""

    name: str
    level: Level
    sentence: str
    hint: str = ""


def judge(facts: MachineFacts, need: MachineRequirement) -> tuple[MachineCheck, ...]:
    """Return every possible check, in a fixed order; unknown facts are not checked.

    GPUs are checked only when the training requires them.
    """
    checks = [*_of_gpus(facts, need)] if need.gpus else []
    return (*checks, *_disk(facts, need), *_clock(facts), *_runner(facts))


def worst(checks: Sequence[MachineCheck]) -> Level:
    levels = {check.level for check in checks}
    return next(
        each for each in (Level.REFUSE, Level.WARN, Level.OK) if each in {*levels, Level.OK}
    )


def _of_gpus(facts: MachineFacts, need: MachineRequirement) -> Iterator[MachineCheck]:
    yield _count(facts, need)
    if facts.gpus:
        yield from _torch(facts)
        for gpu in facts.gpus[: need.gpus]:
            yield from _memory(gpu, need)
            yield from _health(gpu)
        yield from _log(facts)


def _count(facts: MachineFacts, need: MachineRequirement) -> MachineCheck:
    count = len(facts.gpus)
    names = ", ".join(gpu.name for gpu in facts.gpus)
    if count >= need.gpus:
        return MachineCheck("GPUs", Level.OK, f"{figures.count(count, 'GPU')}: {names}")
    has = f"{figures.count(count, 'GPU')} ({names})" if count else "none that a program can see"
    return MachineCheck(
        "GPUs",
        Level.REFUSE,
        f"the manifest requires {figures.count(need.gpus, 'GPU')}, and this machine has {has}",
        "use the labels of a runner with enough GPUs; on it `nvidia-smi` must list them, and "
        "CUDA_VISIBLE_DEVICES may not hide them",
    )


def _torch(facts: MachineFacts) -> Iterator[MachineCheck]:
    torch = facts.torch
    if torch is None:
        return
    if not torch.cuda:
        yield MachineCheck(
            "torch",
            Level.REFUSE,
            f"torch {torch.version} was built without CUDA, and the manifest requires a GPU",
            "install a build of torch for CUDA, or require no GPU",
        )
        return
    yield _driver(torch, facts.driver)
    yield from _targets(torch, facts.gpus)


def _driver(torch: Torch, driver: GpuDriver) -> MachineCheck:
    """Within one major version of CUDA an older driver runs code that was built for a newer minor:
    https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html"""
    wanted = _numbers(torch.cuda)
    pair = f"torch {torch.version} is of CUDA {torch.cuda}"
    if driver.cuda is None or not wanted:
        return MachineCheck(
            "driver", Level.OK, f"{pair}; the CUDA version of driver {driver.version} is not known"
        )
    runs = f"driver {driver.version} runs CUDA {driver.cuda[0]}.{driver.cuda[1]}"
    if wanted[0] > driver.cuda[0]:
        hint = "update the driver, or install torch of an older CUDA"
        return MachineCheck("driver", Level.REFUSE, f"{pair}, and {runs}", hint)
    if wanted[:2] > driver.cuda:
        hint = "update the driver where a kernel fails to load"
        return MachineCheck("driver", Level.WARN, f"{pair}, and {runs}: most of it will work", hint)
    return MachineCheck("driver", Level.OK, f"{pair}, and {runs}")


def _targets(torch: Torch, gpus: Sequence[Gpu]) -> Iterator[MachineCheck]:
    if not torch.targets:
        return
    for gpu in gpus:
        if gpu.capability is not None and not _runs_on(torch.targets, gpu.capability):
            yield MachineCheck(
                "torch",
                Level.REFUSE,
                f"torch {torch.version} has no code for {gpu.name} (compute capability "
                f"{gpu.capability[0]}.{gpu.capability[1]}), only for {', '.join(torch.targets)}",
                "install a torch that was built for this GPU",
            )


def _runs_on(targets: Sequence[str], capability: tuple[int, int]) -> bool:
    """Machine code runs on its major version from its own minor version upwards; PTX runs on all
    newer ones: https://docs.nvidia.com/cuda/cuda-c-programming-guide/#application-compatibility"""
    for target in targets:
        match = re.fullmatch(r"(sm|compute)_(\d+)(\d)[af]?", target)
        if match is None:
            continue
        built = (int(match[2]), int(match[3]))
        if built <= capability and (match[1] == "compute" or built[0] == capability[0]):
            return True
    return False


def _memory(gpu: Gpu, need: MachineRequirement) -> Iterator[MachineCheck]:
    if gpu.free_bytes is None:
        return
    free = f"GPU {gpu.index} ({gpu.name}) has {figures.size(gpu.free_bytes)} free"
    if need.gpu_memory_bytes is not None and gpu.free_bytes < need.gpu_memory_bytes:
        wanted = figures.size(need.gpu_memory_bytes)
        hint = "end the other programs on it (`nvidia-smi` lists them), or use a larger GPU"
        yield MachineCheck(
            "GPU memory", Level.REFUSE, f"{free}, and the manifest requires {wanted}", hint
        )
    elif gpu.memory_bytes and gpu.free_bytes < SHARED_BELOW * gpu.memory_bytes:
        sentence = f"{free} of {figures.size(gpu.memory_bytes)}: another program uses it"
        yield MachineCheck("GPU memory", Level.WARN, sentence, "`nvidia-smi` lists its programs")
    else:
        yield MachineCheck("GPU memory", Level.OK, free)


def _health(gpu: Gpu) -> Iterator[MachineCheck]:
    name = f"GPU {gpu.index} ({gpu.name})"
    hint = "take the runner out of service, and reset the GPU or replace it"
    if gpu.needs_reset:
        sentence = f"{name} has replaced failing memory and waits for a reset, or could not"
        yield MachineCheck("GPU errors", Level.REFUSE, sentence, hint)
    elif gpu.uncorrected_errors:
        counted = figures.count(gpu.uncorrected_errors, "memory error")
        sentence = f"{name} had {counted} that could not be corrected"
        yield MachineCheck("GPU errors", Level.REFUSE, sentence, hint)


def _log(facts: MachineFacts) -> Iterator[MachineCheck]:
    severe = sorted(SEVERE_XIDS.intersection(facts.xids))
    if severe:
        sentence = f"the kernel's log has severe errors of the GPU: Xid {_listed(severe)}"
        hint = "ignore it when the GPU was reset since; otherwise take the runner out of service"
        yield MachineCheck("GPU errors", Level.WARN, sentence, hint)


def _disk(facts: MachineFacts, need: MachineRequirement) -> Iterator[MachineCheck]:
    free = facts.disk_free_bytes
    if free is None or need.missing_bytes is None:
        return
    sentence = f"{figures.size(free)} of the disk are free"
    pulled = figures.size(need.missing_bytes)
    hint = "make room, for example with `dvc gc` in the runner's cache, or use a larger disk"
    if free < need.missing_bytes:
        sentence = f"{sentence}, and {pulled} must be pulled"
        yield MachineCheck(DISK, Level.REFUSE, sentence, hint)
    elif free < need.missing_bytes + (need.data_bytes or 0) + SPARE_BYTES:
        # If the cache can link the files of a checkout (reflink, hardlink), they use no space.
        sentence = f"{sentence}: tight for {pulled} to pull, the copies of the data, and outputs"
        yield MachineCheck(DISK, Level.WARN, sentence, hint)
    else:
        yield MachineCheck(DISK, Level.OK, f"{sentence}, and {pulled} must be pulled")


def _clock(facts: MachineFacts) -> Iterator[MachineCheck]:
    for server, skew in facts.skews:
        off = "ahead of" if skew > 0 else "behind"
        sentence = f"the clock is {abs(skew):.0f} s {off} {server}"
        hint = "synchronize the clock: `timedatectl set-ntp true`"
        if abs(skew) >= SKEW_REFUSE_SECONDS:
            yield MachineCheck(
                "clock", Level.REFUSE, f"{sentence}: stores refuse its signatures", hint
            )
        elif abs(skew) >= SKEW_WARN_SECONDS:
            yield MachineCheck("clock", Level.WARN, sentence, hint)
        else:
            yield MachineCheck("clock", Level.OK, sentence)


def _runner(facts: MachineFacts) -> Iterator[MachineCheck]:
    version = _numbers(facts.runner_version)
    if not version:
        return
    sentence = f"the runner is of version {facts.runner_version}"
    if version < OLDEST_RUNNER:
        oldest = ".".join(map(str, OLDEST_RUNNER))
        sentence = f"{sentence}, and GitHub registers none before {oldest}"
        yield MachineCheck(
            "runner", Level.WARN, sentence, "update the runner, or let it update itself"
        )
    else:
        yield MachineCheck("runner", Level.OK, sentence)


def _numbers(version: str) -> tuple[int, ...]:
    """Return "13.2" as (13, 2), and () for text that is not a version."""
    is_version = re.fullmatch(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in version.split(".")) if is_version else ()


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
