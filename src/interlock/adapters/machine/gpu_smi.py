"""Reads GPUs through nvidia-smi, if NVML's binding is not installed; without their energy."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable

from interlock.domain.model.gpus import Gpu, GpuDriver, GpuReading

_PROGRAM = "nvidia-smi"
_CSV = "--format=csv,noheader,nounits"
_GPU = (
    "index,uuid,name,memory.total,memory.free,compute_cap,ecc.errors.uncorrected.volatile.total,"
    "driver_version"
)
_REMAPPED = "gpu_uuid,remapped_rows.pending,remapped_rows.failure"
_READING = "index,utilization.gpu,memory.used"
_CUDA = re.compile(r"CUDA(?: \w+)? Version:\s*(\d+)\.(\d+)")
_MIB = 1024 * 1024


class Smi:
    """Reads GPUs. Each reading starts a program, which takes tens of milliseconds, so that it reads
    less often."""

    seconds_between_looks = 5.0

    def driver(self) -> GpuDriver:
        rows = _query(f"--query-gpu={_GPU}", columns=8)
        cuda = _CUDA.search(_run())
        return GpuDriver(
            version=rows[0][7] if rows else "",
            cuda=(int(cuda[1]), int(cuda[2])) if cuda else None,
        )

    def gpus(self) -> tuple[Gpu, ...]:
        remapped = _query(f"--query-remapped-rows={_REMAPPED}", columns=3)
        waiting = {row[0] for row in remapped if {"yes", "1"} & {each.lower() for each in row[1:]}}
        rows = _query(f"--query-gpu={_GPU}", columns=8)
        return tuple(_gpu(row, waiting) for row in rows if row[0].isdecimal())

    def read(self, indices: Iterable[int]) -> tuple[GpuReading, ...]:
        rows = {row[0]: row for row in _query(f"--query-gpu={_READING}", columns=3)}
        return tuple(_reading(rows.get(str(index), ["", "", ""])) for index in indices)


def find() -> Smi | None:
    """Return the reader; None without the program, or without a GPU."""
    if shutil.which(_PROGRAM) is None:
        return None
    smi = Smi()
    return smi if smi.gpus() else None


def _gpu(row: list[str], waiting: set[str]) -> Gpu:
    index, uuid, name, total, free, capability, uncorrected, _ = row
    built = re.fullmatch(r"(\d+)\.(\d+)", capability)
    return Gpu(
        index=int(index),
        uuid=uuid,
        name=name,
        memory_bytes=_mebibytes(total),
        free_bytes=_mebibytes(free),
        capability=(int(built[1]), int(built[2])) if built else None,
        uncorrected_errors=int(uncorrected) if uncorrected.isdecimal() else None,
        needs_reset=uuid in waiting,
    )


def _reading(row: list[str]) -> GpuReading:
    _, busy, used = row
    return GpuReading(
        busy=int(busy) / 100 if busy.isdecimal() else None,
        used_bytes=_mebibytes(used),
    )


def _mebibytes(text: str) -> int | None:
    return int(text) * _MIB if text.isdecimal() else None


def _query(question: str, *, columns: int) -> list[list[str]]:
    """Rows with this number of columns; other lines (a message, `[N/A]` alone) are left out."""
    rows = [
        [word.strip() for word in line.split(",")] for line in _run(question, _CSV).splitlines()
    ]
    return [row for row in rows if len(row) == columns]


def _run(*arguments: str) -> str:
    try:
        done = subprocess.run(
            [_PROGRAM, *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout
