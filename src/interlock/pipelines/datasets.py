"""Datasets of `dvc ds add`: specified in a dvc.yaml, locked in the dvc.lock beside it.

DVC does not fetch them: the program does, by the lock. The lock therefore identifies the content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interlock import errors
from interlock.domain.model.lineage import Input, InputKind
from interlock.pipelines import canonical_values, dvcyaml, pointers
from interlock.pipelines.project import Project

_SCHEME = "ds://"
# By type: the fields of the specification and of the lock (dvc.repo.datasets of DVC 3).
_SPECIFIED = {
    "dvc": ("name", "url", "type", "path", "rev"),
    "dc": ("name", "url", "type"),
    "url": ("name", "url", "type"),
}
_LOCKED = {"dvc": ("rev_lock",), "dc": ("version", "created_at"), "url": ("meta", "files")}


def name_of(written: str) -> str | None:
    """Return the dataset that a dependency names (`ds://NAME`), None for any other dependency."""
    if not written.lower().startswith(_SCHEME):
        return None
    return written[len(_SCHEME) :].partition("/")[0].partition("?")[0].partition("#")[0]


def find(project: Project, name: str, *, from_file: str) -> Input:
    """Return the input that the lock of a dataset identifies.

    Raises CannotFingerprint without the dataset, its lock, or an identifier of its content.
    """
    file, specified = specification(project, name, from_file=from_file)
    content = _content(lock(project, file, specified))
    if content is None:
        raise errors.CannotFingerprint(
            f"the lock of the dataset {name} in {dvcyaml.lock_path(file)} identifies no content",
            hint="keep it where DVC finds a version: a revision, a version id or a checksum",
        )
    return Input(InputKind.DATA, f"{_SCHEME}{name}", canonical_values.digest(content))


def specification(project: Project, name: str, *, from_file: str) -> tuple[str, Mapping[str, Any]]:
    """Return the dvc.yaml that specifies a dataset, and the entry; raises CannotFingerprint."""
    index = project.index
    root = index.root_of(from_file)
    files = [
        f for f, top in index.tops.items() if name in top.datasets and index.root_of(f) == root
    ]
    if len(files) > 1:
        raise errors.CannotFingerprint(f"the dataset {name} is in both {' and '.join(files)}")
    if not files:
        raise errors.CannotFingerprint(
            f"no dvc.yaml has the dataset {name} in its section datasets",
            hint=f"add it: dvc ds add {name} URL",
        )
    specified = index.tops[files[0]].datasets[name]
    if specified.get("type") not in _SPECIFIED:
        raise errors.CannotFingerprint(
            f"{files[0]}: the dataset {name} has the type {specified.get('type')}, "
            f"and DVC knows {', '.join(_SPECIFIED)}"
        )
    return files[0], specified


def lock(project: Project, file: str, specified: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the dvc.lock entry of exactly this specification; DVC accepts no other."""
    name, path = specified["name"], dvcyaml.lock_path(file)
    entries = project.lock(file).get("datasets")
    records = [
        entry
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping) and entry.get("name") == name
    ]
    hint = f"run `dvc ds update {name}` and commit {path}"
    if not records:
        raise errors.CannotFingerprint(
            f"no lock records the dataset {name}: {path} has none in its section datasets",
            hint=hint,
        )
    if _fields(records[0]) != _fields(specified):
        raise errors.CannotFingerprint(
            f"the lock of the dataset {name} in {path} is of another specification than {file}",
            hint=hint,
        )
    return records[0]


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the location of a dataset; a missing field is "", as in DVC."""
    fields = _SPECIFIED.get(str(entry.get("type")), ())
    return {field: entry.get(field) or "" for field in fields}


def _content(lock: Mapping[str, Any]) -> dict[str, Any] | None:
    kind = str(lock["type"])
    if kind == "url":
        known = _versions(lock)
    else:
        known = {field: lock[field] for field in _LOCKED[kind] if lock.get(field)}
        known = known if _LOCKED[kind][0] in known else {}
    return {**_fields(lock), **known} if known else None


def _versions(lock: Mapping[str, Any]) -> dict[str, Any]:
    """Return the version of a URL: of each of its files, or of the single file."""
    files = dict(_files(lock))
    if files:
        return {"files": files} if all(files.values()) else {}
    meta = lock.get("meta")
    version = pointers.identify(meta) if isinstance(meta, Mapping) else ""
    return {"meta": version} if version else {}


def _files(lock: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed = lock.get("files")
    for entry in listed if isinstance(listed, list) else ():
        meta = entry.get("meta") if isinstance(entry, Mapping) else None
        if isinstance(meta, Mapping):
            yield str(entry.get("relpath")), pointers.identify(meta)
