"""DVC's run cache, one entry at a time and apart for each salt; loaded in DVC's process only.

DVC finds a stored run by command, dependencies and parameters. A training depends on more (the
environment files of its manifest), so that entries are looked up under a key of ours that has
the rest mixed in. DVC's own entry is written, too, for people who run `dvc repro --pull`.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from dvc.repo import Repo
from dvc.stage.cache import RunCacheNotFoundError, StageCache, _get_stage_hash

from interlock.adapters.dvc import objects


class RunCache(StageCache):  # type: ignore[misc]
    def __init__(self, repo: Repo, *, salt: str, force: bool) -> None:
        super().__init__(repo)
        self._salt = salt
        self._force = force
        self._touched: set[str] = set()

    def pull(self, remote: str | None, odb: Any = None) -> list[tuple[str, str]]:
        """Fetch nothing: DVC would copy every run ever stored; `_load` fetches the one it needs."""
        return []

    def push(self, remote: str | None, odb: Any = None) -> list[tuple[str, str]]:
        store = odb or self._remote("push --run-cache")
        for key in sorted(self._touched):
            self._copy(self.repo.cache.legacy, store, key)
        return []

    def save(self, stage: Any) -> None:
        super().save(stage)
        if key := _get_stage_hash(stage):
            ours = Path(self._get_cache_dir(self._salted(key)))
            shutil.copytree(self._get_cache_dir(key), ours, dirs_exist_ok=True)
            self._touched |= {key, self._salted(key)}

    def restore(self, stage: Any, run_cache: bool = True, **kwargs: Any) -> None:
        try:
            super().restore(stage, run_cache=run_cache, **kwargs)
        except RunCacheNotFoundError:
            # To run the stage again would leave the damage in place for the next one to find.
            objects.refuse_damage()
            raise

    def _load(self, stage: Any) -> Any:
        key = _get_stage_hash(stage)
        if self._force or not key:
            return None
        ours = self._salted(key)
        if not Path(self._get_cache_dir(ours)).exists():
            self._copy(self._remote("fetch --run-cache"), self.repo.cache.legacy, ours)
        found = [self._load_cache(ours, entry.name) for entry in self._entries(ours)]
        return next((entry for entry in found if entry), None)

    def _entries(self, key: str) -> list[Path]:
        """Oldest first: whoever asks twice gets the same."""
        folder = Path(self._get_cache_dir(key))
        files = folder.iterdir() if folder.is_dir() else ()
        return sorted(files, key=lambda file: (file.stat().st_mtime, file.name))

    def _salted(self, key: str) -> str:
        return hashlib.sha256(f"interlock\0{self._salt}\0{key}".encode()).hexdigest()

    def _remote(self, command: str) -> Any:
        return self.repo.cloud.get_remote_odb(None, command, hash_name="md5-dos2unix")

    def _copy(self, source: Any, target: Any, key: str) -> None:
        """Copy one key's entries between stores; each is named by its own digest."""
        folder = source.fs.join(source.path, "runs", key[:2], key)
        if source.fs.protocol in {"http", "https"} or target.fs.protocol in {"http", "https"}:
            return  # DVC keeps no run cache behind HTTP
        for path in source.fs.find(folder) if source.fs.exists(folder) else ():
            inside = source.fs.parts(path)[-4:]
            goal = target.fs.join(target.path, *inside)
            if target.fs.exists(goal):
                continue
            content = source.fs.cat_file(path)
            target.fs.makedirs(target.fs.parent(goal), exist_ok=True)
            target.fs.pipe_file(goal, content)
