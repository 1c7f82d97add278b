"""GPUs as a driver describes them, and how a program used them; no driver may be imported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU before a training. A field is None if the driver does not report it.

    `capability` is CUDA's compute capability, (9, 0) for an H100. `uncorrected_errors` counts
    memory errors since the driver was loaded; `needs_reset` is true if a repair waits for a reset,
    or failed.
    """

    index: int
    uuid: str
    name: str
    memory_bytes: int | None = None
    free_bytes: int | None = None
    capability: tuple[int, int] | None = None
    uncorrected_errors: int | None = None
    needs_reset: bool = False


@dataclass(frozen=True, slots=True)
class GpuDriver:
    """`cuda` is the newest CUDA version that the driver supports, None if it does not report
    one."""

    version: str = ""
    cuda: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class GpuReading:
    """One GPU at one time; `busy` is the share of about the last second in which it computed,
    `energy_joules` a counter that only grows."""

    busy: float | None = None
    used_bytes: int | None = None
    energy_joules: float | None = None


@dataclass(frozen=True, slots=True)
class GpuUse:
    """GPU use of a training; None is unknown.

    `seconds` is the number of GPUs times the time of their use; `busy` the mean share of that time
    in which they computed, 0 to 1; `peak_memory_bytes` the largest memory use of one GPU.
    """

    count: int
    seconds: float
    busy: float | None = None
    peak_memory_bytes: int | None = None
    energy_joules: float | None = None


@dataclass(frozen=True, slots=True)
class GpuTally:
    """The summary of several samples, in order of time."""

    count: int
    began: float = 0.0
    ended: float = 0.0
    moments: int = 0
    busy_sum: float = 0.0
    busy_count: int = 0
    peak_bytes: int | None = None
    first_joules: float | None = None
    last_joules: float | None = None

    def add(self, at_seconds: float, readings: Sequence[GpuReading]) -> GpuTally:
        """Return the tally with one more sample; `at_seconds` is of a clock that only grows."""
        busy = [each.busy for each in readings if each.busy is not None]
        used = [each.used_bytes for each in readings if each.used_bytes is not None]
        joules = _sum(each.energy_joules for each in readings)
        is_first = self.moments == 0
        return replace(
            self,
            began=at_seconds if is_first else self.began,
            ended=at_seconds,
            moments=self.moments + 1,
            busy_sum=self.busy_sum + sum(busy),
            busy_count=self.busy_count + len(busy),
            peak_bytes=max([*used, *([] if self.peak_bytes is None else [self.peak_bytes])])
            if used
            else self.peak_bytes,
            first_joules=joules if is_first else self.first_joules,
            last_joules=joules,
        )

    @property
    def use(self) -> GpuUse | None:
        """The sum of all samples; None without a GPU or without a sample."""
        if not self.count or not self.moments:
            return None
        energy = None
        if self.first_joules is not None and self.last_joules is not None:
            # A reloaded driver counts from zero.
            spent = self.last_joules - self.first_joules
            energy = round(spent, 3) if spent >= 0 else None
        return GpuUse(
            count=self.count,
            seconds=round((self.ended - self.began) * self.count, 3),
            busy=round(self.busy_sum / self.busy_count, 4) if self.busy_count else None,
            peak_memory_bytes=self.peak_bytes,
            energy_joules=energy,
        )


def visible(gpus: Sequence[Gpu], setting: str | None) -> tuple[Gpu, ...]:
    """Return the GPUs that are visible to a CUDA program under CUDA_VISIBLE_DEVICES; None is unset.

    CUDA reads numbers or beginnings of UUIDs, in their order, up to the first invalid one. A slice
    of a GPU (MIG) counts as a GPU without known properties.
    """
    if setting is None:
        return tuple(gpus)
    chosen: list[Gpu] = []
    for word in setting.split(","):
        gpu = _named(word.strip(), gpus)
        if gpu is None or gpu in chosen:
            break
        chosen.append(gpu)
    return tuple(chosen)


def _named(word: str, gpus: Sequence[Gpu]) -> Gpu | None:
    if word.isdecimal():
        return next((each for each in gpus if each.index == int(word)), None)
    if word.startswith("MIG-"):
        return Gpu(-1, word, "a slice of a GPU (MIG)")
    if word.startswith("GPU-"):
        return next((each for each in gpus if each.uuid.startswith(word)), None)
    return None


def _sum(values: Iterable[float | None]) -> float | None:
    """Return the sum, or None if one value is unknown."""
    terms = list(values)
    known = [each for each in terms if each is not None]
    return sum(known) if known and len(known) == len(terms) else None
