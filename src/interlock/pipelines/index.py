"""Index the stages and pointers of one revision by the paths that they produce."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from interlock import errors
from interlock.domain.basics import repository_paths
from interlock.pipelines import dvcfiles, dvcyaml, ignore, paths, pointers
from interlock.pipelines.blob_cache import Shelf
from interlock.pipelines.stage import PipelineStage, Top, Tracked, UnreadableFile
from interlock.pipelines.templates import ResolveTemplates
from interlock.ports.git import Tree
from interlock.yaml_reader import file_errors

ENDS = (".dvc", "dvc.yaml", ignore.FILE)
"""How files end that an index reads."""


@dataclass(frozen=True, slots=True)
class Product:
    """An output's path and what makes it: a stage, or the pointer that tracks it."""

    path: str
    by: PipelineStage | Tracked


class Index:
    """Reads every pipeline file of a tree: any of them may make what another one needs.

    `requested` are the paths of which the makers were requested.
    """

    def __init__(self, tree: Tree, shelf: Shelf, resolve: ResolveTemplates) -> None:
        self.requested: set[str] = set()
        self.stages: dict[str, PipelineStage] = {}
        self.unreadable: list[UnreadableFile] = []
        self.products: dict[str, list[Product]] = {}
        self.tops: dict[str, Top] = {}
        self.is_templated = False
        self._tree, self._shelf, self._resolve = tree, shelf, resolve
        self.named = named = tree.named(ENDS)
        self.roots = frozenset(paths.folder(path) for path in named if _is_root(tree, path))
        self.ignore = _ignore(tree, named)
        self._read([path for path in named if self._is_pipeline(path)])
        self.inside, self.conflicts = self._arrange()

    @cached_property
    def cases(self) -> dict[str, set[str]]:
        """The products that have a capital in their path, by their path in lower case."""
        cases: dict[str, set[str]] = {}
        for path in self.products:
            if path != path.lower():
                cases.setdefault(path.lower(), set()).add(path)
        return cases

    @cached_property
    def stages_in(self) -> Mapping[str, list[PipelineStage]]:
        """The stages by their dvc.yaml."""
        files: dict[str, list[PipelineStage]] = {}
        for stage in self.stages.values():
            files.setdefault(stage.file, []).append(stage)
        return files

    @cached_property
    def errors_in(self) -> Mapping[str, file_errors.InvalidFile]:
        """The error of each file of DVC's that cannot be read."""
        return {broken.file: broken.error for broken in reversed(self.unreadable)}

    def figures_of(self, keys: Iterable[str]) -> list[str]:
        """Return the dvc.yaml files that list figures at their top: those among `keys`, and those
        that list an output of a stage among `keys`; in the order of reading."""
        pairs = {pair for key in keys for pair in self._figures.get(key, ())}
        return [file for _, file in sorted(pairs)]

    @cached_property
    def _figures(self) -> dict[str, list[tuple[int, str]]]:
        listed: dict[str, list[tuple[int, str]]] = {}
        for pair in enumerate(self.tops):
            top, file = self.tops[pair[1]], pair[1]
            for path in (*top.metrics, *top.params):
                above, inside = self.made_at(path, from_file=file)
                for key in (file, *(name_of(product.by) for product in (*above, *inside))):
                    listed.setdefault(key, []).append(pair)
        return listed

    def survives(self, changed: Collection[str]) -> bool:
        """Return True if a tree with these changed paths has the same index."""
        return not self.is_templated and not any(path.endswith(ENDS) for path in changed)

    def sees_as(self, other: Index) -> bool:
        """Return True if both hide the same paths from DVC."""
        return self.roots == other.roots and self.ignore == other.ignore

    def differs(self, other: Index) -> frozenset[str]:
        """Return the paths that have other producers in `other`."""
        if self is other:
            return frozenset()
        here, there = self.products, other.products
        both = here.keys() | there.keys()
        return frozenset(path for path in both if here.get(path) != there.get(path))

    def made_at(self, path: str, *, from_file: str) -> tuple[list[Product], list[Product]]:
        """Return the producers of a path or of a folder above it, and those of paths inside it.

        Only files of the same DVC repository as `from_file` count, as DVC sees no other.
        """
        self.requested.add(path)
        products = self.products
        above = list(products.get(path, ()))
        for place in paths.ancestors(path):
            above += products.get(place, ())
        inside = [p for place in self.inside.get(path, ()) for p in products[place]]
        if len(self.roots) > 1:
            root = self.root_of(from_file)
            above = [p for p in above if self.root_of(p.by.file) == root]
            inside = [p for p in inside if self.root_of(p.by.file) == root]
        return above, inside

    def hides_whole(self, folder: str, *, from_file: str) -> bool:
        """Return True if a folder is in a DVC repository inside that of the reading file."""
        if len(self.roots) < 2:
            return False
        outer, inner = self.root_of(from_file), self.root_of(f"{folder}/")
        return inner != outer and (not outer or inner.startswith(outer + "/"))

    def root_of(self, path: str) -> str:
        """Return the root folder of the DVC repository of a path, '' for the whole tree."""
        return next((place for place in paths.ancestors(path) if place in self.roots), "")

    def _is_pipeline(self, path: str) -> bool:
        if not dvcyaml.is_dvc_file(path):
            return False
        if not self._tree.entries[path].mode.startswith("100"):
            return False
        try:
            self.ignore.require(path)
            return not self.ignore.hides(path)
        except file_errors.InvalidFile as error:
            self.unreadable.append(UnreadableFile(path, error))
            return False

    def _read(self, files: list[str]) -> None:
        self._shelf.fetch(self._tree, files)
        for path in files:
            try:
                if path.endswith(".dvc"):
                    for tracked in self._shelf.read(self._tree, path, read_pointer):
                        self._add(tracked.path, tracked)
                else:
                    self._add_stages(path)
            except errors.InterlockError as error:
                placed = file_errors.of_file(error, path)
                self.unreadable.append(UnreadableFile(path, placed))

    def _add(self, path: str, by: PipelineStage | Tracked) -> None:
        self.products.setdefault(path, []).append(Product(path, by))

    def _add_stages(self, path: str) -> None:
        pipeline = self._shelf.read(self._tree, path, read_pipeline)
        read = self._resolved(pipeline, path) if isinstance(pipeline, Template) else pipeline
        self.tops[path] = read.top
        for stage in read.stages:
            self.stages[stage.address] = stage
            for place in {out.path for out in stage.outs if out.path and _is_sound(out.path)}:
                self._add(place, stage)

    def _resolved(self, template: Template, path: str) -> PlainPipeline:
        self.is_templated = True
        document = self._resolve(template.document, path=path, read=self._tree.read)
        data = self._shelf.content(self._tree, path)
        stages = dvcyaml.read_stages(document.stages, file=path, data=data)
        return PlainPipeline(stages, dvcyaml.read_top(document.sections, file=path))

    def _arrange(self) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Return the products inside each folder, and those that two makers claim."""
        inside: dict[str, list[str]] = {}
        conflicts: dict[str, str] = {}
        for path, products in self.products.items():
            rivals = list(products)
            for place in paths.ancestors(path):
                inside.setdefault(place, []).append(path)
                rivals += self.products.get(place, ())
            if len(rivals) > 1 and len({self.root_of(r.by.file) for r in rivals}) < len(rivals):
                names = " and ".join(sorted({name_of(rival.by) for rival in rivals}))
                conflicts.update({r.path: f"{path} is made by both {names}" for r in rivals})
        return inside, conflicts


@dataclass(frozen=True, slots=True)
class Template:
    """A dvc.yaml that only DVC's resolver reads exactly."""

    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlainPipeline:
    """A dvc.yaml without templates."""

    stages: tuple[PipelineStage, ...]
    top: Top


