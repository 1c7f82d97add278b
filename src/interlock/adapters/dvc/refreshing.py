"""Runs the refresh of pointers in a separate process, and turns its results into values."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from interlock.adapters.dvc import pipeline, process, setup_commands
from interlock.domain.retraining.data_difference import DataShape, RefreshedPointer
from interlock.ports.pipeline import RunEnd
from interlock.ports.refreshing import Refreshed, RefreshJob
from interlock.services import temporary_folders

_PROGRAM = ("-P", "-m", "interlock.adapters.dvc.refresher")
# Tokens that can write to GitHub or to the caches of the run; a refresh needs none of them.
_TOKENS = frozenset(
    {
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "GITHUB_ENTERPRISE_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    }
)


class DvcRefreshing:
    def refresh(self, errand: RefreshJob, *, say: Callable[[str], None]) -> Refreshed:
        with temporary_folders.folder("dvc") as folder:
            home = str(errand.home.resolve()) if errand.home else ""
            words = asdict(errand) | {"checkout": str(errand.checkout.resolve()), "home": home}
            (folder / "job.json").write_text(json.dumps(words), encoding="utf-8")
            began = time.monotonic()
            job = replace(errand, env={**_environment(), **errand.env})
            prepared = setup_commands.run(job, folder, say=say)
            if prepared.ended is not None:
                return _unprepared(prepared.ended, errand)
            ended = process.run(
                [sys.executable, *_PROGRAM, str(folder)],
                cwd=errand.checkout,
                env={**prepared.env, **pipeline.SILENT, "DVC_SITE_CACHE_DIR": str(folder / "site")},
                timeout_seconds=max(1, errand.timeout_seconds - (time.monotonic() - began)),
                say=say,
                on_stop=(folder / "stop").touch,
            )
            return _read(ended, folder / "result.json", errand)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not _is_token(name)}


def _is_token(name: str) -> bool:
    # `actions/run` gives git a token by GIT_CONFIG_VALUE_<n>.
    return name in _TOKENS or re.match(r"GIT_CONFIG_(COUNT|(KEY|VALUE)_\d+)$", name) is not None


def _unprepared(ended: process.Exit, errand: RefreshJob) -> Refreshed:
    if ended.ended is RunEnd.FAILED:
        pipeline.require_room(ended.tail, errand.checkout)
    return _stopped(ended, errand) or Refreshed(
        RunEnd.FAILED, ended.tail, f"the set-up commands ended with status {ended.code}"
    )


def _stopped(ended: process.Exit, errand: RefreshJob) -> Refreshed | None:
    if ended.ended is RunEnd.TIMED_OUT:
        minutes = f"{errand.timeout_seconds / 60:.3g}"
        return Refreshed(ended.ended, ended.tail, f"it timed out after {minutes} minutes")
    if ended.ended is RunEnd.INTERRUPTED:
        return Refreshed(ended.ended, ended.tail, "it was interrupted")
    return None


def _read(ended: process.Exit, result: Path, errand: RefreshJob) -> Refreshed:
    stopped = _stopped(ended, errand)
    if stopped is not None:
        return stopped
    if not result.exists():
        raise pipeline.vanished(ended)
    document = json.loads(result.read_text("utf-8"))
    if document["kind"] in {"program", "output"}:
        pipeline.require_room(ended.tail, errand.checkout)
        return Refreshed(RunEnd.FAILED, ended.tail, document["message"])
    if document["kind"] != "done":
        where = ", ".join(errand.pointers) or errand.command
        raise pipeline.error_of(document, ended.tail, where=where)
    changed = {
        path: RefreshedPointer(
            (errand.checkout / path).read_bytes(),
            before=_shape(shapes["before"]),
            after=_shape(shapes["after"]),
        )
        for path, shapes in document["changed"].items()
    }
    return Refreshed(RunEnd.DONE, ended.tail, changed=changed)


def _shape(document: dict[str, Any] | None) -> DataShape | None:
    return None if document is None else DataShape(**document)
