"""DVC's lock file as data: a candidate's entries put into what is there; no YAML, no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SCHEMA = "2.0"


class Fate(StrEnum):
    """What becomes of the lock file of a candidate that passed."""

    RECORDED = "recorded"
    """The branch holds it, by our commit or by somebody's before."""
    LEFT = "left"
    """The policy leaves it to people, and the branch does not hold it."""
    FORK = "fork"
    """The branch is not the repository's own, and does not hold it."""
    MOVED = "moved"
    """The branch moved while we wrote; the next report tries again."""
    UNREADABLE = "unreadable"
    """What is there is no lock file of a version we know; it is not overwritten."""


@dataclass(frozen=True, slots=True)
class Note:
    """The fate of the lock files `paths`, and the targets (`dvc.yaml:stage`) that write them."""

    fate: Fate
    paths: tuple[str, ...]
    targets: tuple[str, ...] = ()


def is_lock(document: object) -> bool:
    """Whether a parsed YAML file is a lock file of the version that we write."""
    if not isinstance(document, dict) or str(document.get("schema")) != SCHEMA:
        return False
    return isinstance(document.get("stages"), dict | None)


def merge(current: Mapping[str, Any] | None, entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lock file with those stages' entries in place of its own.

    Stages that are there keep their place, as DVC keeps it; new ones follow in their own order.
    """
    stages = dict((current or {}).get("stages") or {})
    stages.update(entries)
    return {**(current or {}), "schema": SCHEMA, "stages": stages}


def needs(current: Mapping[str, Any] | None, entries: Mapping[str, Any]) -> bool:
    """Whether any of the entries is missing or different."""
    stages = (current or {}).get("stages") or {}
    return any(stages.get(stage) != entry for stage, entry in entries.items())
