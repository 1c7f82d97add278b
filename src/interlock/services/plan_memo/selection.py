"""Chooses the part of two revisions that a plan has to read: the models that may differ from the
memo, and the files of DVC that they need."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from interlock import manifests
from interlock.domain.model.snapshot import Snapshot
from interlock.pipelines import imports, programs, tree_changes
from interlock.pipelines.index import ENDS
from interlock.ports.git import FOLDER, Tree
from interlock.services.plan_memo import record
from interlock.services.plan_memo.memo import Memo
from interlock.services.plan_memo.narrow_tree import NarrowTree
from interlock.services.snapshots import Reader

_SHARE = 4
"""With more than one of so many models to read, everything is read."""
_ALL = 20
_COMMON = (*programs.MAKEFILES, *(end for ends in record.LISTED for end in ends))
"""How files end that may concern models of other folders."""


class Selection:
    """The models (`models`) and files (`files`) to read, as numbers of the memo."""

    def __init__(self, memo: Memo, models: set[int], files: set[int]) -> None:
        self.memo, self.models, self.files = memo, models, files

    @property
    def declared(self) -> tuple[str, ...]:
        """Return the paths of the manifests."""
        return tuple(sorted({self.memo.models[n].manifest for n in self.models}))

    def narrow(self, tree: Tree) -> Tree:
        """Return the tree with these files of DVC only, and with the listings of the memo."""
        files = enumerate(self.memo.files)
        named = tuple(file.path for n, file in files if n in self.files or file.shape is None)
        return NarrowTree(tree, {**self.memo.listings, ENDS: named})

    def agrees(self, reader: Reader, snapshot: Snapshot) -> bool:
        """Return True if the other models cannot notice how this part of a revision changed."""
        index = reader.tracer_of(snapshot).project.index
        names = {(model.manifest.path, name) for name, model in snapshot.models.items()}
        shapes = record.shapes(index)
        return (
            not snapshot.problems
            and record.is_simple(index)
            and names
            == {(m.manifest, m.model) for m in map(self.memo.models.__getitem__, self.models)}
            and all(
                record.digest(shapes.get(file.path, frozenset())) == file.shape
                for file in map(self.memo.files.__getitem__, self.files)
                if file.shape is not None
            )
        )

    def missing(self, reader: Reader, snapshot: Snapshot) -> set[int]:
        """Return the files that this part of a revision needs beside its own."""
        index = reader.tracer_of(snapshot).project.index
        places = {path for shape in record.shapes(index).values() for _, path in shape}
        needed = {n for path in index.requested | places for n in self.memo.makers_of(path)}
        pipelines = {model.manifest.pipeline.file for model in snapshot.models.values()}
        needed |= {n for n, file in enumerate(self.memo.files) if file.path in pipelines}
        return needed - self.files


def select(memo: Memo, trees: tuple[Tree, Tree, Tree]) -> Selection | None:
    """Choose from the revision of the memo, the base and the head; None if everything has to be
    read."""
    known, base, head = trees
    changed = tree_changes.find(known, base) | tree_changes.find(known, head)
    files = {file.path: n for n, file in enumerate(memo.files) if file.shape is not None}
    if not _is_local(memo, trees, changed, files.keys()):
        return None
    has_sources = any(path.endswith(imports.SOURCES) for path in changed)
    models = memo.readers_of(changed)
    models |= {n for n, m in enumerate(memo.models) if m.is_read or (has_sources and m.has_unseen)}
    read = {memo.models[n].manifest for n in models}  # a manifest may have several models
    models |= {n for n, m in enumerate(memo.models) if m.manifest in read}
    if len(models) > max(_ALL, len(memo.models) // _SHARE):
        return None
    used = {number for n in models for number in memo.models[n].files}
    return Selection(memo, models, used | {files[path] for path in changed & files.keys()})


def _is_local(
    memo: Memo, trees: tuple[Tree, ...], changed: frozenset[str], files: Collection[str]
) -> bool:
    """Return True if the memo can name every model that these changes concern."""
    kinds = {path: set(_kinds(trees, path)) for path in changed}
    declared = {model.manifest for model in memo.models}
    matches = set(manifests.find_all(changed, memo.patterns))
    pipelines = {path for path in changed if path.endswith(ENDS)}
    has_sources = any(path.endswith(imports.SOURCES) for path in changed)
    return (
        all(kind <= {"", "file", FOLDER} for kind in kinds.values())
        and manifests.POLICY_PATH not in changed
        and not any("/.dvc/" in f"/{path}/" for path in changed)
        and matches <= declared
        and pipelines <= set(files)
        and all(kinds[path] == {"file"} for path in matches | pipelines)
        and not (has_sources and any(len(kind) > 1 for kind in kinds.values()))
        and not any(path.endswith(_COMMON) for path in changed)
    )


def _kinds(trees: tuple[Tree, ...], path: str) -> Iterator[str]:
    """Yield what a path is in each tree: "" for nothing."""
    for tree in trees:
        entry = tree.entries.get(path)
        mode = "" if entry is None else entry.mode
        yield "file" if mode.startswith("100") else mode
