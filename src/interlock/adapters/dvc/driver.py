"""Drives one DVC repository through one training; loaded in DVC's process only."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dvc.stage.run as dvc_run
from dvc import exceptions
from dvc.fs import localfs
from dvc.repo import Repo
from dvc.repo.reproduce import _reproduce_stage, get_active_graph, plan_repro
from dvc.stage import PipelineStage
from dvc.stage.exceptions import StageCmdFailedError
from dvc.utils.serialize import load_path

from interlock.adapters.dvc import asking, config, objects, run_cache
from interlock.adapters.dvc.failures import Failed, NotLaunched, NotPushed, Stopped
from interlock.domain import launching


class Driver:
    """One job: its repository, what ran, what DVC complained of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = json.loads((folder / "job.json").read_text("utf-8"))
        self.checkout = Path(self.job["checkout"])
        self.root = Path(Repo.find_root(str(self.checkout / Path(self.job["file"]).parent)))
        self.seconds: dict[str, float] = {}
        self.is_asked = False

    def run(self) -> dict[str, Any]:
        repo = self._open()
        repo.cloud.get_remote(command="push")
        objects.watch(repo)
        self._watch_programs()
        address = f"{self.job['file']}:{self.job['target']}"
        repo.reproduce([address], pull=True, repro_fn=self._reproduce_stage)
        self._refuse_if_stopped()
        result = self._describe(repo, address)
        self._ask(result["outputs"])
        _push(repo, address)
        return result

    def _open(self) -> Repo:
        inside = self.root.relative_to(self.checkout)
        home = Path(self.job["home"]) / inside if self.job["home"] else None
        over = config.settings(self.root, home=home)
        repo = Repo(str(self.root), config=over)
        cache = run_cache.RunCache(repo, salt=self.job["salt"], force=self.job["force"])
        repo.stage_cache = cache
        repo.scm_context.quiet = True
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
                with _patience(), self._launched(stage):
                    start(stage, dry=dry, run_env=run_env)
            except StageCmdFailedError as error:
                self._refuse_if_stopped()
                raise _failed(stage.addressing, str(error)) from error
            self._refuse_if_stopped()
            self.seconds[stage.addressing] = time.monotonic() - began
            if self._is_target(stage):
                # DVC ends with words of its own where an output is a link to nothing.
                self._ask([self._inside(out.fs_path) for out in stage.outs])

        dvc_run.cmd_run = watched

    @contextmanager
    def _launched(self, stage: Any) -> Iterator[None]:
        """Start the target's program as the manifest says; what is recorded of it stays as it
        is written."""
        if not self.job["launch"] or stage.name != self.job["target"]:
            yield
            return
        written = stage.cmd
        commands = [written] if isinstance(written, str) else list(written)
        started = [launching.launched(each, self.job["launch"]) for each in commands]
        if not any(started):
            raise NotLaunched(stage.addressing)
        stage.cmd = [new or old for old, new in zip(commands, started, strict=True)]
        try:
            yield
        finally:
            stage.cmd = written

    def _is_target(self, stage: Any) -> bool:
        file = (self.checkout / self.job["file"]).resolve()
        return bool(stage.name == self.job["target"]) and Path(stage.dvcfile.path).resolve() == file

    def _ask(self, outputs: list[str]) -> None:
        """Once: after the target's program, or when its stored run was taken instead."""
        if not self.is_asked:
            self.is_asked = True
            asking.ask(self.folder, outputs, refuse_if_stopped=self._refuse_if_stopped)

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
            "metrics": {self._inside(m.fs_path): _numbers(m) for m in metrics},
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


def _push(repo: Repo, address: str) -> None:
    try:
        repo.push(targets=[address], with_deps=True, run_cache=True)
    except (exceptions.DvcException, OSError) as error:
        raise NotPushed(str(error)) from error


def _upstream(repo: Repo, address: str) -> list[Any]:
    """The target's stage and all that it rests on, in the order that they run."""
    stages: list[Any] = plan_repro(get_active_graph(repo.index.graph), repo.stage.collect(address))
    return stages


def _numbers(metric: Any) -> Any:
    """What a metrics file holds; why it cannot be read when it cannot: the model is made by now."""
    try:
        return load_path(metric.fs_path, metric.fs)
    except (exceptions.DvcException, ValueError, OSError) as error:
        return f"unreadable ({error})"


@contextmanager
def _patience() -> Iterator[None]:
    """While a program runs, TERM is for it: what it still does with its time is its own affair."""
    # A function, not SIG_IGN: the program would inherit that.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _failed(stage: str, message: str) -> Failed:
    found = re.fullmatch(r"failed to run: (.*), exited with (-?\d+)", message, re.DOTALL)
    command, code = (found[1], int(found[2])) if found else (message, 1)
    return Failed(stage, command, code)
