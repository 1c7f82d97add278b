"""Fetches and verifies the inputs of a training that none of its stages makes, and compares them
again at the end; loaded in DVC's process only."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dvc.fs import localfs
from dvc.repo import Repo
from dvc_data.hashfile.hash import hash_file
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.tree import Tree

from interlock.adapters.dvc import objects


class Differs(Exception):
    """A file differs from the one that the fingerprint names."""


def bring(repo: Repo, checkout: Path, data: Iterable[str]) -> dict[str, str]:
    """Put the data in place and return the MD5 of each file by its path in the checkout."""
    wanted = [str(checkout / path) for path in data]
    if not wanted:
        return {}
    repo.pull(targets=wanted)
    objects.refuse_damage()
    return verify(repo, checkout, wanted)


def verify(repo: Repo, checkout: Path, wanted: list[str]) -> dict[str, str]:
    """Read every file of the data at these places once: it must match its pointer.

    DVC's state remembers the digests, so that it does not read them again.
    """
    digests: dict[str, str] = {}
    for path, digest in _expected(repo, wanted):
        place = Path(os.path.relpath(path, checkout)).as_posix()
        digests[place] = _verified(repo, path, digest, place)
    return digests


def measure(checkout: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of each file: two files may have one MD5."""
    return {
        path: str(hash_file(str(checkout / path), localfs, "sha256")[1].value) for path in paths
    }


def _expected(repo: Repo, wanted: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield each file of the data with its digest in its pointer, or in its folder's listing."""
    for out in repo.index.outs:
        yield from ((p, i) for p, i in files_of(out) if any(_is_at(p, place) for place in wanted))


def files_of(out: Any) -> list[tuple[str, Any]]:
    """Return each file of an output with its digest in the lock, or in its folder's listing."""
    content = out.get_obj()
    if isinstance(content, Tree):
        return [(localfs.join(out.fs_path, *key), info) for key, _, info in content]
    return [(out.fs_path, out.hash_info)]


def _is_at(path: str, place: str) -> bool:
    return path == place or path.startswith(place + os.sep)


def _verified(repo: Repo, path: str, digest: Any, place: str) -> str:
    """Verify a file and return its MD5. An import that was not downloaded has no digest: DVC
    compared its source with the lock."""
    _, actual = hash_file(path, localfs, digest.name)
    if digest.value is not None and actual.value != digest.value:
        raise Differs(
            f"{place} has {actual.name} {actual.value}, and its pointer says {digest.value}"
        )
    md5 = _md5(path) if actual.name != "md5" else str(actual.value)
    repo.state.save(path, localfs, HashInfo("md5", md5))
    return md5


def _md5(path: str) -> str:
    return str(hash_file(path, localfs, "md5")[1].value)


def remember(repo: Repo, checkout: Path, files: Mapping[str, str], *, again: bool) -> None:
    """Store the digests of files that were written here in DVC's state; with `again` the files are
    read first, since a program ran in between."""
    for path, md5 in files.items():
        if again:
            refuse_change(repo, checkout, {path: md5}, "before the first stage")
        repo.state.save(str(checkout / path), localfs, HashInfo("md5", md5))


def refuse_change(repo: Repo, checkout: Path, files: Mapping[str, str], when: str) -> None:
    """Raise Differs for the first file that changed or is missing. A file with the same size and
    modification time is not read again."""
    for path, md5 in files.items():
        place = checkout / path
        actual = (
            hash_file(str(place), localfs, "md5", repo.state)[1].value if place.exists() else None
        )
        if actual != md5:
            difference = "is gone" if actual is None else f"has md5 {actual}"
            raise Differs(f"{path} {difference} {when}, and the fingerprint names {md5}")


def of_folder(files: Mapping[str, str], folder: str) -> str:
    """Return DVC's digest of a folder that has only these files."""
    inside = sorted(path for path in files if path.startswith(folder + "/"))
    listing = [{"md5": files[p], "relpath": p[len(folder) + 1 :]} for p in inside]
    text = json.dumps(listing, sort_keys=True).encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest() + ".dir"


def settle(entry: dict[str, Any], path: str, files: Mapping[str, str]) -> str:
    """Compare the dependency that DVC recorded with the input; '' when they agree.

    Raises Differs for a file. A folder with all its files and more was changed by a program: the
    record is set to the original folder, and the sentence reports it.
    """
    recorded = entry.get("md5")
    if path in files:
        if recorded != files[path]:
            raise Differs(
                f"{path} was read as md5 {recorded}, and the fingerprint names {files[path]}"
            )
        return ""
    expected = of_folder(files, path)
    if recorded == expected:
        return ""
    entry["md5"] = expected
    entry["nfiles"] = sum(1 for each in files if each.startswith(path + "/"))
    return f"a program wrote into {path}, which is a dependency: declare what it makes as an output"
