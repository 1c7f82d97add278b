"""DVC's settings for one training, from the user's own files; loaded in DVC's process only."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from dvc.config import Config, merge
from dvc.config_schema import RelPath


def settings(root: Path, *, home: Path | None) -> dict[str, Any]:
    """Return what to lay over the settings of the DVC repository at `root`.

    `home` is the folder that matches `root` in the user's own checkout, None when it is the same
    one. A worktree lacks what lies beside Git there: config.local with its credentials, the
    cache, and the place that relative paths are relative to.
    """
    over: dict[str, Any] = {"core": {"analytics": False, "check_update": False}}
    over["core"]["autostage"] = False
    if home is not None:
        merge(over, _of_home(root / ".dvc", home / ".dvc"))
        over.setdefault("cache", {}).setdefault("dir", str(_cache(root, home / ".dvc")))
    remotes = {*Config(str(root / ".dvc"))["remote"], *over.get("remote", {})}
    # Without it DVC takes a damaged object of the remote for the one it asked for.
    merge(over, {"remote": {name: {"verify": True} for name in remotes}})
    return over


def _of_home(here: Path, home: Path) -> dict[str, Any]:
    def at_home(path: str) -> str:
        if not isinstance(path, RelPath):
            return path
        return os.path.normpath(home / os.path.relpath(path, here))

    committed = Config(str(here)).load_one("repo")
    found: dict[str, Any] = Config._map_dirs(committed, at_home)
    if home.is_dir():
        merge(found, Config(str(home)).load_one("local"))
    return found


def _cache(root: Path, home: Path) -> Path:
    if home.is_dir():
        return Path(Config(str(home))["cache"].get("dir") or home / "cache")
    # A bare repository has no .dvc folder: the cache lies in the Git folder that they share.
    command = ["git", "-C", str(root), "rev-parse", "--path-format=absolute", "--git-common-dir"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip(), "interlock", "dvc-cache")
