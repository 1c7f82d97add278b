"""The process that drives DVC for one training: `python -m ….program FOLDER N`.

FOLDER has job.json; result.json is written there. A file `stop` there means that the training was
interrupted or timed out, because a program may ignore its signals. N is the number of a pipe that
closes when the process that started this one ends. Standard output is for users.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from interlock.adapters.dvc import driver, failures


def _stop(*_: object) -> None:
    raise failures.TrainingStopped


def _end_with(parent: int) -> None:
    """Stop the programs when the parent process ends: then its pipe closes."""

    def wait() -> None:
        while os.read(parent, 1):
            pass
        os.killpg(0, signal.SIGTERM)
        time.sleep(10)
        # A launcher gives its processes their own groups.
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def carry_out(folder: Path, parent: int, act: Callable[[Path], dict[str, Any]]) -> int:
    """Do the job in FOLDER and write its result there; return the exit code of the process."""
    signal.signal(signal.SIGTERM, _stop)
    _end_with(parent)
    complaints = failures.TransferErrors()
    for name in ("dvc", "dvc_data", "dvc_objects"):
        logging.getLogger(name).addHandler(complaints)
    try:
        result = {"kind": "done", **act(folder)}
    except BaseException as error:  # noqa: BLE001 - the parent reports every failure
        result = {**failures.explain(error), "complaints": complaints.messages}
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    result["peak_memory_bytes"] = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    _leave(json.dumps(result, default=str), folder)
    return 0 if result["kind"] == "done" else 1


def _leave(result: str, folder: Path) -> None:
    """Write the result completely or not at all: the disk may be full."""
    written = folder / "result.part"
    try:
        written.write_text(result, encoding="utf-8")
        written.rename(folder / "result.json")
    except OSError as error:
        sys.exit(f"the result cannot be written: {error}")


if __name__ == "__main__":
    sys.exit(carry_out(Path(sys.argv[1]), int(sys.argv[2]), lambda at: driver.DvcDriver(at).run()))
