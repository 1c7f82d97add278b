"""An fsspec file system of the files that DVC tracks in a checkout; reading pulls them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from dvc.api import DVCFileSystem

from interlock import errors
from interlock.adapters.dvc import config

_REFS = (
    "remotes/origin/HEAD",
    "remotes/origin/main",
    "remotes/origin/master",
    "heads/main",
    "heads/master",
)
_HINT = "merge them first, or set them with `dvc config --global` or `--local`"


def open_files(root: Path) -> Any:
    """Return the file system; its paths are relative to `root`, where DVC was set up.

    Raises Refused if the settings are not those of the default branch, and have one that a change
    may not make.
    """
    try:
        config.refuse_brought(root, is_brought=not _is_merged(root))
    except config.SettingRefused as error:
        raise errors.Refused(
            f"DVC's settings name what a change may choose: {error}", hint=_HINT
        ) from error
    return DVCFileSystem(str(root))


def _is_merged(root: Path) -> bool:
    """True if the settings are byte for byte those of the default branch."""
    here = _git(root, "hash-object", ".dvc/config")
    return bool(here) and any(
        _git(root, "rev-parse", "--quiet", "--verify", f"refs/{ref}:./.dvc/config") == here
        for ref in _REFS
    )


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
