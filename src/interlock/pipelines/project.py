"""One revision as DVC would find it checked out: links, folders, parameters, locks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from interlock import errors
from interlock.pipelines import (
    dvcfiles,
    dvcyaml,
    modules,
    parameters,
    paths,
    templates,
    tree_changes,
)
from interlock.pipelines.blob_cache import BlobReader, Shelf
from interlock.pipelines.index import Index
from interlock.pipelines.stage import PipelineStage
from interlock.pipelines.templates import ResolveTemplates
from interlock.ports.git import FOLDER, LINK, SUBMODULE, Tree, TreeEntry

# Linux follows as many links in one path before it gives up.
_MAX_LINKS = 40


class Project:
    """A tree with the index of its pipelines. `after` is an earlier project: unchanged files are
    not read again."""

    def __init__(
        self,
        tree: Tree,
        *,
        shelf: Shelf | None = None,
        resolve_templates: ResolveTemplates | None = None,
        after: Project | None = None,
    ) -> None:
        self.tree = tree
        self.shelf = Shelf() if shelf is None else shelf
        self.uses: dict[tuple[str, str, frozenset[str]], Any] = {}
        """What the programs of each stage use, of `program_uses`."""
        self._children: dict[str, dict[str, list[str]]] = {}
        self._places: dict[str, set[str]] = {"": {""}}
        self.changed: frozenset[str] = (
            frozenset() if after is None else tree_changes.find(after.tree, tree)
        )
        self.index: Index = (
            after.index
            if after is not None and after.index.survives(self.changed)
            else Index(tree, self.shelf, resolve_templates or templates.refuse)
        )

    def destination(self, path: str) -> str:
        """Return where a path leads through Git's links, whether or not anything is there.

        Raises CannotFingerprint for a link that leaves the repository or has no end.
        """
        for _ in range(_MAX_LINKS):
            place, entry = self._deepest(path)
            if entry is None or entry.mode != LINK:
                return path
            target = self.shelf.content(self.tree, place).decode("utf-8", "surrogateescape")
            to = paths.join(paths.folder(place), target)
            if to is None:
                raise errors.CannotFingerprint(
                    f"{place} is a link that leaves the repository ({target})"
                )
            path = (to + path[len(place) :]).strip("/")
        raise errors.CannotFingerprint(f"{path} is a link without an end")

    def follow(self, path: str) -> tuple[str, TreeEntry] | None:
        """Return the place and entry that a path leads to, None when nothing is there.

        A path inside a submodule leads to the submodule: Git stores only its commit.
        """
        entry = self.tree.entries.get(path)
        if entry is not None and entry.mode != LINK:
            return path, entry
        path = self.destination(path)
        place, entry = self._deepest(path)
        if entry is None or (place != path and entry.mode != SUBMODULE):
            return None
        return place, entry

    def twin(self, path: str) -> str | None:
        """Return a path of the tree, or of what stages and pointers make, that differs from this
        one in upper and lower case only; None without one."""
        lower = path.lower()
        known = self._spellings(lower)
        if lower in self.index.cases:
            known |= self.index.cases[lower]
        if lower in self.index.products:
            known.add(lower)
        known.discard(path)
        return min(known, default=None)

    def _spellings(self, lower: str) -> set[str]:
        """Return the paths of the tree that equal this one in lower case."""
        folder, _, name = lower.rpartition("/")
        places = self._places.get(folder)
        if places is None:
            places = {""}
            for part in folder.split("/"):
                places = self._inside(places, part)
            self._places[folder] = places
        return self._inside(places, name)

    def _inside(self, places: Iterable[str], lower: str) -> set[str]:
        """Return the children of folders that have this name in lower case."""
        spelled: set[str] = set()
        for place in places:
            spelled.update(self._cases(place).get(lower, ()))
            same = f"{place}/{lower}" if place else lower
            if same in self.tree.entries:
                spelled.add(same)
        return spelled

    def _cases(self, folder: str) -> Mapping[str, list[str]]:
        """Return the children of a folder that have a capital in their name by their name in lower
        case."""
        if folder not in self._children:
            cases = self._children[folder] = dict[str, list[str]]()
            for path in self.tree.children(folder):
                name = path.rpartition("/")[2]
                if name != name.lower():
                    cases.setdefault(name.lower(), []).append(path)
        return self._children[folder]

    def _deepest(self, path: str) -> tuple[str, TreeEntry | None]:
        """The nearest entry at or above a path; the root, which has none in Git, gets one here."""
        entries = self.tree.entries
        for place in (path, *paths.ancestors(path)):
            entry = entries.get(place)
            if entry is not None:
                return place, entry
        return path, TreeEntry("", FOLDER, "") if path == "" else None

    def files_below(self, folder: str) -> Iterator[tuple[str, TreeEntry]]:
        """Yield the files that DVC hashes for a folder: without ignored files, files of other DVC
        repositories, and files behind links to folders."""
        left = [*reversed(self.tree.children(folder))]
        while left:  # a loop: folders may be thousands deep
            path = left.pop()
            entry = self.tree.entries[path]
            is_folder = entry.mode == FOLDER
            if self.index.ignore.hides(path, is_folder=is_folder) or path.endswith("/.dvc"):
                continue
            if is_folder and path not in self.index.roots:
                left += reversed(self.tree.children(path))
            elif entry.mode == LINK:
                yield from self._behind(path)
            elif not is_folder:
                yield path, entry

    def _behind(self, link: str) -> Iterator[tuple[str, TreeEntry]]:
        target = self.follow(link)
        if target is None:
            raise errors.CannotFingerprint(f"{link} is a link to nothing in Git")
        if target[1].mode != FOLDER:
            yield link, target[1]

    def parameters(self, path: str) -> Any:
        """Return the content of a parameter file of this revision; raises CannotFingerprint."""
        return self.shelf.read(self.tree, path, parameters.read)

    def source(self, path: str, reader: BlobReader[modules.ModuleSource]) -> modules.ModuleSource:
        """Return the imports of a Python source of this revision."""
        return self.shelf.read(self.tree, path, reader)

    def locked(self, stage: PipelineStage) -> Mapping[str, Any]:
        """Return the stage's entry in the dvc.lock beside its file, {} without one."""
        stages = self.lock(stage.file).get("stages")
        entry = stages.get(stage.name) if isinstance(stages, Mapping) else None
        return entry if isinstance(entry, Mapping) else {}

    def lock(self, file: str) -> Mapping[str, Any]:
        """Return the dvc.lock beside a dvc.yaml, {} when there is none; raises CannotFingerprint
        for one that cannot be read."""
        path = dvcyaml.lock_path(file)
        if path not in self.tree.entries:
            return {}
        return self.shelf.read(self.tree, path, dvcfiles.lock)
