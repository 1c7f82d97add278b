"""DVC's settings for one job, from files that lie elsewhere; loaded in DVC's process only."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from dvc.config import Config, merge
from dvc.config_schema import RelPath


def settings(root: Path, *, home: Path | None) -> dict[str, Any]:
    """Return what to lay over the settings of the DVC repository at `root`, a worktree.

    `home` is the folder that matches `root` in the user's own checkout, None when it is the same
    one. A worktree lacks what lies beside Git there: config.local with its credentials, the
    cache, and the place that relative paths are relative to.
    """
    over = _ours()
    if home is not None:
        merge(over, _levels(root / ".dvc", at=home / ".dvc", levels=("repo",)))
        if (home / ".dvc").is_dir():
            merge(over, Config(str(home / ".dvc")).load_one("local"))
        over.setdefault("cache", {}).setdefault("dir", str(_cache(root, home / ".dvc")))
    return _verified(over, Config(str(root / ".dvc"))["remote"])


def of_training(folder: Path, *, home: Path, cache: Path) -> dict[str, Any]:
    """Return the settings of a training: `folder` holds config and config.local as they are in
    `home`, which may be gone by now. `cache` is where the cache lies unless they say."""
    over = _ours()
    merge(over, _levels(folder, at=home, levels=("repo", "local")))
    over["core"]["no_scm"] = True
    if not Config(str(folder))["cache"].get("dir"):
        over.setdefault("cache", {})["dir"] = str(cache)
    return _verified(over, {})


def _ours() -> dict[str, Any]:
    return {"core": {"analytics": False, "check_update": False, "autostage": False}}


def _verified(over: dict[str, Any], remotes: Any) -> dict[str, Any]:
    """Without it DVC takes a damaged object of the remote for the one it asked for."""
    names = {*remotes, *over.get("remote", {})}
    merge(over, {"remote": {name: {"verify": True} for name in names}})
    return over


def _levels(here: Path, *, at: Path, levels: tuple[str, ...]) -> dict[str, Any]:
    """Settings that lie in `here`, their relative paths as if they lay in `at`."""

    def there(path: str) -> str:
        if not isinstance(path, RelPath):
            return path
        return os.path.normpath(at / os.path.relpath(path, here))

    found: dict[str, Any] = {}
    for level in levels:
        merge(found, Config._map_dirs(Config(str(here)).load_one(level), there))
    return found


def _cache(root: Path, home: Path) -> Path:
    if home.is_dir():
        return Path(Config(str(home))["cache"].get("dir") or home / "cache")
    # A bare repository has no .dvc folder: the cache lies in the Git folder that they share.
    command = ["git", "-C", str(root), "rev-parse", "--path-format=absolute", "--git-common-dir"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip(), "interlock", "dvc-cache")
