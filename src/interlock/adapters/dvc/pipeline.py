"""Runs DVC's program for one training, and turns its results into values and errors."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from interlock import errors
from interlock.adapters.dvc import local_settings, process, setup_commands, storage_approval
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.stage_runs import Output, StageRun
from interlock.ports.pipeline import DvcSettings, PipelineJob, PipelineRun, RunEnd
from interlock.services import machine_shortage, temporary_folders

_PROGRAM = ("-P", "-m", "interlock.adapters.dvc.program")
_CACHE_PROGRAM = ("-P", "-m", "interlock.adapters.dvc.cache_folder")
SILENT = {"DVC_NO_ANALYTICS": "1", "PYTHONUNBUFFERED": "1"}
_ENDS = {"program": RunEnd.FAILED, "output": RunEnd.FAILED, "unusable": RunEnd.UNUSABLE}
"""The failures of a training that are a result, and not an error."""


class DvcPipeline:
    def run(
        self,
        job: PipelineJob,
        *,
        say: Callable[[str], None],
        check: Callable[[tuple[str, ...]], Refusal | None],
    ) -> PipelineRun:
        with temporary_folders.folder("dvc") as folder:
            began = time.monotonic()
            prepared = setup_commands.run(job, folder, say=say)
            if prepared.ended is not None:
                return _unprepared(prepared.ended, job)
            _write(job, folder)
            ended = process.run(
                [sys.executable, *_PROGRAM, str(folder)],
                # DVC compares one of its paths with the folder in which it starts.
                cwd=job.checkout / job.root,
                # Without this, DVC's state database would stay in /var/tmp for every tree.
                env={**prepared.env, **SILENT, "DVC_SITE_CACHE_DIR": str(folder / "site")},
                timeout_seconds=max(1, job.timeout_seconds - (time.monotonic() - began)),
                say=say,
                on_stop=(folder / "stop").touch,
                on_look=lambda: storage_approval.answer(folder, check),
            )
            return replace(_read(ended, folder / "result.json", job), env=prepared.env)

    def settings(
        self, home: Path, config: str, *, path: str, is_brought: bool, scratch: Path | None
    ) -> DvcSettings:
        return DvcSettings(
            config=config,
            local=local_settings.of(home),
            home=(home / ".dvc").resolve(),
            cache=(scratch / "interlock-dvc-cache") if scratch else _default_cache(home),
            path=path,
            is_brought=is_brought,
            top=home.resolve().parents[path.count("/") - 2]
            if path.count("/") > 1
            else home.resolve(),
        )

    def missing_bytes(self, settings: DvcSettings, sizes: Mapping[str, int]) -> int:
        cache = _cache(settings)
        absent = (
            md5 for md5 in sizes if not Path(cache, "files", "md5", md5[:2], md5[2:]).exists()
        )
        return sum(sizes[md5] for md5 in absent)


def _write(job: PipelineJob, folder: Path) -> None:
    """Write the input of DVC's process outside of the tree: the job, and settings with
    credentials."""
    words = asdict(job) | {"checkout": str(job.checkout.resolve()), "env": {}}
    (folder / "job.json").write_text(json.dumps(words, default=str), encoding="utf-8")
    _write_settings(job.settings, folder / "settings")


def _write_settings(settings: DvcSettings, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "config").write_text(settings.config, encoding="utf-8", errors="surrogateescape")
    (folder / "config.local").write_text(settings.local, encoding="utf-8")


def _default_cache(home: Path) -> Path:
    """Return the cache next to the checkout's own settings, or inside a bare repository."""
    if (home / ".dvc").is_dir():
        return home.resolve() / ".dvc" / "cache"
    return home.resolve() / "interlock" / "dvc-cache"


def _unprepared(ended: process.Exit, job: PipelineJob) -> PipelineRun:
    reasons = {
        RunEnd.TIMED_OUT: f"timed out after {job.timeout_seconds / 60:.3g} minutes",
        RunEnd.INTERRUPTED: "interrupted",
    }
    if ended.ended not in reasons:
        require_room(ended.tail, job.checkout)
    reason = reasons.get(ended.ended, f"the set-up commands ended with status {ended.code}")
    return _unfinished(ended, reason)


def _cache(settings: DvcSettings) -> Path:
    """Return the cache folder by the settings of a training; the default one if they cannot be
    read, which the training will report."""
    with temporary_folders.folder("dvc") as scratch:
        _write_settings(settings, scratch / "settings")
        values = {k: str(v) for k, v in asdict(settings).items()} | {
            "is_brought": settings.is_brought
        }
        command = [sys.executable, *_CACHE_PROGRAM, str(scratch / "settings")]
        done = subprocess.run(
            command, input=json.dumps(values), capture_output=True, text=True, check=False
        )
    printed = done.stdout.strip()
    return Path(printed) if done.returncode == 0 and printed else settings.cache


