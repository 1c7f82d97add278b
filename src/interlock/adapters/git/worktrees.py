"""Makes checkouts of a revision outside the working tree, and removes those of killed processes."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interlock.adapters.git import partial, program
from interlock.services import temporary_folders

_PURPOSE = "worktree"


@contextmanager
def checked_out(root: Path, commit: str) -> Iterator[Path]:
    """Give a checkout of a commit that is removed afterwards."""
    with temporary_folders.folder(_PURPOSE) as folder:
        # Git names its notes about a worktree after the last part of its path.
        checkout = folder / folder.name
        with _alone(root) as common:
            _forget_dead(common)
            arguments = ("worktree", "add", "--detach", str(checkout), commit)
            program.run(root, *arguments, extra=partial.LAZILY)
        try:
            yield checkout
        finally:
            with _alone(root):
                program.attempt(root, "worktree", "remove", "--force", str(checkout))


def _forget_dead(common: Path) -> None:
    """Remove Git's notes about deleted worktrees of Interlock. `git worktree prune` skips a
    worktree whose creation was killed, because it is locked, and every later `git worktree` fails
    because of it."""
    for entry in common.glob(f"worktrees/{temporary_folders.PREFIX}{_PURPOSE}_*"):
        note = entry / "gitdir"
        if not note.exists() or not Path(note.read_text().strip()).exists():
            shutil.rmtree(entry, ignore_errors=True)


@contextmanager
def _alone(root: Path) -> Iterator[Path]:
    """Give the folder that all worktrees share to one process at a time. Git reads every other
    worktree, including incomplete ones, and fails with "failed to read commondir"."""
    folder = program.run(root, "rev-parse", "--path-format=absolute", "--git-common-dir")
    with Path(folder, "interlock.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Path(folder)
