"""Reads the local settings of a checkout, which belong to a user or a job, and never to a
commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from interlock import errors

_NAME = ".dvc/config.local"


def of(home: Path) -> str:
    """Return the text of the .dvc/config.local in the folder `home` of a checkout, "" without one.

    Raises Refused if it is committed, or is behind a committed link, because DVC reads commands and
    the places of credentials from it.
    """
    file = home / _NAME
    if not file.is_file():
        return ""
    if committed := _committed(home):
        raise errors.Refused(
            f"{committed} is committed, and DVC would read {_NAME} from the commit",
            hint=f"git rm --cached {committed}, and name it in .dvc/.gitignore",
        )
    return file.read_text("utf-8")


def _committed(home: Path) -> str:
    """Return the committed path, in any letter case: some file systems do not distinguish it."""
    wanted = (":(icase).dvc", f":(icase){_NAME}")
    command = ["git", "-C", str(home), "ls-files", "-z", "--", *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    names = done.stdout.split("\0") if done.returncode == 0 else []
    return next((each for each in names if each.lower() in {".dvc", _NAME}), "")
