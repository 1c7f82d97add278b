"""Compares outputs of stages that always run with the committed dvc.lock; loaded in DVC's process
only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class MadeOther(Exception):
    """A stage that always runs made another output than dvc.lock records."""


def require(stage: Any, checkout: Path, recorded: Mapping[str, str]) -> None:
    """Raise MadeOther if an output of the stage differs from its record."""
    lock = Path(os.path.relpath(stage.dvcfile.path, checkout)).with_name("dvc.lock").as_posix()
    for out in stage.outs:
        path = Path(os.path.relpath(out.fs_path, checkout)).as_posix()
        made = f"{out.hash_info.name}:{out.hash_info.value}"
        if recorded.get(path, made) != made:
            raise MadeOther(
                f"stage {stage.name} is always_changed, and it made {path} as {made}; the "
                f"fingerprint counts {recorded[path]}, which {lock} records, so that the model is "
                f"not stored: {_advice(stage, out, lock)}"
            )


def _advice(stage: Any, out: Any, lock: str) -> str:
    size = "" if out.meta is None or out.meta.size is None else f" and size: {out.meta.size}"
    return (
        f"run `dvc repro {stage.name}` in this environment, or write md5: {out.hash_info.value}"
        f"{size} for {out.def_path} of stage {stage.name} there; then commit {lock}"
    )
