"""Drives one DVC repository through one training; loaded in DVC's process only."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
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

from interlock.adapters.dvc import (
    config,
    config_guard,
    figures,
    inputs,
    objects,
    recorded_outputs,
    repository_setup,
    run_cache,
    stage_outputs,
    storage_approval,
)
from interlock.adapters.dvc.failures import NotLaunched, NotPushed, StageFailed, TrainingStopped
from interlock.domain.model.stage_runs import OWN_CACHE, Accepted, Output
from interlock.domain.training import launcher


class DvcDriver:
    """One job: its repository, the stages that ran, the warnings of DVC."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = json.loads((folder / "job.json").read_text("utf-8"))
        self.checkout = Path(self.job["checkout"])
        self.root = self.checkout / self.job["root"]
        self.seconds: dict[str, float] = {}
        self.left: dict[str, stage_outputs.Bytes] = {}
        self.measured: dict[str, stage_outputs.Bytes] = {}
        self.is_approval_requested = False
        self.warnings: list[str] = []
        self.data: dict[str, str] = {}

    def run(self) -> dict[str, Any]:
        settings = self.folder / "settings"
        config_guard.install(settings / "config", settings / "config.local")
        repository_setup.lay(self.job, self.checkout, self.root)
        files = self._bring()
        repo = self._open()
        self._watch_programs()
        address = f"{self.checkout / self.job['file']}:{self.job['target']}"
        repo.reproduce([address], pull=True, repro_fn=self._reproduce_stage)
        self._refuse_if_stopped()
        inputs.refuse_change(repo, self.checkout, files, "after the last stage")
        result = self._describe(repo, address, files)
        self._ask(result["outputs"])
        _push(repo, address)
        return result

    def _bring(self) -> dict[str, str]:
        """Fetch the data, and remove the pointers."""
        repo = self._open()
        repo.cloud.get_remote(command="push")
        objects.watch(repo)
        files: dict[str, str] = self.job["files"]
        inputs.remember(repo, self.checkout, files, again=bool(self.job["prepare"]))
        brought = inputs.bring(repo, self.checkout, self.job["data"])
        self.data = inputs.measure(self.checkout, brought)
        repo.close()
        for path in self.job["pointers"]:
            (self.checkout / path).unlink()
        return {**files, **brought}

    def _open(self) -> Repo:
        settings = self.job["settings"]
        over = config.of_training(self.folder / "settings", settings)
        repo = Repo(str(self.root), config=over)
        # Another cache folder may be shared with unknown writers.
        is_own = Path(repo.cache.legacy.path) == Path(settings["cache"])
        repo.stage_cache = run_cache.RunCache(
            repo,
            salt=self.job["salt"],
            accepted={key: _accepted(each) for key, each in self.job["accepted"].items()},
            own_cache=self.job["own_cache"] and is_own,
            checkout=self.checkout,
            is_rerun=lambda stage: self.job["is_target_rerun"] and self._is_target(stage),
        )
        return repo

    def _reproduce_stage(self, stage: Any, **kwargs: Any) -> Any:
        self._refuse_if_stopped()
        for out in stage.outs:
            storage = self.job["storage"].get(self._inside(out.fs_path))
            if storage is not None:
                out.remote, out.can_push = storage["remote"] or None, storage["push"]
        done = _reproduce_stage(stage, **kwargs)
        if isinstance(stage, PipelineStage):
            self._look_at_outputs(stage)
        return done

    def _look_at_outputs(self, stage: Any) -> None:
        name = stage.addressing
        self.measured[name] = stage_outputs.measure(stage, self.checkout)
        if name in self.left:
            stage_outputs.refuse_other_bytes(stage, self.measured[name], left=self.left[name])
            recorded_outputs.require(stage, self.checkout, self.job["recorded"])
            return
        taken = stage.repo.stage_cache.taken.get(name)
        if taken is None:
            raise stage_outputs.NotRun(name)
        if taken.source == OWN_CACHE:
            stage_outputs.refuse_misnamed(stage)
        else:
            stage_outputs.refuse_unnamed(stage, self.measured[name], named=taken.outputs)

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
            self.left[stage.addressing] = stage_outputs.measure(stage, self.checkout)
            if self._is_target(stage):
                # DVC reports its own error for an output that is a broken link.
                self._ask([self._inside(out.fs_path) for out in stage.outs])

        dvc_run.cmd_run = watched

    @contextmanager
    def _launched(self, stage: Any) -> Iterator[None]:
        """Start the target's program with the launcher of the manifest; its recorded command stays
        the one of `dvc.yaml`."""
        if not self.job["launch"] or stage.name != self.job["target"]:
            yield
            return
        written = stage.cmd
        commands = [written] if isinstance(written, str) else list(written)
        started = [launcher.launched(each, self.job["launch"]) for each in commands]
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
        """Ask once: after the target's program, or after its stored run was used instead."""
        if not self.is_approval_requested:
            self.is_approval_requested = True
            storage_approval.ask(self.folder, outputs, refuse_if_stopped=self._refuse_if_stopped)

    def _refuse_if_stopped(self) -> None:
        if (self.folder / "stop").exists():
            raise TrainingStopped

    def _describe(self, repo: Repo, address: str, files: dict[str, str]) -> dict[str, Any]:
        stages = [stage for stage in _upstream(repo, address) if isinstance(stage, PipelineStage)]
        [target] = repo.stage.collect(address)
        return {
            "stages": [self._run_of(stage) for stage in stages],
            "outputs": [self._inside(out.fs_path) for out in target.outs],
            "lock": self._lock(stages, files),
            "data": self.data,
            "metrics": figures.metrics(self.checkout, self.job["metrics"], inputs=files),
            "params": figures.params(self.checkout, self.job["shown"]) | self._params(stages),
            "warnings": self.warnings,
        }

    def _run_of(self, stage: Any) -> dict[str, Any]:
        name, cache = stage.addressing, stage.repo.stage_cache
        has_run = name in self.seconds
        outputs = stage_outputs.outputs(stage, self.checkout, self.measured[name])
        return {
            "name": f"{self._inside(stage.dvcfile.path)}:{stage.name}",
            "ran": has_run,
            "seconds": self.seconds.get(name, 0.0),
            "key": cache.key(stage),
            "outputs": [asdict(each) for each in outputs],
            "source": "" if has_run else cache.taken[name].source,
        }

    def _lock(self, stages: list[Any], files: dict[str, str]) -> dict[str, dict[str, Any]]:
        lock: dict[str, dict[str, Any]] = {}
        for stage in stages:
            file = Path(stage.dvcfile.path).with_name("dvc.lock")
            entries = load_path(str(file), localfs).get("stages", {})
            if stage.name in entries:
                self._settle(stage, entries[stage.name], files)
                address = f"{self._inside(stage.dvcfile.path)}:{stage.name}"
                names = self.job["spelling"].get(address, {})
                entry = _spelled(entries[stage.name], names)
                lock.setdefault(self._inside(str(file)), {})[stage.name] = entry
        return lock

    def _settle(self, stage: Any, entry: dict[str, Any], files: dict[str, str]) -> None:
        """Compare the files that DVC read with the files of the training tree."""
        made = [s.outs for s in stage.repo.index.stages if isinstance(s, PipelineStage)]
        outs = {self._inside(out.fs_path) for each in made for out in each}
        for dependency in entry.get("deps", ()):
            path = self._inside(str(Path(stage.wdir, dependency["path"])))
            inside = [each for each in outs if f"{path}/".startswith(f"{each}/")]
            beside = [each for each in outs if each.startswith(f"{path}/")]
            known = path in files or any(each.startswith(f"{path}/") for each in files)
            if known and not inside and not beside:
                self.warnings += filter(None, [inputs.settle(dependency, path, files)])

    def _params(self, stages: list[Any]) -> dict[str, dict[str, Any]]:
        params: dict[str, dict[str, Any]] = {}
        for stage in stages:
            for dep in stage.params:
                read = dep.hash_info.value or {}
                params.setdefault(self._inside(dep.fs_path), {}).update(read)
        return params

    def _inside(self, path: str) -> str:
        return Path(os.path.relpath(path, self.checkout)).as_posix()


