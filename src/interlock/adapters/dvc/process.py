"""Runs one program in its own process group, prints its output, and always ends it; knows no
vendor."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

from interlock.ports.pipeline import RunEnd

TAIL_LINES = 200
TAIL_BYTES = 32 * 1024
_LINE_BYTES = 64 * 1024
_LOOK_SECONDS = 0.2
# GitHub cancels with INT, then TERM after 7.5 s and KILL after 2.5 s more. Within these 10 s the
# program must have time to save, and this process time to write its result.
INT_GRACE_SECONDS = 5.0
TERM_GRACE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Exit:
    """`code` is as in subprocess (negative: the signal that killed it)."""

    code: int
    ended: RunEnd
    seconds: float
    tail: str
    peak_memory_bytes: int | None


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_seconds: float,
    say: Callable[[str], None],
    on_stop: Callable[[], None] = lambda: None,
    on_look: Callable[[], None] = lambda: None,
) -> Exit:
    """Run a program to its end and return how it ended.

    Its output, both streams, goes to `say` line by line. INT and TERM are passed on to its whole
    group; a program that ignores them, or runs longer than the timeout, is killed. Its last
    argument is the number of a pipe that closes when this process ends. `on_stop` is called before
    the first signal is sent, `on_look` several times a second.
    """
    ours, theirs = os.pipe()
    try:
        process = subprocess.Popen(
            [*command, str(ours)],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[ours],
            start_new_session=True,
        )
        os.close(ours)
        return _Watch(process, timeout_seconds, say, on_stop, on_look).wait()
    finally:
        os.close(theirs)


class _Watch:
    """One running program: its lines, its memory, and the signals that are sent to it."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        timeout_seconds: float,
        say: Callable[[str], None],
        on_stop: Callable[[], None],
        on_look: Callable[[], None],
    ) -> None:
        self.process = process
        self.say = say
        self.on_stop = on_stop
        self.on_look = on_look
        self.began = time.monotonic()
        self.ended = RunEnd.DONE
        self.lines = _Lines()
        self.peak = 0
        self.looked = self.began
        # The next signal, and its time.
        self.due: tuple[float, int] | None = (self.began + timeout_seconds, signal.SIGTERM)

    def wait(self) -> Exit:
        try:
            with _signals(self.interrupt):
                self._follow()
        finally:
            self._kill_group()
        code = self.process.wait()
        if self.ended is RunEnd.DONE and code != 0:
            self.ended = RunEnd.FAILED
        seconds = time.monotonic() - self.began
        return Exit(code, self.ended, seconds, self.lines.tail, self.peak or None)

    def interrupt(self, number: int) -> None:
        """Pass a signal on; after a second one, or if the program does not end, send a stronger
        one."""
        again = self.ended is not RunEnd.DONE
        self._stop(RunEnd.INTERRUPTED, signal.SIGTERM if again else number)

    def _stop(self, ended: RunEnd, number: int) -> None:
        if self.ended is RunEnd.DONE:
            self.ended = ended
            self.on_stop()
        now = time.monotonic()
        self.due = None
        if number == signal.SIGINT:
            self.due = (now + INT_GRACE_SECONDS, signal.SIGTERM)
        elif number != signal.SIGKILL:
            self.due = (now + TERM_GRACE_SECONDS, signal.SIGKILL)
        self._send(number)

    def _follow(self) -> None:
        """Read until the program has ended and all its output is read."""
        assert self.process.stdout is not None  # noqa: S101 - it was opened as a pipe
        with self.process.stdout as pipe, selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while True:
                exited = self.process.poll() is not None
                if selector.select(0 if exited else _LOOK_SECONDS):
                    if not (data := os.read(pipe.fileno(), _LINE_BYTES)):
                        break
                    self._tell(self.lines.feed(data))
                elif exited:  # a process that it started still has the pipe open
                    break
                self._look()
            self._tell(self.lines.end())
        while self.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_LOOK_SECONDS)
            self._look()

    def _look(self) -> None:
        now = time.monotonic()
        if now >= self.looked + _LOOK_SECONDS:
            self.looked = now
            self.peak = max(self.peak, _memory_bytes(self.process.pid))
            self.on_look()
        if self.due and now >= self.due[0]:
            self._stop(RunEnd.TIMED_OUT, self.due[1])

    def _tell(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.say(line)

    def _send(self, number: int) -> None:
        """Send a signal to the whole group. A launcher gives its processes their own groups, and
        passes signals on to them; it cannot pass on a KILL."""
        below = _children(self.process.pid) if number == signal.SIGKILL else []
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)
        for child in below:
            with suppress(psutil.Error):
                child.kill()

    def _kill_group(self) -> None:
        """Kill all processes that the program has started."""
        self._send(signal.SIGKILL)
        self.process.wait()


class _Lines:
    """Splits bytes into lines. A carriage return ends a line, too (a progress bar), but such a line
    is not kept."""

    def __init__(self) -> None:
        self._rest = b""
        self._kept: deque[str] = deque(maxlen=TAIL_LINES)

    def feed(self, data: bytes) -> Iterator[str]:
        *pieces, self._rest = re.split(rb"(\r\n|\n|\r(?!\Z))", self._rest + data)
        if len(self._rest) > _LINE_BYTES:
            pieces, self._rest = [*pieces, self._rest, b"\n"], b""
        for piece, end in zip(pieces[::2], pieces[1::2], strict=True):
            line = piece.decode("utf-8", "replace")
            if end != b"\r":
                self._kept.append(line)
            yield line

    def end(self) -> Iterator[str]:
        if self._rest:
            yield from self.feed(b"\n")

    @property
    def tail(self) -> str:
        text = "\n".join(self._kept).encode()[-TAIL_BYTES:]
        return text.decode("utf-8", "ignore")


@contextmanager
def _signals(pass_on: Callable[[int], None]) -> Iterator[None]:
    """Pass INT and TERM to the program while it runs; only the main thread can receive them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _: FrameType | None) -> None:
        pass_on(number)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _memory_bytes(pid: int) -> int:
    """Return the resident memory of all processes that a process has started, without itself."""
    total = 0
    for child in _children(pid):
        with suppress(psutil.Error):
            total += child.memory_info().rss
    return total


def _children(pid: int) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return list(psutil.Process(pid).children(recursive=True))
    return []
