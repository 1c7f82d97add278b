"""Find the inputs that a clone does not fetch: Git LFS content and submodules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from interlock.domain.model.lineage import Input, Lineage
from interlock.domain.training import lfs_pointer
from interlock.domain.training.plan import FetchedInputs
from interlock.pipelines import paths
from interlock.ports.git import FILE, PROGRAM, SUBMODULE, Tree

ATTRIBUTES = ".gitattributes"


def find(tree: Tree, lineages: Mapping[str, Lineage]) -> dict[str, FetchedInputs]:
    """Return the inputs to fetch before each of these models can be trained from a clone of the
    revision, by name.

    Blobs are looked into only where a .gitattributes of the revision speaks of Git LFS.
    """
    blobs = {name: {_object(i) for i in of.inputs} - {""} for name, of in lineages.items()}
    pointers = _pointers(tree, set().union(*blobs.values())) if _has_lfs(tree) else {}
    return {
        name: FetchedInputs(
            lfs=tuple(sorted({pointers[blob] for blob in blobs[name] & pointers.keys()})),
            submodules=tuple(sorted(set(_submodules(tree, of.inputs)))),
        )
        for name, of in lineages.items()
    }


def _has_lfs(tree: Tree) -> bool:
    named = tree.named((ATTRIBUTES,))
    files = [path for path in named if path.rpartition("/")[2] == ATTRIBUTES]
    return any(lfs_pointer.ATTRIBUTE in data for data in tree.read_many(files).values())


def _object(one: Input) -> str:
    """Return the blob of an input, "" for an input without one."""
    return one.digest.removeprefix("git:").removesuffix("+x") if _is_blob(one) else ""


def _is_blob(one: Input) -> bool:
    return one.digest.startswith("git:")


def _pointers(tree: Tree, wanted: Collection[str]) -> dict[str, str]:
    """Where each of these blobs that is a pointer lies: an input may be a link to it."""
    files = (e for e in tree.entries.values() if e.mode in {FILE, PROGRAM})
    places = {e.path: e.object_id for e in files if e.object_id in wanted}
    contents = tree.read_many(places)
    return {
        places[path]: path for path, data in contents.items() if lfs_pointer.parse(data) is not None
    }


def _submodules(tree: Tree, inputs: Iterable[Input]) -> Iterator[str]:
    for one in inputs:
        for path in (one.path, *paths.ancestors(one.path)):
            entry = tree.entries.get(path)
            if one.digest.startswith("commit:") and entry and entry.mode == SUBMODULE:
                yield path
