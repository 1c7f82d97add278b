"""Where a model is trained: a folder with its inputs and nothing else, outside the checkout."""

from __future__ import annotations

import posixpath
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from interlock import errors
from interlock.commands.train import reusable_stages
from interlock.commands.train.context import TrainContext, TrainingSubject, TrainOptions
from interlock.commands.train.reusable_stages import ReusableParts
from interlock.ports.git import LINK, Tree
from interlock.ports.pipeline import DvcSettings
from interlock.services import temporary_folders


@dataclass(frozen=True, slots=True)
class TrainingFolder:
    """`files` are in `tree`, with their MD5; `settings` are DVC's for it; `standing` is what
    need not be made again, looked up while there is a checkout."""

    tree: Path
    files: dict[str, str]
    settings: DvcSettings
    standing: ReusableParts


@contextmanager
def laid_out(
    subject: TrainingSubject, request: TrainOptions, world: TrainContext
) -> Iterator[TrainingFolder]:
    """Write the inputs of a model into a folder that is removed afterwards.

    Raises OutsideFailure for content that this clone lacks.
    """
    with _folder(subject, world) as above:
        tree = above / "tree"
        tree.mkdir()
        files = world.repository.export(subject.training_tree, tree, revision=subject.tree.revision)
        scratch = world.scratch or Path(tempfile.gettempdir())
        settings = find_settings(
            subject, world, scratch=scratch if request.remove_checkout else None
        )
        found = reusable_stages.find(subject, world)
        if request.force:
            found = ReusableParts(checkpoints=found.checkpoints)
        yield TrainingFolder(tree, dict(files), settings, found)


def find_settings(
    subject: TrainingSubject, world: TrainContext, *, scratch: Path | None
) -> DvcSettings:
    """DVC's committed settings, as the default branch has them: a change may not choose where data
    come from and models go. Those of the revision where the branch has none: they may say less."""
    path = f"{subject.training_tree.root}/.dvc/config".lstrip("/")
    tip = world.find_tip()
    known = None if tip is None else _read(world.repository.tree(tip), path)
    found = _read(subject.tree, path) if known is None else known
    return world.pipeline.settings(
        world.repository.root / subject.training_tree.root,
        (found or b"").decode("utf-8", "surrogateescape"),
        path=path,
        is_brought=known is None,
        scratch=scratch,
    )


def _read(tree: Tree, path: str) -> bytes | None:
    """None where there is no such file, nor a folder that holds one."""
    for place in (path, posixpath.dirname(path)):
        if place in tree.entries and tree.entries[place].mode == LINK:
            raise errors.Refused(
                f"{place} is a link at {tree.revision[:12]}",
                hint=f"commit {path} itself: what a link leads to may lie anywhere",
            )
    return tree.read(path)


def _folder(subject: TrainingSubject, world: TrainContext) -> AbstractContextManager[Path]:
    """A folder named by the fingerprint, so that a program that looks sees the same each time;
    another where two train the same at once."""
    return temporary_folders.named(subject.fingerprint[:16], above=world.scratch)


def require(request: TrainOptions, world: TrainContext) -> None:
    """Raise Refused where the checkout is asked about and is not what is trained: its owner may
    take an edit for trained, or lose one."""
    if not (request.here or request.remove_checkout):
        return
    option = "--here" if request.here else "--remove-checkout"
    revision, head = world.repository.resolve(request.revision), world.repository.resolve("HEAD")
    if head != revision:
        raise errors.Refused(
            f"{option}: {world.repository.root} has {head[:12]} checked out, not {revision[:12]}",
            hint=f"check that revision out, or leave out {option}",
        )
    if request.remove_checkout and Path(__file__).is_relative_to(world.repository.root):
        raise errors.Refused(
            f"{option}: interlock itself runs from {world.repository.root}",
            hint=f"install it elsewhere, or leave out {option}",
        )
    if changed := world.repository.changed_files():
        raise errors.Refused(
            f"{option}: {changed[0]} in {world.repository.root} is not as committed",
            hint=f"commit or stash what changed, or leave out {option}",
        )


def remove_checkout(world: TrainContext) -> None:
    """Empty the checkout, so that no program finds an undeclared file there. The folder itself
    stays: it is where this process and the next step run."""
    for path in world.repository.root.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
