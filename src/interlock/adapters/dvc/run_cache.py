"""Reuses outputs instead of running a stage; loaded in DVC's process only.

DVC finds a stored run by command, dependencies and parameters, and trusts it, so that every user
who can write the remote's run cache decides the result of the next training. So no run is read from
a remote here. Outputs of accepted evidence are found by their digests; runs in the cache of the
same clone are used only when the job allows it. DVC's own entries are written, for users of
`dvc repro --pull`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dvc.repo import Repo
from dvc.stage.cache import (
    RunCacheNotFoundError,
    StageCache,
    _can_hash,
    _get_cache_hash,
    _get_stage_hash,
)
from dvc.stage.serialize import to_single_stage_lockfile
from dvc_objects.fs.generic import copy

from interlock.adapters.dvc import objects
from interlock.domain.model.stage_runs import OWN_CACHE, Accepted

# DVC has no run cache for HTTP.
_WITHOUT_RUNS = frozenset({"http", "https"})
_NAME = re.compile("[0-9a-f]{64}")


class RunCache(StageCache):  # type: ignore[misc]
    """`taken` has the stored run of each stage that did not run; the paths of outputs are relative
    to `checkout`. A stage that `is_rerun` gets no stored run."""

    def __init__(
        self,
        repo: Repo,
        *,
        salt: str,
        accepted: Mapping[str, Accepted],
        own_cache: bool,
        checkout: Path,
        is_rerun: Callable[[Any], bool],
    ) -> None:
        super().__init__(repo)
        self.taken: dict[str, Accepted] = {}
        self._salt = salt
        self._accepted = accepted
        self._own_cache = own_cache
        self._checkout = checkout
        self._is_rerun = is_rerun
        self._touched: set[tuple[str, str]] = set()

    def pull(self, remote: str | None, odb: Any = None) -> list[tuple[str, str]]:
        """Fetch nothing: every user who can write the remote may have stored its runs."""
        return []

    def push(self, remote: str | None, odb: Any = None) -> list[tuple[str, str]]:
        store = odb or self.repo.cloud.get_remote_odb(
            None, "push --run-cache", hash_name="md5-dos2unix"
        )
        for key, value in sorted(self._touched):
            self._push(store, key, value)
        return []

    def save(self, stage: Any) -> None:
        super().save(stage)
        if not _can_hash(stage) or not (key := _get_stage_hash(stage)):
            return
        value, ours = _get_cache_hash(to_single_stage_lockfile(stage)), self._salted(key, stage)
        local = self.repo.cache.legacy
        copy(
            local.fs, self._get_cache_path(key, value), local.fs, self._get_cache_path(ours, value)
        )
        self._touched.add((key, value))

    def restore(self, stage: Any, run_cache: bool = True, **kwargs: Any) -> None:
        try:
            super().restore(stage, run_cache=run_cache, **kwargs)
        except RunCacheNotFoundError:
            self.taken.pop(stage.addressing, None)
            # To run the stage again would leave the damage in place, so that the next training
            # finds it again.
            objects.refuse_damage()
            raise

    def key(self, stage: Any) -> str:
        """Return a digest of everything that determines the outputs of a stage; "" if DVC cannot
        compute it."""
        return self._salted(_get_stage_hash(stage), stage) if _can_hash(stage) else ""

    def _create_stage(self, cache: Any, wdir: Any = None) -> Any:
        # DVC makes the stage from a `dvc.yaml` in the working folder, which must be inside the
        # repository.
        with contextlib.chdir(self.repo.root_dir):
            return super()._create_stage(cache, wdir=wdir)

    def _load(self, stage: Any) -> Any:
        if self._is_rerun(stage):
            return None
        key = self.key(stage)
        for source, entry in (*self._named(stage, key), *self._own(key)):
            self.taken[stage.addressing] = source
            return entry
        return None

    def _named(self, stage: Any, key: str) -> Iterator[tuple[Accepted, Any]]:
        """Yield the entry of a stage with the outputs that accepted evidence names."""
        named = self._accepted.get(key)
        outputs = {each.path: each for each in named.outputs} if named else {}
        entry = to_single_stage_lockfile(stage)
        for out, recorded in zip(_sorted(stage.outs), entry["outs"], strict=True):
            output = outputs.get(out.fs.relpath(out.fs_path, str(self._checkout)))
            if named is None or output is None:
                return
            program = {"isexec": True} if output.is_program else {}
            recorded |= {"hash": "md5", "md5": output.md5, **program}
        if named is not None:
            yield named, entry

    def _own(self, key: str) -> Iterator[tuple[Accepted, Any]]:
        """Yield entries of this clone's cache. The digest in the name excludes partial files."""
        for value in self._values(key) if self._own_cache else ():
            entry = self._load_cache(key, value)
            if entry and _get_cache_hash(entry) == value:
                yield Accepted(OWN_CACHE), entry

    def _values(self, key: str) -> list[str]:
        """Names of the entries of a key, always in the same order."""
        folder = Path(self._get_cache_dir(key))
        names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
        return sorted(filter(_NAME.fullmatch, names))

    def _salted(self, key: str, stage: Any) -> str:
        """Return Interlock's key. A training also depends on the environment files, which DVC does
        not know. The key has the parameters again, because DVC's key ignores every parameter with
        the name `size` or `nfiles`, at any depth, and would return the model of another `size`."""
        params = to_single_stage_lockfile(stage).get("params", {})
        parts = ["interlock", self._salt, key, json.dumps(params, sort_keys=True, default=str)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _push(self, store: Any, key: str, value: str) -> None:
        inside, local = ("runs", key[:2], key, value), self.repo.cache.legacy
        goal = store.fs.join(store.path, *inside)
        if store.fs.protocol in _WITHOUT_RUNS or store.fs.exists(goal):
            return
        store.fs.makedirs(store.fs.parent(goal), exist_ok=True)
        copy(local.fs, local.fs.join(local.path, *inside), store.fs, goal)


def _sorted(outs: Any) -> list[Any]:
    """Sort like `to_single_stage_lockfile`."""
    return sorted(outs, key=lambda out: out.def_path)
