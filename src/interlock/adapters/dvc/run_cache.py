"""DVC's run cache, one entry at a time and apart for each salt; loaded in DVC's process only.

DVC finds a stored run by command, dependencies and parameters. A training depends on more (the
environment files of its manifest), so that entries are looked up under a key of ours that has
the rest mixed in. DVC's own entry is written, too, for people who run `dvc repro --pull`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from typing import Any

from dvc.repo import Repo
from dvc.stage.cache import (
    RunCacheNotFoundError,
    StageCache,
    _get_cache_hash,
    _get_stage_hash,
)
from dvc.stage.serialize import to_single_stage_lockfile
from dvc_objects.fs.generic import copy

from interlock.adapters.dvc import objects

# DVC keeps no run cache behind HTTP.
_WITHOUT_RUNS = frozenset({"http", "https"})
_NAME = re.compile("[0-9a-f]{64}")


class RunCache(StageCache):  # type: ignore[misc]
    def __init__(self, repo: Repo, *, salt: str, force: bool) -> None:
        super().__init__(repo)
        self._salt = salt
        self._force = force
        self._touched: set[tuple[str, str]] = set()

    def pull(self, remote: str | None, odb: Any = None) -> list[tuple[str, str]]:
        """Fetch nothing: DVC would copy every run ever stored; `_load` fetches the one it needs."""
        return []

    def push(self, remote: str | None, odb: Any = None) -> list[tuple[str, str]]:
        store = odb or self._remote("push --run-cache")
        for key, value in sorted(self._touched):
            self._copy(self.repo.cache.legacy, store, key, value)
        return []

    def save(self, stage: Any) -> None:
        super().save(stage)
        if not (key := _get_stage_hash(stage)):
            return
        value, ours = _get_cache_hash(to_single_stage_lockfile(stage)), self._salted(key, stage)
        local = self.repo.cache.legacy
        copy(
            local.fs, self._get_cache_path(key, value), local.fs, self._get_cache_path(ours, value)
        )
        self._touched |= {(key, value), (ours, value)}

    def restore(self, stage: Any, run_cache: bool = True, **kwargs: Any) -> None:
        try:
            super().restore(stage, run_cache=run_cache, **kwargs)
        except RunCacheNotFoundError:
            # To run the stage again would leave the damage in place for the next one to find.
            objects.refuse_damage()
            raise

    def _create_stage(self, cache: Any, wdir: Any = None) -> Any:
        # DVC makes it of a `dvc.yaml` where the process is, which must be inside the repository.
        with contextlib.chdir(self.repo.root_dir):
            return super()._create_stage(cache, wdir=wdir)

    def _load(self, stage: Any) -> Any:
        key = _get_stage_hash(stage)
        if self._force or not key:
            return None
        ours, local = self._salted(key, stage), self.repo.cache.legacy
        if not self._values(local, ours):
            store = self._remote("fetch --run-cache")
            for value in self._values(store, ours):
                self._copy(store, local, ours, value)
        found = ((value, self._load_cache(ours, value)) for value in self._values(local, ours))
        # An entry is named by its own digest: half a file is not taken for a run.
        whole = (entry for value, entry in found if entry and _get_cache_hash(entry) == value)
        return next(whole, None)

    def _values(self, store: Any, key: str) -> list[str]:
        """Names of the entries of a key, always in the same order."""
        folder = store.fs.join(store.path, "runs", key[:2], key)
        if store.fs.protocol in _WITHOUT_RUNS or not store.fs.exists(folder):
            return []
        return sorted(n for n in map(store.fs.name, store.fs.find(folder)) if _NAME.fullmatch(n))

    def _salted(self, key: str, stage: Any) -> str:
        """Return our key. The parameters are in it once more: DVC's leaves out whatever is called
        `size` or `nfiles`, at any depth, and hands out the model of another `size`."""
        params = to_single_stage_lockfile(stage).get("params", {})
        parts = ["interlock", self._salt, key, json.dumps(params, sort_keys=True, default=str)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _remote(self, command: str) -> Any:
        return self.repo.cloud.get_remote_odb(None, command, hash_name="md5-dos2unix")

    def _copy(self, source: Any, target: Any, key: str, value: str) -> None:
        inside = ("runs", key[:2], key, value)
        goal = target.fs.join(target.path, *inside)
        if target.fs.protocol in _WITHOUT_RUNS or target.fs.exists(goal):
            return
        target.fs.makedirs(target.fs.parent(goal), exist_ok=True)
        copy(source.fs, source.fs.join(source.path, *inside), target.fs, goal)
