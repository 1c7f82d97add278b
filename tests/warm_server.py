"""One warm process that forks `interlock` or `dvc` for each caller: `python -m tests.warm_server`.

A caller connects to the socket that is the only argument and hands over its three streams, its
arguments, its folder and its variables; it gets the exit code. So a command costs no imports, and
runs through the entry point that its own process would have called.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from typing import Any

import dvc.cli

from interlock import cli
from tests import warm_imports

_PROGRAMS = {"interlock": cli.main, "dvc": dvc.cli.main}


def serve(address: str) -> None:
    warm_imports.load()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        signal.signal(signal.SIGCHLD, _bury)
        print("ready", flush=True)
        while True:
            caller, _ = listener.accept()
            if not os.fork():
                listener.close()
                _answer(caller)
            caller.close()


def _bury(number: int, frame: object) -> None:
    """Wait for the forks that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _answer(caller: socket.socket) -> None:
    """Run one command in a fork, tell its caller how it ended; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _, _ = socket.recv_fds(caller, 8, 3)
    with caller.makefile("rb") as file:
        job = json.loads(file.read(int(size)))
    child = os.fork()
    if not child:
        caller.close()
        _be(job, streams)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    caller.sendall(str(code if code >= 0 else 128 - code).encode())
    os._exit(0)


def _be(job: dict[str, Any], streams: list[int]) -> None:
    """Become one command; never returns."""
    code: object = 70
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(job["folder"])
        os.environ.clear()
        os.environ.update(job["environment"])
        sys.argv = [job["program"], *job["arguments"]]
        code = _PROGRAMS[job["program"]](job["arguments"])
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - told in the output
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    serve(sys.argv[1])
