"""The process that drives DVC for one training: `python -m interlock.adapters.dvc.program FOLDER`.

FOLDER holds job.json; result.json is left there. A file `stop` there says that the training was
interrupted or timed out, whatever the programs make of their signals. Standard output is for
people. Nothing of the package is imported but the two modules beside this one.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import dvc.stage.run as dvc_run
from dvc import exceptions
from dvc.config import ConfigError, NoRemoteError
from dvc.fs import localfs
from dvc.output import OutputDoesNotExistError
from dvc.repo import Repo
from dvc.repo.reproduce import _reproduce_stage, get_active_graph, plan_repro
from dvc.stage import PipelineStage
from dvc.stage.exceptions import MissingDataSource, StageCmdFailedError
from dvc.utils.serialize import load_path

from interlock.adapters.dvc import config, objects, run_cache


class Stopped(Exception):
    """The training was told to stop."""


class Failed(Exception):
    """A stage's program ended with another status than 0."""

    def __init__(self, stage: str, command: str, code: int) -> None:
        super().__init__(f"{command!r} of stage {stage} ended with status {code}")


class Driver:
    """One job: its repository, what ran, what DVC complained of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = json.loads((folder / "job.json").read_text("utf-8"))
        self.checkout = Path(self.job["checkout"])
        self.root = Path(Repo.find_root(str(self.checkout / Path(self.job["file"]).parent)))
        self.seconds: dict[str, float] = {}

    def run(self) -> dict[str, Any]:
        repo = self._open()
        repo.cloud.get_remote(command="push")
        objects.watch(repo)
        self._watch_programs()
        address = f"{self.job['file']}:{self.job['target']}"
        repo.reproduce([address], pull=True, repro_fn=self._reproduce_stage)
        self._refuse_if_stopped()
        result = self._describe(repo, address)
        repo.push(targets=[address], with_deps=True, run_cache=True)
        return result

    def _open(self) -> Repo:
        inside = self.root.relative_to(self.checkout)
        home = Path(self.job["home"]) / inside if self.job["home"] else None
        over = config.settings(self.root, home=home, site=self.folder / "site")
        repo = Repo(str(self.root), config=over)
        cache = run_cache.RunCache(repo, salt=self.job["salt"], force=self.job["force"])
        repo.stage_cache = cache
        return repo

    def _reproduce_stage(self, stage: Any, **kwargs: Any) -> Any:
        self._refuse_if_stopped()
        if isinstance(stage, PipelineStage) and stage.cmd and not stage.frozen:
            # What a committed dvc.lock says was run elsewhere, by whom nobody knows.
            stage.cmd_changed = True
        return _reproduce_stage(stage, **kwargs)

    def _watch_programs(self) -> None:
        start = dvc_run.cmd_run

        def watched(stage: Any, dry: bool = False, run_env: Any = None) -> None:
            began = time.monotonic()
            try:
                start(stage, dry=dry, run_env=run_env)
            except StageCmdFailedError as error:
                self._refuse_if_stopped()
                raise _failed(stage.addressing, str(error)) from error
            self._refuse_if_stopped()
            self.seconds[stage.addressing] = time.monotonic() - began

        dvc_run.cmd_run = watched

    def _refuse_if_stopped(self) -> None:
        if (self.folder / "stop").exists():
            raise Stopped

    def _describe(self, repo: Repo, address: str) -> dict[str, Any]:
        stages = [stage for stage in _upstream(repo, address) if isinstance(stage, PipelineStage)]
        [target] = repo.stage.collect(address)
        metrics = [out for stage in stages for out in stage.outs if out.metric]
        return {
            "stages": [
                {
                    "name": stage.addressing,
                    "ran": stage.addressing in self.seconds,
                    "seconds": self.seconds.get(stage.addressing, 0.0),
                }
                for stage in stages
            ],
            "outputs": [self._inside(out.fs_path) for out in target.outs],
            "lock": self._lock(stages),
            "metrics": {self._inside(m.fs_path): load_path(m.fs_path, m.fs) for m in metrics},
            "params": self._params(stages),
        }

    def _lock(self, stages: list[Any]) -> dict[str, dict[str, Any]]:
        lock: dict[str, dict[str, Any]] = {}
        for stage in stages:
            file = Path(stage.dvcfile.path).with_name("dvc.lock")
            entries = load_path(str(file), localfs).get("stages", {})
            if stage.name in entries:
                lock.setdefault(self._inside(str(file)), {})[stage.name] = entries[stage.name]
        return lock

    def _params(self, stages: list[Any]) -> dict[str, dict[str, Any]]:
        params: dict[str, dict[str, Any]] = {}
        for stage in stages:
            for dep in stage.params:
                read = dep.hash_info.value or {}
                params.setdefault(self._inside(dep.fs_path), {}).update(read)
        return params

    def _inside(self, path: str) -> str:
        return Path(os.path.relpath(path, self.checkout)).as_posix()


def _upstream(repo: Repo, address: str) -> list[Any]:
    """The target's stage and all that it rests on, in the order that they run."""
    stages: list[Any] = plan_repro(get_active_graph(repo.index.graph), repo.stage.collect(address))
    return stages


def _failed(stage: str, message: str) -> Failed:
    found = re.fullmatch(r"failed to run: (.*), exited with (-?\d+)", message, re.DOTALL)
    command, code = (found[1], int(found[2])) if found else (message, 1)
    return Failed(stage, command, code)


def _causes(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


# The first that is found in the chain of causes tells what went wrong.
_KINDS: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
    ("stopped", (Stopped, KeyboardInterrupt)),
    ("program", (Failed,)),
    ("output", (OutputDoesNotExistError,)),
    ("damaged", (objects.Damaged,)),
    ("missing-data", (MissingDataSource,)),
    ("no-remote", (NoRemoteError,)),
    ("config", (ConfigError,)),
    ("remote", (exceptions.FileTransferError,)),
)


def _explain(error: BaseException) -> dict[str, Any]:
    """Say what kind of failure it was, in words for a person."""
    chain = _causes(error)
    for cause in chain:
        if isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
            return {"kind": "disk", "message": f"no space left for {cause.filename or 'a file'}"}
    message = "; ".join(dict.fromkeys(str(cause) for cause in reversed(chain) if str(cause)))
    for kind, types in _KINDS:
        found = next((cause for cause in chain if isinstance(cause, types)), None)
        if found is not None:
            if kind == "missing-data" and objects.damage():
                return {"kind": "damaged", "message": objects.damage()}
            return {"kind": kind, "message": str(found)}
    return {"kind": "dvc", "message": message or type(error).__name__}


class Complaints(logging.Handler):
    """DVC logs the reason of a failed transfer and raises a count: keep the reasons."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else None
        self.said.append(": ".join(t for t in (record.getMessage(), str(cause or "")) if t))


def _end_with(parent: int) -> None:
    """Stop the programs when the process that watches over them is gone: its pipe closes."""

    def wait() -> None:
        while os.read(parent, 1):
            pass
        os.killpg(0, signal.SIGTERM)
        time.sleep(10)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def main(folder: Path, parent: int) -> int:
    # A function, not SIG_IGN: programs that we start would inherit that.
    signal.signal(signal.SIGTERM, lambda *_: None)
    _end_with(parent)
    complaints = Complaints()
    for name in ("dvc", "dvc_data", "dvc_objects"):
        logging.getLogger(name).addHandler(complaints)
    try:
        result = {"kind": "done", **Driver(folder).run()}
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent must be told
        result = {**_explain(error), "complaints": complaints.said}
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    result["peak_memory_bytes"] = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    return 0 if result["kind"] == "done" else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
