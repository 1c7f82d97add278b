"""A folder on a file system of its own that is as good as full; needs a user namespace."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACES = ("tmp", "clone", "mlflow", "remote")
"""The job's temporary files; its checkout with DVC's cache; what MLflow keeps; DVC's remote."""
NAMESPACE = ("unshare", "--map-root-user", "--mount")
"""Where a process may mount a file system, if this machine lets it."""


def is_possible() -> bool:
    command = [*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"]
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(command, check=False, capture_output=True).returncode
    )


@contextmanager
def shrunk(place: Path, *, free_kib: int) -> Iterator[None]:
    """Let so many bytes more be written in a folder while the block runs."""
    aside = place.with_name(f"{place.name}.aside")
    place.rename(aside)
    place.mkdir()
    _call("mount", "-t", "tmpfs", "none", str(place))
    try:
        _move(aside, place)
        statvfs = os.statvfs(place)
        size = (statvfs.f_blocks - statvfs.f_bfree) * statvfs.f_frsize + 1024 * free_kib
        _call("mount", "-o", f"remount,size={max(size, 4096)}", str(place))
        yield
    finally:
        _move(place, aside)
        _call("umount", "--lazy", str(place))
        place.rmdir()
        aside.rename(place)


def _move(source: Path, goal: Path) -> None:
    for each in source.iterdir():
        shutil.move(each, goal / each.name)


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
