"""Reports damaged objects instead of deleting them; loaded in DVC's process only.

DVC deletes an object of the remote if its bytes do not match its name, and then reports it as
missing. The transfer may have damaged the bytes, so that the remote stays as it is, and the report
names the object.
"""

from __future__ import annotations

from typing import Any

from dvc.repo import Repo
from dvc_data.hashfile.db import HashFileDB
from dvc_data.hashfile.hash import hash_file
from dvc_objects.errors import ObjectFormatError

_damaged: list[str] = []
_delete_if_damaged = HashFileDB.check


class Damaged(Exception):
    """Objects of the remote do not match their names."""


def watch(repo: Repo) -> None:
    """Collect the damaged objects that this process reads from now on."""
    caches = {odb.path for odb in (repo.cache.local, repo.cache.legacy)}
    remote = repo.cloud.get_remote_odb(None, "pull")

    def check(odb: Any, oid: str, check_hash: bool = True, _info: Any = None) -> Any:
        try:
            if odb.path in caches or not check_hash:
                return _delete_if_damaged(odb, oid, check_hash, _info)
            return _compare(odb, oid)
        except ObjectFormatError:
            _damaged.append(f"{oid} ({remote.fs.unstrip_protocol(remote.oid_to_path(oid))})")
            raise

    HashFileDB.check = check  # type: ignore[method-assign, assignment]


def damage() -> str:
    return ", ".join(dict.fromkeys(_damaged))


def refuse_damage() -> None:
    if _damaged:
        raise Damaged(damage())


def _compare(odb: Any, oid: str) -> Any:
    data = odb.get(oid)
    meta, actual = hash_file(data.path, data.fs, odb.hash_name, odb.state)
    if str(actual.value).removesuffix(".dir") != oid.removesuffix(".dir"):
        raise ObjectFormatError(f"{data} is corrupted")
    return meta
