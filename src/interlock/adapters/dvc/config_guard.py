"""Prevents a commit from controlling DVC with its settings; loaded in DVC's process only.

Settings come from several files: of the repository, of another one that an import names (and its
pointer chooses), and of the pointer itself. Files at trusted paths are read as a whole. From all
others only the settings that `dvc_settings` allows for a change are read; the rest is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dvc.config import Config
from dvc.dependency.repo import RepoDependency
from dvc.output import Output

from interlock.domain.training import dvc_settings

_load_config = Config._load_config
_make_output = Output.__init__
_make_fs = RepoDependency._make_fs
_trusted: set[Path] = set()


def install(*trusted: Path) -> None:
    """Guard the settings in this process from now on; all settings of the files `trusted` count."""
    _trusted.update(file.resolve() for file in trusted)

    def load(self: Any, level: str) -> dict[str, Any]:
        settings: dict[str, Any] = _load_config(self, level)
        is_known = self.wfs is self._get_fs(level) and Path(self.files[level]).resolve() in _trusted
        if level in Config.SYSTEM_LEVELS or is_known:
            return settings
        return dvc_settings.kept(settings) if level == "repo" else {}

    def output(self: Any, stage: Any, path: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("fs_config"):
            kwargs["fs_config"] = _of_remote({"url": str(path), **kwargs["fs_config"]}, "url")
        _make_output(self, stage, path, *args, **kwargs)

    def fs(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.def_repo = {**self.def_repo, **_of_import(self.def_repo)}
        return _make_fs(self, *args, **kwargs)

    Config._load_config = load
    Output.__init__ = output
    RepoDependency._make_fs = fs


def _of_import(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings in a pointer about the repository that it imports from; a path to a file
    is left out."""
    settings: dict[str, Any] = {}
    if config := section.get("config"):
        settings["config"] = dvc_settings.kept(config) if isinstance(config, Mapping) else {}
    if isinstance(remote := section.get("remote"), Mapping):
        settings["remote"] = _of_remote(remote)
    return settings


def _of_remote(section: Mapping[str, Any], *but: str) -> dict[str, Any]:
    kept: dict[str, Any] = dvc_settings.kept({"remote": {"": section}})["remote"][""]
    return {name: value for name, value in kept.items() if name not in but}
