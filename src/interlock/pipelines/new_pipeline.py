"""Writes the dvc.yaml of a repository that has none, and the files of `dvc init`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from interlock.domain.adoption.new_stage import NewStage

FILE = "dvc.yaml"
STAGE = "train"
SET_UP = {".dvc/config": "", ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n"}
"""The files of `dvc init` that a repository needs."""


def write(stage: NewStage) -> str:
    """Return the text of a dvc.yaml with one stage."""
    content: dict[str, Any] = {"cmd": stage.command}
    if stage.deps:
        content["deps"] = list(stage.deps)
    content["outs"] = [_out(path, stage) for path in stage.outs]
    if stage.metrics:
        content["metrics"] = [_out(path, stage) for path in stage.metrics]
    text: str = yaml.safe_dump(
        {"stages": {STAGE: content}}, sort_keys=False, allow_unicode=True, width=1000
    )
    return text


def _out(path: str, stage: NewStage) -> str | Mapping[str, Any]:
    return {path: {"cache": False}} if path in stage.kept else path
