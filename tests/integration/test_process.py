"""A training's process: live lines, a timeout, signals, and nothing left alive behind it."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from interlock.adapters.dvc import process
from interlock.ports.pipeline import RunEnd

# Waits for a signal, not for time: a pipe that nobody ever writes to.
FOREVER = "import os; r, w = os.pipe(); os.read(r, 1)"


def run(
    code: str, *, timeout: float = 60, say: Callable[[str], None] = lambda _: None
) -> process.Exit:
    return process.run(
        [sys.executable, "-u", "-c", code],
        cwd=Path.cwd(),
        env=os.environ,
        timeout_seconds=timeout,
        say=say,
    )


def ended(pid: int) -> bool:
    """Whether a process has ended or does so at once; whoever should bury it may take longer."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    return bool(select.select([handle], [], [], 10)[0])


def test_run__tells_each_line_as_it_comes(tmp_path: Path) -> None:
    """The program goes on only when its first line has been heard."""
    os.mkfifo(tmp_path / "heard")

    def say(line: str) -> None:
        if line == "first":
            (tmp_path / "heard").write_text("yes")
        lines.append(line)

    lines: list[str] = []
    done = run(f"print('first'); print(open({str(tmp_path / 'heard')!r}).read())", say=say)
    assert lines == ["first", "yes"]
    assert (done.ended, done.code, done.tail) == (RunEnd.DONE, 0, "first\nyes")


def test_run__keeps_both_streams_and_the_last_of_a_progress_bar() -> None:
    lines: list[str] = []
    code = (
        "import sys; sys.stdout.write('10 %\\r50 %\\r100 %\\n');"
        "sys.stderr.buffer.write(b'caf\\xe9\\r\\nno newline')"
    )
    done = run(code, say=lines.append)
    assert lines == ["10 %", "50 %", "100 %", "caf�", "no newline"]
    assert done.tail == "100 %\ncaf�\nno newline"


def test_run__the_tail_is_bounded_in_lines_and_bytes() -> None:
    done = run("[print(n) for n in range(1000)]")
    assert done.tail.splitlines() == [str(n) for n in range(800, 1000)]
    done = run("import sys; sys.stdout.write('é' * 300_000)")
    assert len(done.tail.encode()) <= process.TAIL_BYTES
    assert set(done.tail) <= {"é", "\n", "�"}


def test_run__the_status_of_a_program_that_fails() -> None:
    done = run("raise SystemExit(3)")
    assert (done.ended, done.code) == (RunEnd.FAILED, 3)


def test_run__memory_is_that_of_what_the_program_started() -> None:
    child = "import os; b = bytearray(60_000_000); print('grown', flush=True); os.read(0, 1)"
    code = (
        "import subprocess, sys;"
        f"p = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=subprocess.PIPE);"
        f"{FOREVER}"
    )
    done = run(code, timeout=4)
    assert done.peak_memory_bytes is not None
    assert 60_000_000 < done.peak_memory_bytes < 200_000_000


def test_run__a_timeout_ends_the_whole_group(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {FOREVER!r}]);"
        f"open({str(pid)!r}, 'w').write(str(p.pid)); p.wait()"
    )
    done = run(code, timeout=4)
    assert done.ended is RunEnd.TIMED_OUT
    assert ended(int(pid.read_text()))


def test_run__a_program_that_ignores_term_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "TERM_GRACE_SECONDS", 0.3)
    code = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"
    done = run(code, timeout=1)
    assert (done.ended, done.code) == (RunEnd.TIMED_OUT, -signal.SIGKILL)


def test_run__what_a_program_leaves_in_the_background_ends_with_it(tmp_path: Path) -> None:
    """It holds the pipe open: to wait for the end of output would be to wait for ever."""
    pid = tmp_path / "pid"
    code = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {FOREVER!r}]);"
        f"open({str(pid)!r}, 'w').write(str(p.pid)); print('done')"
    )
    done = run(code)
    assert (done.ended, done.tail) == (RunEnd.DONE, "done")
    assert ended(int(pid.read_text()))


HEEDS = (
    "import signal, sys, os\n"
    "def save(number, _): print('saved', number); sys.exit(0)\n"
    "signal.signal(signal.SIGINT, save); signal.signal(signal.SIGTERM, save)\n"
    "print('ready')\n" + FOREVER
)


def test_run__a_program_in_a_session_of_its_own_ends_with_the_timeout(tmp_path: Path) -> None:
    """As a launcher starts them; it ignores TERM, as one that waits for them may."""
    code = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen([sys.executable, '-c', {FOREVER!r}], start_new_session=True)\n"
        "print(child.pid)\n"
        "child.wait()\n"
    )
    lines: list[str] = []
    done = run(code, timeout=2, say=lines.append)
    assert done.ended is RunEnd.TIMED_OUT
    assert ended(int(lines[0]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run__a_signal_reaches_the_program_and_is_no_success(number: signal.Signals) -> None:
    """A program that saves and ends well has still not finished its training."""
    before = signal.getsignal(number)
    done = run(HEEDS, say=lambda line: os.kill(os.getpid(), number) if line == "ready" else None)
    assert (done.ended, done.code) == (RunEnd.INTERRUPTED, 0)
    assert done.tail == f"ready\nsaved {int(number)}"
    assert signal.getsignal(number) is before


def test_run__a_second_interrupt_is_a_harder_one() -> None:
    code = HEEDS.replace("sys.exit(0)", "(number == 15 and sys.exit(0))")

    def say(line: str) -> None:
        lines.append(line)
        if line in {"ready", "saved 2"}:
            os.kill(os.getpid(), signal.SIGINT)

    lines: list[str] = []
    done = run(code.replace(FOREVER, f"while True:\n    {FOREVER}"), say=say)
    assert done.ended is RunEnd.INTERRUPTED
    assert lines == ["ready", "saved 2", "saved 15"]


def test_run__is_reported_before_the_first_signal_is_sent() -> None:
    lines: list[str] = []
    done = process.run(
        [sys.executable, "-u", "-c", FOREVER],
        cwd=Path.cwd(),
        env=os.environ,
        timeout_seconds=0.5,
        say=lines.append,
        on_stop=lambda: lines.append("stop"),
    )
    assert (done.ended, lines) == (RunEnd.TIMED_OUT, ["stop"])


def test_run__outside_the_main_thread_leaves_signals_alone() -> None:
    exits: list[process.Exit] = []
    thread = threading.Thread(target=lambda: exits.append(run("print(1)")))
    thread.start()
    thread.join()
    assert exits[0].tail == "1"


def test_run__a_caller_that_breaks_takes_the_program_with_it() -> None:
    numbers: list[int] = []

    def say(line: str) -> None:
        numbers.append(int(line))
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run(f"import os; print(os.getpid()); {FOREVER}", say=say)
    assert ended(numbers[0])
