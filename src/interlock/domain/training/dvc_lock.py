"""Merges the entries of a candidate into the data of a `dvc.lock`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from interlock.domain.model.git_outputs import GitOutput, UncommittedFile

SCHEMA = "2.0"
SUBJECT = "Record the lock of"


class LockFate(StrEnum):
    """The outcome for the lock file of a candidate that passed."""

    RECORDED = "recorded"
    """The branch has it, from Interlock's commit or from an earlier one."""
    LEFT = "left"
    """The policy leaves it to users, and the branch does not have it."""
    FORK = "fork"
    """The branch is in a fork, and does not have it."""
    REFUSED = "refused"
    """Git refused the push, because a permission is missing or by a rule of the branch."""
    MOVED = "moved"
    """The branch moved during the write; the next report tries again."""
    UNREADABLE = "unreadable"
    """The existing file is not a lock file of a known version; it is not overwritten."""


@dataclass(frozen=True, slots=True)
class LockNote:
    """The fate of the lock files, metrics and plots `paths`, and the targets (`dvc.yaml:stage`)
    that write them. `left` are other files of these targets that belong in Git.

    `is_unattended`: the branch's head is Interlock's commit of these files. It was made with the
    token of a workflow, so that GitHub starts no workflow for it.
    """

    fate: LockFate
    paths: tuple[str, ...]
    targets: tuple[str, ...] = ()
    is_unattended: bool = False
    left: tuple[UncommittedFile, ...] = ()


def is_lock(document: object) -> bool:
    """True if a parsed YAML file is a lock file of the version that Interlock writes."""
    if not isinstance(document, dict) or str(document.get("schema")) != SCHEMA:
        return False
    return isinstance(document.get("stages"), dict | None)


def merge(current: Mapping[str, Any] | None, entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lock file with the entries of those stages instead of its own.

    Existing stages keep their place, as in DVC; new ones follow in their own order.
    """
    stages = dict((current or {}).get("stages") or {})
    stages.update(entries)
    return {**(current or {}), "schema": SCHEMA, "stages": stages}


def needs(current: Mapping[str, Any] | None, entries: Mapping[str, Any]) -> bool:
    """True if any of the entries is missing or different."""
    stages = (current or {}).get("stages") or {}
    return any(stages.get(stage) != entry for stage, entry in entries.items())


def is_lock_path(path: str) -> bool:
    """True if a path is a dvc.lock inside the repository: no other file is written."""
    folders = path.split("/")
    return folders[-1] == "dvc.lock" and not {"", ".", "..", ".git"} & set(folders)


def of_stages(
    lock: Mapping[str, Mapping[str, Any]], addresses: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return the entries of those stages (`folder/dvc.yaml:name`) alone, by path of lock file.

    The training job may have run code of the change, so that other entries are left out.
    """
    entries: dict[str, dict[str, Any]] = {}
    for address in addresses:
        file, _, stage = address.partition(":")
        path = f"{file.removesuffix('.yaml')}.lock"
        entry = lock.get(path, {}).get(stage)
        if entry is not None and is_lock_path(path):
            entries.setdefault(path, {})[stage] = order(entry)
    return entries


def digest(lock: Mapping[str, Mapping[str, Any]], output: GitOutput) -> str:
    """Return the MD5 that a lock records for an output; "" without one."""
    file, _, stage = output.stage.partition(":")
    entry = lock.get(f"{file.removesuffix('.yaml')}.lock", {}).get(stage, {})
    outs = (out for out in entry.get("outs") or () if out.get("path") == output.written)
    return next((str(out.get("md5", "")) for out in outs), "")


def order(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stage's entry with its keys in the order in which DVC writes them.

    The ledger sorts keys. The order is that of `dvc.stage.serialize.to_single_stage_lockfile` of
    DVC 3.
    """
    ordered: dict[str, Any] = {}
    for key in _sorted(entry, _STAGE):
        value = entry[key]
        if key in {"deps", "outs"}:
            value = [{k: item[k] for k in _sorted(item, _ITEM)} for item in value]
        elif key == "params":
            value = {f: dict(sorted(value[f].items())) for f in _sorted(value, ("params.yaml",))}
        ordered[key] = value
    return ordered


_STAGE = ("cmd", "deps", "params", "outs")
_ITEM = ("path", "hash", "md5", "etag", "checksum", "size", "nfiles", "isexec", "version_id")


def _sorted(keys: Iterable[str], first: tuple[str, ...]) -> list[str]:
    return sorted(keys, key=lambda k: (first.index(k) if k in first else len(first), k))
