"""Which workflow files an event starts: `on:` as GitHub reads it, as far as adopters write it.

https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#on
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from interlock import sandbox

_DEFAULT_TYPES = {"pull_request": ("opened", "synchronize", "reopened")}


def started(folder: Path, event: sandbox.Event) -> tuple[Path, ...]:
    """Return the workflow files of a folder that an event starts, in order of their names."""
    files = sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])
    return tuple(file for file in files if _starts(_read(file), event))


def _read(file: Path) -> Mapping[str, Any]:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as true.
    found = document.get(True, document.get("on", {}))
    if isinstance(found, str):
        return {found: None}
    if isinstance(found, list):
        return dict.fromkeys(found)
    return dict(found)


def _starts(events: Mapping[str, Any], event: sandbox.Event) -> bool:
    if event.name not in events:
        return False
    filters = events[event.name] or {}
    types = filters.get("types", _DEFAULT_TYPES.get(event.name))
    if types is not None and event.action not in types:
        return False
    branches = filters.get("branches")
    return branches is None or event.payload.get("ref") in {f"refs/heads/{b}" for b in branches}
