"""Samples GPUs from a separate thread while a program runs; the samples are evaluated elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Protocol

from interlock.domain.model.gpus import GpuReading, GpuTally, GpuUse


class GpuSource(Protocol):
    seconds_between_looks: float

    def read(self, indices: Iterable[int]) -> tuple[GpuReading, ...]: ...


class GpuWatch:
    """Watches the GPUs with these numbers; without any it does nothing."""

    def __init__(self, source: GpuSource | None, indices: Sequence[int]) -> None:
        self._source = source
        self._indices = indices if source else []
        self._tally = GpuTally(count=len(self._indices))
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    @property
    def use(self) -> GpuUse | None:
        return self._tally.use

    def __enter__(self) -> GpuWatch:
        if self._indices:
            self._look()
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._indices:
            self._is_over.set()
            self._thread.join()
            self._look()

    def _follow(self) -> None:
        assert self._source is not None  # noqa: S101 - there are numbers of its GPUs
        while not self._is_over.wait(self._source.seconds_between_looks):
            self._look()

    def _look(self) -> None:
        assert self._source is not None  # noqa: S101 - as above
        self._tally = self._tally.add(time.monotonic(), self._source.read(self._indices))
