"""Every stage and pointer of one revision, and what makes which path; nothing is hashed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from interlock import errors
from interlock.pipelines import dvcyaml, ignore, modules, parameters, paths, pointers, yaml12
from interlock.pipelines.stage import Broken, Stage, Tracked
from interlock.ports.git import Entry, Tree

_FOLDER, _LINK, _SUBMODULE = "040000", "120000", "160000"
# Linux follows as many links in one path before it gives up.
_MAX_LINKS = 40

Cache = dict[tuple[str, str], Any]
"""What was parsed, by path (or kind) and blob id: shared by the two revisions of a plan."""


class ResolveTemplates(Protocol):
    """DVC's own resolver: the stages of a dvc.yaml by name, each a definition or why it has none.

    `read` gives the content of another file of the same revision, None when there is none.
    """

    def __call__(
        self, document: Mapping[str, Any], *, path: str, read: Callable[[str], bytes | None]
    ) -> Mapping[str, Mapping[str, Any] | errors.InterlockError]: ...


@dataclass(frozen=True, slots=True)
class Product:
    """An output's path and what makes it: a stage, or the pointer that tracks it."""

    path: str
    by: Stage | Tracked


class Project:
    """Parses every pipeline file of a tree at once: any of them may make what another one needs."""

    def __init__(
        self,
        tree: Tree,
        *,
        cache: Cache | None = None,
        resolve_templates: ResolveTemplates | None = None,
    ) -> None:
        self.tree = tree
        self.stages: dict[str, Stage | Broken] = {}
        self.unreadable: list[Broken] = []
        self._cache = {} if cache is None else cache
        self._resolve = resolve_templates
        self._products: dict[str, list[Product]] = {}
        self._roots = {paths.folder(p) for p in _ending(tree, ".dvc") if _is_root(tree, p)}
        self.ignore = self._read_ignore()
        self._read_files()

    def _read_ignore(self) -> ignore.Ignore:
        files = [p for p in _ending(self.tree, ignore.FILE) if p.rpartition("/")[2] == ignore.FILE]
        return ignore.Ignore(self.tree.read_many(files) if files else {})

    def _read_files(self) -> None:
        wanted = [p for p in _ending(self.tree, ".dvc", "dvc.yaml") if self._is_pipeline_file(p)]
        self.prefetch(wanted)
        for path in wanted:
            read = self._read_pointer if path.endswith(".dvc") else self._read_dvcyaml
            try:
                read(path)
            except errors.InterlockError as error:
                self.unreadable.append(Broken(file=path, name="", reason=error.message))

    def _is_pipeline_file(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        if name != "dvc.yaml" and (not name.endswith(".dvc") or name == ".dvc"):
            return False
        return self.tree.entries[path].mode.startswith("100") and not self.ignore.hides(path)

    def prefetch(self, wanted: list[str]) -> None:
        """Read what is not parsed yet in one request."""
        entries = self.tree.entries
        missing = [
            path
            for path in wanted
            if path in entries and (path, entries[path].object_id) not in self._cache
        ]
        if missing:
            for path, data in self.tree.read_many(missing).items():
                self._cache[path, entries[path].object_id] = data

    def parsed(self, path: str, read: Callable[..., Any]) -> Any:
        """Return `read(data, path=path)`, made once for a blob; raises what it raised again."""
        key = (path, self.tree.entries[path].object_id)
        found = self._cache.get(key)
        if found is None or isinstance(found, bytes):
            data = found if found is not None else self.tree.read(path)
            try:
                found = _Parsed(read(data or b"", path=path))
            except errors.CannotFingerprint as error:
                found = _Parsed(error)
            self._cache[key] = found
        if isinstance(found.value, errors.CannotFingerprint):
            raise found.value
        return found.value

    def _read_pointer(self, path: str) -> None:
        for tracked in self.parsed(path, _pointer):
            self._products.setdefault(tracked.path, []).append(Product(tracked.path, tracked))

    def _read_dvcyaml(self, path: str) -> None:
        found = self.parsed(path, _dvcyaml)
        stages = self._resolved(found, path) if isinstance(found, _Template) else found
        for stage in stages:
            self.stages[f"{path}:{stage.name}"] = stage
            if isinstance(stage, Stage):
                for place in {out.path for out in stage.outs if out.path is not None}:
                    self._products.setdefault(place, []).append(Product(place, stage))

    def _resolved(self, template: _Template, path: str) -> list[Stage | Broken]:
        if self._resolve is None:
            raise errors.CannotFingerprint(
                f"{path} uses templates (${{…}}, foreach or matrix), which only DVC resolves; "
                "install it: pip install 'interlock[train]'"
            )
        found = self._resolve(template.document, path=path, read=self.tree.read)
        return [
            Broken(path, name, f"{path}: stage {name}: {definition.message}")
            if isinstance(definition, errors.InterlockError)
            else dvcyaml.read_stage(definition, file=path, name=name)
            for name, definition in found.items()
        ]

    def products(self, path: str, *, seen_from: str) -> tuple[list[Product], list[Product]]:
        """Return what makes a path, or a folder that holds it, and what makes something inside it.

        Only files of the same DVC repository as `seen_from` count, as DVC sees no other.
        """
        above = [
            p for place in (path, *paths.ancestors(path)) for p in self._products.get(place, ())
        ]
        inside = [p for place in self._made_inside.get(path, ()) for p in self._products[place]]
        if len(self._roots) > 1:
            root = self.root_of(seen_from)
            above = [p for p in above if self.root_of(p.by.file) == root]
            inside = [p for p in inside if self.root_of(p.by.file) == root]
        return above, inside

    @cached_property
    def _made_inside(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._products:
            for place in paths.ancestors(path):
                found.setdefault(place, []).append(path)
        return found

    def root_of(self, path: str) -> str:
        """Return the folder of the DVC repository that a path belongs to ('' when none says so)."""
        return next((place for place in paths.ancestors(path) if place in self._roots), "")

    def is_root(self, folder: str) -> bool:
        return folder in self._roots

    def destination(self, path: str) -> str:
        """Return where a path leads through Git's links, whether or not anything is there.

        Raises CannotFingerprint for a link that leaves the repository or has no end.
        """
        for _ in range(_MAX_LINKS):
            place, entry = self._deepest(path)
            if entry is None or entry.mode != _LINK:
                return path
            target = (self.tree.read(place) or b"").decode("utf-8", "surrogateescape")
            to = paths.join(paths.folder(place), target)
            if to is None:
                raise errors.CannotFingerprint(
                    f"{place} is a link that leaves the repository ({target})"
                )
            path = (to + path[len(place) :]).strip("/")
        raise errors.CannotFingerprint(f"{path} is a link without an end")

    def follow(self, path: str) -> tuple[str, Entry] | None:
        """Return the place and entry that a path leads to, None when nothing is there.

        A path inside a submodule leads to the submodule: Git knows no more than its commit.
        """
        path = self.destination(path)
        place, entry = self._deepest(path)
        if entry is None or (place != path and entry.mode != _SUBMODULE):
            return None
        return place, entry

    def _deepest(self, path: str) -> tuple[str, Entry | None]:
        """The nearest entry at or above a path; the root, which has none in Git, gets one here."""
        entries = self.tree.entries
        for place in (path, *paths.ancestors(path)):
            if place in entries:
                return place, entries[place]
        return path, Entry("", _FOLDER, "") if path == "" else None

    def files_below(self, folder: str) -> Iterator[tuple[str, Entry]]:
        """Yield the files that DVC hashes for a folder: not what .dvcignore hides, what other DVC
        repositories hold, or what lies behind links to folders."""
        for path in self.tree.children(folder):
            entry = self.tree.entries[path]
            is_folder = entry.mode == _FOLDER
            if self.ignore.hides(path, is_folder=is_folder) or path.endswith("/.dvc"):
                continue
            if is_folder:
                if not self.is_root(path):
                    yield from self.files_below(path)
            elif entry.mode != _LINK:
                yield path, entry
            else:
                yield from self._behind(path)

    def _behind(self, link: str) -> Iterator[tuple[str, Entry]]:
        found = self.follow(link)
        if found is None:
            raise errors.CannotFingerprint(f"{link} is a link to nothing in Git")
        if found[1].mode != _FOLDER:
            yield link, found[1]

    def parameters(self, path: str) -> Any:
        """Return the content of a parameter file of this revision; raises CannotFingerprint."""
        return self.parsed(path, parameters.read)

    def source(self, path: str, read: Callable[..., modules.Source]) -> modules.Source:
        """Return what a Python source of this revision imports, read once for a blob."""
        key = (self.tree.entries[path].object_id, read.__name__)
        if key not in self._cache:
            self._cache[key] = read(self.content(path))
        found: modules.Source = self._cache[key]
        return found

    def content(self, path: str) -> bytes:
        """Return a blob's bytes, from what was prefetched where it was."""
        found = self._cache.get((path, self.tree.entries[path].object_id))
        return found if isinstance(found, bytes) else self.tree.read(path) or b""

    def locked(self, stage: Stage) -> Mapping[str, Any]:
        """Return what the dvc.lock beside a stage's file records of it, {} when nothing."""
        path = stage.file.removesuffix(".yaml") + ".lock"
        if path not in self.tree.entries:
            return {}
        document = self.parsed(path, yaml12.read)
        stages = document.get("stages") if isinstance(document, Mapping) else None
        entry = stages.get(stage.name) if isinstance(stages, Mapping) else None
        return entry if isinstance(entry, Mapping) else {}


@dataclass(frozen=True, slots=True)
class _Parsed:
    value: Any


@dataclass(frozen=True, slots=True)
class _Template:
    document: Mapping[str, Any]


def _pointer(data: bytes, *, path: str) -> tuple[Tracked, ...]:
    return pointers.read(yaml12.read(data, path=path), path=path)


def _dvcyaml(data: bytes, *, path: str) -> _Template | list[Stage | Broken]:
    document = yaml12.read(data, path=path)
    found = dvcyaml.definitions(document, path=path)
    if dvcyaml.is_template(data, document):
        return _Template(document)
    return [dvcyaml.read_stage(item, file=path, name=name) for name, item in found.items()]


def _ending(tree: Tree, *ends: str) -> list[str]:
    return [path for path in tree.entries if path.endswith(ends)]


def _is_root(tree: Tree, path: str) -> bool:
    is_folder = tree.entries[path].mode == _FOLDER
    return is_folder and path.rpartition("/")[2] == ".dvc"
