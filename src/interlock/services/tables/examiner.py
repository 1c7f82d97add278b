"""Starts the process that decodes Parquet files first: once for all files, and again if a file has
ended it."""

from __future__ import annotations

import atexit
import functools
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO

from interlock import errors
from interlock.domain.basics import table_limits
from interlock.domain.basics.refusal import Refusal
from interlock.domain.basics.table_limits import ReadMode

_PROGRAM = "interlock.services.tables.parquet_decoder"
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "LANG")
"""The process decodes files of unknown authors, so that it gets no token."""
_LEAN = {"POLARS_MAX_THREADS": "2", "POLARS_ROW_GROUP_PREFETCH_SIZE": "1", "RUST_BACKTRACE": "0"}


_KNOWN = 1_024


@dataclass(frozen=True, slots=True)
class DecodeJob:
    """A file and the way to read it; `stamp` changes when the file changes."""

    path: str
    use: ReadMode
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    stamp: tuple[int, ...]

    @property
    def line(self) -> bytes:
        columns = {"include": self.include, "exclude": self.exclude}
        return json.dumps({"path": self.path, "use": self.use, **columns}).encode() + b"\n"


@functools.lru_cache(_KNOWN)
def ask(job: DecodeJob) -> Refusal | None:
    """Refuse a Parquet file that may not be read. The answer is kept, because many windows may come
    from one file."""
    return _examiner(os.getpid()).ask(job)


def start() -> None:
    """Start the process, so that it is ready for the first file; raises OutsideFailure."""
    _examiner(os.getpid()).start()


@functools.cache
def _examiner(_pid: int) -> Examiner:
    """Return one examiner for each process: a fork must not share a pipe with its parent."""
    return Examiner()


class Examiner:
    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._end = ""
        atexit.register(self.close)

    def start(self) -> None:
        with self._lock:
            self._process = self._process or _start()

    def ask(self, job: DecodeJob) -> Refusal | None:
        """Try again in a new process, because earlier files may have left too little memory."""
        with self._lock:
            is_new = self._process is None
            answer = self._exchange(job)
            if answer is None and not is_new:
                answer = self._exchange(job)
            return table_limits.undecodable(self._end) if answer is None else _parse(answer)

    def close(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _exchange(self, job: DecodeJob) -> bytes | None:
        """Return the answer, a line; None if the process has ended, for the reason in `_end`."""
        process = self._process = self._process or _start()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        try:
            process.stdin.write(job.line)
            process.stdin.flush()
            is_late = not _answers(process.stdout)
            line = b"" if is_late else process.stdout.readline()
        except BrokenPipeError:
            is_late, line = False, b""
        if line.endswith(b"\n"):
            return line
        if is_late:
            process.kill()
        self._end = "it took longer" if is_late else _how(process)
        self.close()
        return None


def _parse(answer: bytes) -> Refusal | None:
    reason = json.loads(answer)
    return None if reason is None else Refusal(str(reason))


def _start() -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-m", _PROGRAM],
            env=environment | _LEAN,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
    except OSError as error:
        raise errors.OutsideFailure(
            f"no process to decode Parquet files can be started: {error.strerror or error}",
            hint="see whether this machine has room for one more process",
        ) from error


def _how(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    if code >= 0:
        raise errors.OutsideFailure(
            f"the process that decodes Parquet files ended with exit code {code}",
            hint=f"run {sys.executable} -I -m {_PROGRAM} to see why",
        )
    return signal.Signals(-code).name


def _answers(stream: IO[bytes]) -> bool:
    """True if there is output within the time limit of a file."""
    # `select` would not support file descriptors above 1,023.
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return bool(selector.select(table_limits.SECONDS))