def read_pointer(data: bytes, *, path: str) -> tuple[Tracked, ...]:
    return pointers.read(dvcfiles.pointer(data, path=path), path=path)


def read_pipeline(data: bytes, *, path: str) -> Template | PlainPipeline:
    document = dvcfiles.pipeline(data, path=path)
    if dvcyaml.is_template(data, document):
        return Template(document)
    definitions = dvcyaml.addressable(document.get("stages", {}))
    stages = dvcyaml.read_stages(definitions, file=path, data=data, has_shape=True)
    return PlainPipeline(stages, dvcyaml.read_top(document, file=path))


def name_of(by: PipelineStage | Tracked) -> str:
    return by.address if isinstance(by, PipelineStage) else by.file


def _ignore(tree: Tree, named: Iterable[str]) -> ignore.Ignore:
    files = [path for path in named if path.rpartition("/")[2] == ignore.FILE]
    return ignore.Ignore(tree.read_many(files) if files else {})


def _is_sound(path: str) -> bool:
    """Return True if an output may have this path; only the stage with a bad path is blocked."""
    return not repository_paths.fault(path) and not repository_paths.reserved(path)


def _is_root(tree: Tree, path: str) -> bool:
    return path.rpartition("/")[2] == ".dvc" and tree.entries[path].mode == "040000"