def _spelled(entry: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Write the paths of an entry of dvc.lock as the team's dvc.yaml does: DVC compares texts."""
    for section in ("deps", "outs"):
        for part in entry.get(section, ()):
            part["path"] = names.get(part["path"], part["path"])
        entry.get(section, []).sort(key=lambda part: part["path"])
    if "params" in entry:
        entry["params"] = {names.get(path, path): read for path, read in entry["params"].items()}
    return entry


def _accepted(document: dict[str, Any]) -> Accepted:
    return Accepted(document["source"], tuple(Output(**each) for each in document["outputs"]))


def _push(repo: Repo, address: str) -> None:
    try:
        repo.push(targets=[address], with_deps=True, run_cache=True)
    except (exceptions.DvcException, OSError) as error:
        raise NotPushed(str(error)) from error


def _upstream(repo: Repo, address: str) -> list[Any]:
    """Return the target's stage and all upstream stages, in the order in which they run."""
    stages: list[Any] = plan_repro(get_active_graph(repo.index.graph), repo.stage.collect(address))
    return stages


@contextmanager
def _patience() -> Iterator[None]:
    """Ignore TERM while a program runs: it is for the program, which may use its remaining time."""
    # This is a function, not SIG_IGN: the program would inherit SIG_IGN.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _failed(stage: str, message: str) -> StageFailed:
    match = re.fullmatch(r"failed to run: (.*), exited with (-?\d+)", message, re.DOTALL)
    command, code = (match[1], int(match[2])) if match else (message, 1)
    return StageFailed(stage, command, code)
