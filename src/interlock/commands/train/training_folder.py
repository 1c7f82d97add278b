"""Makes the folder of a training: its inputs and nothing else, outside the checkout."""

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
    """`files` are in `tree`, with their MD5; `settings` are DVC's for it; `standing` are the
    outputs that need no new training. They are looked up while there is a checkout."""

    tree: Path
    files: dict[str, str]
    settings: DvcSettings
    standing: ReusableParts


@contextmanager
def laid_out(
    subject: TrainingSubject, options: TrainOptions, context: TrainContext
) -> Iterator[TrainingFolder]:
    """Write the inputs of a model into a folder that is removed afterwards.

    Raises OutsideFailure for content that this clone lacks.
    """
    with _folder(subject, context) as above:
        tree = above / "tree"
        tree.mkdir()
        files = context.repository.export(
            subject.training_tree, tree, revision=subject.tree.revision
        )
        scratch = context.scratch or Path(tempfile.gettempdir())
        settings = find_settings(
            subject, context, scratch=scratch if options.remove_checkout else None
        )
        reusable = reusable_stages.find(subject, context)
        if options.force:
            reusable = ReusableParts(checkpoints=reusable.checkpoints)
        yield TrainingFolder(tree, dict(files), settings, reusable)


def find_settings(
    subject: TrainingSubject, context: TrainContext, *, scratch: Path | None
) -> DvcSettings:
    """Return DVC's committed settings of the default branch: a change may not choose where data
    come from and models go. If the branch has none, those of the revision are used, with the limits
    for a change."""
    path = f"{subject.training_tree.root}/.dvc/config".lstrip("/")
    tip = context.find_tip()
    known = None if tip is None else _read(context.repository.tree(tip), path)
    config = _read(subject.tree, path) if known is None else known
    return context.pipeline.settings(
        context.repository.root / subject.training_tree.root,
        (config or b"").decode("utf-8", "surrogateescape"),
        path=path,
        is_brought=known is None,
        scratch=scratch,
    )


def _read(tree: Tree, path: str) -> bytes | None:
    """Return the content of a file, None if there is no such file or folder."""
    for place in (path, posixpath.dirname(path)):
        if place in tree.entries and tree.entries[place].mode == LINK:
            raise errors.Refused(
                f"{place} is a link at {tree.revision[:12]}",
                hint=f"commit {path} itself: what a link leads to may lie anywhere",
            )
    return tree.read(path)


def _folder(subject: TrainingSubject, context: TrainContext) -> AbstractContextManager[Path]:
    """Return a folder named by the fingerprint, so that its path is the same each time; another
    name if two jobs train the same at once."""
    return temporary_folders.named(subject.fingerprint[:16], above=context.scratch)


def require(options: TrainOptions, context: TrainContext) -> None:
    """Raise Refused when an option requires an unchanged checkout of the revision, and it is not.
    Otherwise a user may take an edit for trained, or lose it."""
    if not (options.here or options.remove_checkout):
        return
    option = "--here" if options.here else "--remove-checkout"
    revision, head = (
        context.repository.resolve(options.revision),
        context.repository.resolve("HEAD"),
    )
    if head != revision:
        raise errors.Refused(
            f"{option}: {context.repository.root} has {head[:12]} checked out, not {revision[:12]}",
            hint=f"check that revision out, or leave out {option}",
        )
    if options.remove_checkout and Path(__file__).is_relative_to(context.repository.root):
        raise errors.Refused(
            f"{option}: interlock itself runs from {context.repository.root}",
            hint=f"install it elsewhere, or leave out {option}",
        )
    if changed := context.repository.changed_files():
        raise errors.Refused(
            f"{option}: {changed[0]} in {context.repository.root} is not as committed",
            hint=f"commit or stash what changed, or leave out {option}",
        )


def remove_checkout(context: TrainContext) -> None:
    """Empty the checkout, so that no program finds an undeclared file there. The folder itself
    stays: it is where this process and the next step run."""
    for path in context.repository.root.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
