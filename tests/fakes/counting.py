"""Counters: of the requests to Git, of the calls of one function, of the steps of a run."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

from interlock.ports.git import Tree, TreeEntry


class CountingTree:
    """`requests` counts those for contents: each waits for Git once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.requests = 0

    @property
    def revision(self) -> str:
        return self._tree.revision

    @property
    def entries(self) -> Mapping[str, TreeEntry]:
        return self._tree.entries

    def read(self, path: str) -> bytes | None:
        self.requests += 1
        return self._tree.read(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        self.requests += 1
        return self._tree.read_many(paths)

    def named(self, ends: tuple[str, ...], *, below: str = "") -> tuple[str, ...]:
        return self._tree.named(ends, below=below)

    def children(self, folder: str) -> tuple[str, ...]:
        return self._tree.children(folder)


@contextlib.contextmanager
def calls_of(function: Callable[..., Any]) -> Iterator[list[str]]:
    """Collect one entry for each call of a Python function while the context is open."""
    code, calls = function.__code__, list[str]()

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is code:
            calls.append(code.co_name)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def steps_of(run: Callable[[], object]) -> int:
    """Return how many instructions Python executes: the same number at every run, unlike a time."""
    steps = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return steps
