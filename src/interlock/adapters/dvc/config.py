"""DVC's settings for one job, from files in other places; loaded in DVC's process only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dvc.config import Config, merge
from dvc.config_schema import RelPath

from interlock import errors
from interlock.adapters.dvc import local_settings
from interlock.domain.training import dvc_settings
from interlock.domain.training.dvc_settings import Option


class SettingRefused(Exception):
    """A settings file of the repository has a setting that a change may not make."""


def settings(root: Path, *, home: Path | None) -> dict[str, Any]:
    """Return the settings to add to those of the DVC repository at `root`, a worktree.

    `home` is the folder that matches `root` in the user's own checkout, None if it is the same one.
    A worktree lacks the files that are not in Git: config.local with its credentials, the cache,
    and the base of relative paths.
    """
    over = _ours()
    _local(root)
    if home is not None:
        settings = _levels(root / ".dvc", at=home / ".dvc", levels=("repo",))
        refuse_files_of(settings, root / ".dvc" / "config", top=home, called=".dvc/config")
        merge(over, settings)
        if _local(home):
            merge(over, Config(str(home / ".dvc")).load_one("local"))
        over.setdefault("cache", {}).setdefault("dir", str(_cache(root, home / ".dvc")))
    return _verified(over, Config(str(root / ".dvc"))["remote"])


def of_training(folder: Path, training: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a training. `folder` has config and config.local; `training` is the
    rest of a ports.pipeline.DvcSettings.

    Raises Refused for settings that a change may not make.
    """
    over, home = _ours(), Path(training["home"])
    settings = _levels(folder, at=home, levels=("repo",))
    if training["is_brought"]:
        _refuse(dvc_settings.refused(settings), folder / "config", called=training["path"])
        settings = dvc_settings.kept(settings)
    refuse_files_of(settings, folder / "config", top=Path(training["top"]), called=training["path"])
    merge(over, settings)
    merge(over, _levels(folder, at=home, levels=("local",)))
    over["core"]["no_scm"] = True
    if not (over.get("cache", {}).get("dir") or _ours_of_the_machine()["cache"].get("dir")):
        over.setdefault("cache", {})["dir"] = training["cache"]
    return _verified(over, {})


def refuse_files_of(settings: Mapping[str, Any], file: Path, *, top: Path, called: str) -> None:
    """Raise Refused for an option that names a file below `top`: a change of that file would change
    the option."""
    named = dvc_settings.naming_files(settings)
    _refuse([each for each in named if _is_inside(each.value, top)], file, called=called)


def refuse_brought(root: Path, *, is_brought: bool) -> None:
    """Raise Refused if the settings of a checkout have one that a change may not make. The checkout
    is of a change or of the default branch."""
    _local(root)
    file = root / ".dvc" / "config"
    settings = Config(str(root / ".dvc"), validate=False).load_one("repo")
    if is_brought:
        _refuse(dvc_settings.refused(settings), file, called=".dvc/config")
    refuse_files_of(settings, file, top=root, called=".dvc/config")


def _local(home: Path) -> str:
    try:
        return local_settings.of(home)
    except errors.Refused as error:
        raise SettingRefused(error.line) from error


def _refuse(options: Sequence[Option], file: Path, *, called: str) -> None:
    if options:
        text = file.read_text("utf-8", "replace")
        places = [f"{called}:{dvc_settings.line(text, each)}: {each.words}" for each in options]
        raise SettingRefused("; ".join(places))


def _is_inside(value: str, top: Path) -> bool:
    if value.lower() in {"true", "false"}:
        return False
    path = Path(value).expanduser()
    return not path.is_absolute() or path.resolve().is_relative_to(top.resolve())


def _ours_of_the_machine() -> dict[str, Any]:
    """Return the settings in the runner's own files: of the system, and of its user."""
    settings: dict[str, Any] = {"cache": {}}
    for level in Config.SYSTEM_LEVELS:
        merge(settings, Config().load_one(level))
    return settings


def _ours() -> dict[str, Any]:
    return {"core": {"analytics": False, "check_update": False, "autostage": False}}


def _verified(over: dict[str, Any], remotes: Any) -> dict[str, Any]:
    """Make DVC verify the objects that it pulls."""
    names = {*remotes, *over.get("remote", {})}
    merge(over, {"remote": {name: {"verify": True} for name in names}})
    return over


def _levels(here: Path, *, at: Path, levels: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings in `here`, with relative paths as if the files were in `at`."""

    def there(path: str) -> str:
        if not isinstance(path, RelPath):
            return path
        return os.path.normpath(at / os.path.relpath(path, here))

    settings: dict[str, Any] = {}
    for level in levels:
        one = Config(str(here), validate=False).load_one(level)
        merge(settings, Config._map_dirs(one, there))
    return settings


def _cache(root: Path, home: Path) -> Path:
    if home.is_dir():
        return Path(Config(str(home))["cache"].get("dir") or home / "cache")
    # A bare repository has no .dvc folder: the cache is in the Git folder that all worktrees share.
    command = ["git", "-C", str(root), "rev-parse", "--path-format=absolute", "--git-common-dir"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip(), "interlock", "dvc-cache")
