"""Read one .dvc file: the data that it points to; nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interlock import errors
from interlock.domain.basics import repository_paths
from interlock.pipelines import canonical_values, paths
from interlock.pipelines.stage import Tracked

# In this order: the digest that DVC compares, then the version on a remote.
_CHECKSUMS = ("md5", "etag", "checksum", "version_id")


def read(document: Mapping[str, Any], *, path: str) -> tuple[Tracked, ...]:
    """Return the data that a pointer tracks; raises CannotFingerprint for an unknown format."""
    if not document.get("outs"):
        raise errors.CannotFingerprint(f"{path} has no list `outs`")
    base = paths.join(paths.folder(path), str(document.get("wdir") or "."))
    source = _source(document.get("deps"))
    rows = _rows(document)
    return tuple(_tracked(out, path, base, rows=rows, source=source) for out in document["outs"])


def _tracked(
    out: Mapping[str, Any], file: str, base: str | None, *, rows: int | None, source: str
) -> Tracked:
    where = out.get("path")
    path = paths.join(base, where) if isinstance(where, str) and base is not None else None
    if not path:
        raise errors.CannotFingerprint(f"{file}: an out has no path inside the repository")
    if fault := repository_paths.fault(path):
        raise errors.CannotFingerprint(f"{file}: the path of an out {fault}")
    return Tracked(
        file=file,
        path=path,
        digest=identify(out) or source,
        size_bytes=_count(out.get("size")),
        rows=_rows(out) if _rows(out) is not None else rows,
        files=dict(_files(out.get("files"))),
    )


def identify(entry: Mapping[Any, Any]) -> str:
    """Return the digest of an entry in a pointer or a lock, "" without one.

    With `files`, a folder on a versioned remote, the listing is the content.
    """
    files = dict(_files(entry.get("files")))
    if files:
        return canonical_values.digest(files)
    for name in _CHECKSUMS:
        if entry.get(name):
            return f"{name}:{entry[name]}"
    cloud = entry.get("cloud")
    remotes = cloud.values() if isinstance(cloud, Mapping) else ()
    identities = (identify(remote) for remote in remotes if isinstance(remote, Mapping))
    return next(filter(None, identities), "")


def _files(value: Any) -> Iterator[tuple[str, str]]:
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("relpath"), str):
            yield entry["relpath"], identify(entry)


def _source(deps: Any) -> str:
    """Identify an import that was not downloaded: a repository at a locked commit, or a URL."""
    if not isinstance(deps, list) or len(deps) != 1 or not isinstance(deps[0], Mapping):
        return ""
    dep = deps[0]
    repo = dep.get("repo")
    if isinstance(repo, Mapping):
        lock = repo.get("rev_lock")
        return canonical_values.digest([repo.get("url"), lock, dep.get("path")]) if lock else ""
    known = identify(dep)
    return canonical_values.digest([dep.get("path"), known]) if known else ""


def _rows(entry: Mapping[Any, Any]) -> int | None:
    meta = entry.get("meta")
    return _count(meta.get("rows")) if isinstance(meta, Mapping) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
