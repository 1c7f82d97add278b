"""One warm process that forks a process for each command line: `python -m tests.kills.warm`.

A line of JSON on standard input is a job: {"arguments", "folder", "environment", "output", "full"}.
Two lines answer it: the number of the process, a group of its own, when it begins, and the code
that it ended with (negative: the signal). Where `full` has a `place` and `free_kib`, so much can be
written there. `null` is answered once nothing lives that a killed one left.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import traceback
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from interlock import cli
from tests import warm_imports
from tests.kills import filling


def serve() -> None:
    warm_imports.load()
    _adopt()
    print("ready", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        if job is None:
            _bury()
            print(0, flush=True)
            continue
        child = os.fork()
        if not child:
            _be(job)
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)


def _adopt() -> None:
    """Become the parent of what a killed command leaves behind (prctl(2))."""
    if sys.platform == "linux":
        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def _bury() -> None:
    """Wait for all that killed commands have left behind."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _disk(full: dict[str, Any] | None) -> AbstractContextManager[None]:
    if full is None:
        return nullcontext()
    return filling.shrunk(Path(full["place"]), free_kib=full["free_kib"])


def _be(job: dict[str, Any]) -> None:
    """Become one command; never returns."""
    code = 70
    try:
        os.setsid()
        print(os.getpid(), flush=True)
        os.environ.clear()
        os.environ.update(job["environment"])
        opened = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for number in (1, 2):
            os.dup2(opened, number)
        os.close(0)
        with _disk(job["full"]):
            os.chdir(job["folder"])
            cli.main(job["arguments"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - told in the output
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