def _read(ended: process.Exit, result: Path, job: PipelineJob) -> PipelineRun:
    if ended.ended is RunEnd.TIMED_OUT:
        minutes = f"{job.timeout_seconds / 60:.3g}"
        return _unfinished(ended, f"timed out after {minutes} minutes")
    if ended.ended is RunEnd.INTERRUPTED:
        return _unfinished(ended, "interrupted")
    if not result.exists():
        raise vanished(ended)
    document = json.loads(result.read_text("utf-8"), parse_constant=str)
    if document["kind"] in _ENDS:
        require_room(ended.tail, job.checkout)
        return _unfinished(ended, document["message"], document, as_=_ENDS[document["kind"]])
    if document["kind"] != "done":
        raise error_of(document, ended.tail, where=f"{job.file}:{job.target}")
    return PipelineRun(
        ended=RunEnd.DONE,
        seconds=ended.seconds,
        log_tail=ended.tail,
        peak_memory_bytes=_peak(ended, document),
        stages=tuple(map(_stage, document["stages"])),
        outputs=tuple(document["outputs"]),
        lock=document["lock"],
        data=document["data"],
        metrics=document["metrics"],
        params=document["params"],
        warnings=tuple(document["warnings"]),
    )


def _stage(document: dict[str, Any]) -> StageRun:
    outputs = tuple(Output(**each) for each in document["outputs"])
    return StageRun(**document | {"outputs": outputs})


def _unfinished(
    ended: process.Exit,
    reason: str,
    document: dict[str, Any] | None = None,
    *,
    as_: RunEnd | None = None,
) -> PipelineRun:
    return PipelineRun(
        ended=as_ or ended.ended,
        seconds=ended.seconds,
        log_tail=ended.tail,
        peak_memory_bytes=_peak(ended, document or {}),
        reason=reason,
    )


def _peak(ended: process.Exit, document: dict[str, Any]) -> int | None:
    """The larger of the observed peak of all programs and the kernel's peak of one program."""
    return max(ended.peak_memory_bytes or 0, document.get("peak_memory_bytes", 0)) or None


def require_room(tail: str, checkout: Path) -> None:
    """Raise ShortOfRoom when a failed program reports a full disk: the model is not the cause."""
    short = machine_shortage.disk_in_message(tail, near=[checkout])
    if short is not None:
        raise short


def vanished(ended: process.Exit) -> errors.InterlockError:
    short = machine_shortage.in_message(ended.tail)
    if short is not None:
        return short
    how = f"was killed by signal {-ended.code}" if ended.code < 0 else f"ended with {ended.code}"
    return errors.OutsideFailure(
        f"the process that drives DVC {how} and left no result: {_last(ended.tail)}",
        hint="when memory ran out, ask for a larger runner; else run this again",
    )


def _last(tail: str) -> str:
    return next((line.strip() for line in reversed(tail.splitlines()) if line.strip()), "no output")


_KINDS: dict[str, tuple[type[errors.InterlockError], str, str]] = {
    "damaged": (
        errors.CannotReachRemote,
        "damaged in the DVC remote",
        "delete the object there and `dvc push` it again from a machine that has it",
    ),
    "missing-data": (
        errors.CannotReachRemote,
        "not in the DVC remote",
        "`dvc push` it from a machine that has it, then run this again",
    ),
    "remote": (
        errors.CannotReachRemote,
        "the DVC remote refused",
        "check the remote and the credentials for it, then run this again",
    ),
    "differs": (
        errors.OutsideFailure,
        "a file is not what the fingerprint names",
        "stop other programs that write there, and `dvc push` damaged data again",
    ),
    "other-bytes": (
        errors.CannotReachRemote,
        "an object has other bytes than its name says",
        "delete it in the cache and in the DVC remote, and look at who may write there",
    ),
    "not-run": (
        errors.CannotTrain,
        "a stage did not run, and no evidence names its outputs",
        "let no program write dvc.lock, or what lies in .dvc",
    ),
    "no-remote": (
        errors.MissingSetting,
        "no DVC remote is configured",
        "name the place for data and models, on the default branch: "
        "dvc remote add --default NAME URL",
    ),
    "settings": (
        errors.Refused,
        "DVC's settings name what a change may choose",
        "set it where no change reaches: `dvc config --system`, `--global` or `--local` on the "
        "runner, or the vendor's own variables; a file outside the repository",
    ),
    "config": (errors.MissingSetting, "DVC's settings", "see `dvc config --list --show-origin`"),
    "launcher": (
        errors.CannotTrain,
        "the manifest's launcher has nothing to start",
        "let the target's cmd begin with `python`, or leave out `training`",
    ),
    "dvc": (
        errors.CannotTrain,
        "DVC cannot run the pipeline",
        "`dvc repro` in a checkout of that revision says the same, with more words",
    ),
}


def error_of(document: dict[str, Any], tail: str, *, where: str) -> errors.InterlockError:
    """Return the failure of DVC as an error; `where` is the repository that it worked on."""
    kind, message = document["kind"], document["message"]
    complaints = "; ".join(document.get("complaints", []))
    short = machine_shortage.in_message(
        f"{tail if kind == 'remote' else ''}\n{complaints}\n{message}"
    )
    if short is not None:
        return short
    error, words, hint = _KINDS.get(kind, _KINDS["dvc"])
    if kind == "no-remote":
        return error(words, hint=hint)
    details = f"; {complaints}" if complaints and complaints not in message else ""
    return error(f"{words} ({where}): {message}{details}", hint=hint)
