"""From a target stage upstream to the leaves: every input that determines what it makes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from interlock import errors
from interlock.domain.lineage import Input, InputKind, Lineage
from interlock.pipelines import ignore, parameters, paths, pointers, values
from interlock.pipelines.index import Product
from interlock.pipelines.project import FOLDER, SUBMODULE, Project
from interlock.pipelines.stage import Dependency, Parameters, Stage, Tracked

_LOCK = "dvc.lock"


@dataclass(frozen=True, slots=True)
class Traced:
    """What a target needs: its stages in the order that they run, and the leaves."""

    stages: tuple[Stage, ...]
    inputs: tuple[Input, ...]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """What one stage asks for itself. `plain` says that it is found where its paths say: no link,
    no lock and nothing outside was looked at, so that it holds while nothing there changes."""

    stage: Stage
    upstream: dict[str, Stage] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    plain: bool = True


class Tracer:
    """Traces targets of one project; a stage that several models share is read once.

    With `after`, a tracer of an earlier revision, what did not change since is taken from there:
    the very same objects come out.
    """

    def __init__(self, project: Project, *, after: Tracer | None = None) -> None:
        self.project = project
        self._found: dict[str, _Found] = {}
        self._traced: dict[str, tuple[Traced, list[_Found]]] = {}
        self._after = after
        self._remade: frozenset[str] = frozenset()
        if after is not None and after.project.index is not project.index:
            self._remade = project.index.differs(after.project.index)
            if not project.index.sees_as(after.project.index):
                self._after = None
        around = {place for path in self._remade for place in (path, *paths.ancestors(path))}
        self._moved = project.changed | around

    def prefetch(self, targets: Iterable[tuple[str, str]]) -> None:
        """Read in one request the parameter files that these targets' stages may ask for."""
        wanted: dict[str, None] = {}
        stages = self.project.index.stages
        files = {file for file, _ in targets}
        for stage in stages.values():
            if stage.file in files and isinstance(stage, Stage):
                wanted.update({p.path: None for p in stage.parameters if p.path})
        self.project.shelf.fetch(self.project.tree, wanted)

    def trace(self, file: str, target: str) -> Traced:
        """Raises CannotFingerprint naming the file and the stage that cannot be identified."""
        address = f"{file}:{target}"
        if address not in self._traced:
            self._traced[address] = self._earlier(address) or self._trace(file, target)
        return self._traced[address][0]

    def _earlier(self, address: str) -> tuple[Traced, list[_Found]] | None:
        """What was traced before, if every stage of it still finds the same."""
        known = self._after._traced.get(address) if self._after is not None else None
        return known if known is not None and all(map(self._holds, known[1])) else None

    def _holds(self, found: _Found) -> bool:
        """Whether nothing changed where this stage looks, nor what makes it."""
        stage = found.stage
        if not found.plain or self.project.index.stages.get(stage.address) is not stage:
            return False
        looked = [d.path for d in stage.dependencies] + [p.path for p in stage.parameters]
        looked += [out.path for out in stage.outs]
        return not any(self._touched(path) for path in looked if path is not None)

    def _touched(self, path: str) -> bool:
        if path in self._moved:
            return True
        return bool(self._remade) and not self._remade.isdisjoint(paths.ancestors(path))

    def _trace(self, file: str, target: str) -> tuple[Traced, list[_Found]]:
        order: dict[str, Stage] = {}
        self._visit(self._stage(file, target), order, [])
        found = [self._found[address] for address in order]
        inputs = {i.key: i for one in found for i in one.inputs}
        traced = Traced(
            stages=tuple(s for s in order.values() if not s.frozen),
            inputs=tuple(inputs.values()),
            warnings=tuple(dict.fromkeys(text for one in found for text in one.warnings)),
        )
        return traced, found

    def stages_of(self, lineage: Lineage | None) -> list[Stage]:
        """Return the stages that a lineage names."""
        stages = self.project.index.stages
        found = (stages[address] for address in (lineage.stages if lineage else ()))
        return [stage for stage in found if isinstance(stage, Stage)]

    def _stage(self, file: str, target: str) -> Stage:
        index = self.project.index
        found = index.stages.get(f"{file}:{target}")
        if isinstance(found, Stage):
            return found
        if found is not None:
            raise errors.CannotFingerprint(found.reason)
        for broken in index.unreadable:
            if broken.file == file:
                raise errors.CannotFingerprint(broken.reason)
        if file not in self.project.tree.entries:
            raise errors.CannotFingerprint(f"there is no {file}")
        raise errors.CannotFingerprint(f"{file} has no stage {target}")

    def _visit(self, stage: Stage, order: dict[str, Stage], path: list[str]) -> None:
        """Depth first, a stage after everything that it needs, as `dvc repro` runs them."""
        if stage.address in order:
            return
        if stage.address in path:
            circle = [*path[path.index(stage.address) :], stage.address]
            raise errors.CannotFingerprint("stages need each other: " + " → ".join(circle))
        for upstream in self._of(stage).upstream.values():
            self._visit(upstream, order, [*path, stage.address])
        order[stage.address] = stage

    def _of(self, stage: Stage) -> _Found:
        if stage.address not in self._found:
            try:
                self._found[stage.address] = self._look(stage)
            except errors.CannotFingerprint as error:
                where = f"{stage.file}: stage {stage.name}: "
                raise errors.CannotFingerprint(where + error.message, hint=error.hint) from error
        return self._found[stage.address]

    def _look(self, stage: Stage) -> _Found:
        found = _Found(stage)
        if stage.frozen:
            found.plain = False
            found.inputs.extend(self._recorded(stage, found))
            return found
        _refuse_unsteady(stage)
        for out in stage.outs:
            if out.path in self.project.index.conflicts:
                raise errors.CannotFingerprint(self.project.index.conflicts[out.path])
        found.inputs.append(definition(stage))
        for dependency in stage.dependencies:
            self._depend(stage, dependency, found)
        for wanted in stage.parameters:
            self._parameters(stage, wanted, found)
        return found

    def _depend(self, stage: Stage, dependency: Dependency, found: _Found) -> None:
        path = dependency.path
        if path is None:
            self._outside(stage, dependency, found)
            return
        above, inside = self.project.index.made_at(path, seen_from=stage.file)
        for product in (*above, *inside):
            self._product(product, path, found)
        if not above:
            leaves = list(self._in_git(path, found, made={p.path for p in inside}))
            if not leaves and not inside:
                raise errors.CannotFingerprint(self._missing(dependency.written))
            found.inputs.extend(leaves)

    def _product(self, product: Product, path: str, found: _Found) -> None:
        if product.path in self.project.index.conflicts:
            raise errors.CannotFingerprint(self.project.index.conflicts[product.path])
        if isinstance(product.by, Tracked):
            found.inputs.append(data(product.by, path))
        else:
            found.upstream[product.by.address] = product.by

    def _in_git(self, path: str, found: _Found, *, made: Collection[str] = ()) -> Iterator[Input]:
        """Yield what Git holds at a path, file by file; `made` are outputs and no inputs."""
        target = self.project.follow(path)
        if target is None:
            yield from self._data_behind_link(path, found)
            return
        place, entry = target
        found.plain = found.plain and place == path
        if entry.mode != FOLDER:
            yield code(place if entry.mode == SUBMODULE else path, entry.object_id)
            return
        for below, leaf in self.project.files_below(place):
            name = below.rpartition("/")[2]
            if name == ignore.FILE:
                raise errors.CannotFingerprint(f"DVC refuses {below} inside the dependency {path}")
            found.plain = found.plain and leaf.path == below
            if name != _LOCK and below not in made and not _is_inside(below, made):
                yield code(path + below[len(place) :] if path else below, leaf.object_id)

    def _data_behind_link(self, path: str, found: _Found) -> Iterator[Input]:
        """A link in Git may lead to data behind a pointer; DVC sees no stage through a link."""
        found.plain = False
        place = self.project.destination(path)
        if place == path:
            return
        for product in self.project.index.made_at(place, seen_from=place)[0]:
            if isinstance(product.by, Stage):
                raise errors.CannotFingerprint(
                    f"{path} leads by a link to an output of {product.by.address}, "
                    "which DVC does not see",
                    hint=f"depend on {place} itself",
                )
            yield data(product.by, place)

    def _outside(self, stage: Stage, dependency: Dependency, found: _Found) -> None:
        """A URL or an absolute path: what dvc.lock last recorded of it, and a warning."""
        found.plain = False
        where = dependency.written
        locked = self.project.locked(stage).get("deps")
        entries = locked if isinstance(locked, list) else []
        entry = next((e for e in entries if isinstance(e, dict) and e.get("path") == where), {})
        digest = pointers.identify(entry)
        if not digest:
            raise errors.CannotFingerprint(
                f"its dependency {where} is outside the repository and no lock records it",
                hint="import it with `dvc import-url`, so that a pointer identifies it",
            )
        size = entry.get("size")
        found.inputs.append(
            Input(InputKind.DATA, where, digest, size_bytes=size if isinstance(size, int) else None)
        )
        found.warnings.append(
            f"{stage.address} reads {where}, which is outside the repository: it counts as "
            f"{paths.folder(stage.file) or '.'}/{_LOCK} recorded it, whatever is there now"
        )

    def _parameters(self, stage: Stage, wanted: Parameters, found: _Found) -> None:
        path = wanted.path
        if path is None:
            raise errors.CannotFingerprint(
                f"its parameter file {wanted.written} is outside the repository"
            )
        above, _ = self.project.index.made_at(path, seen_from=stage.file)
        for product in above:
            self._product(product, path, found)
        if not above:
            found.inputs.extend(self._values(path, wanted, found))

    def _values(self, path: str, wanted: Parameters, found: _Found) -> Iterator[Input]:
        place = self.project.follow(path)
        if place is None or not place[1].mode.startswith("100"):
            raise errors.CannotFingerprint(f"its parameter file {wanted.written} is missing")
        found.plain = found.plain and place[0] == path
        content = self.project.parameters(place[0])
        for key in wanted.keys or ("",):
            try:
                value = parameters.select(content, key) if key else content
            except KeyError:
                raise errors.CannotFingerprint(
                    f"{path} has no parameter {key}", hint="add it, or take it out of `params`"
                ) from None
            for name, leaf in values.leaves(value, name=key):
                yield Input(
                    InputKind.PARAMS, path, values.digest(leaf), name=name, text=values.render(leaf)
                )

    def _recorded(self, stage: Stage, found: _Found) -> Iterator[Input]:
        """A frozen stage is never run: what dvc.lock (or Git) holds of its outputs is the input."""
        entries = self.project.locked(stage).get("outs")
        by_path = {
            e["path"]: e
            for e in (entries if isinstance(entries, list) else [])
            if isinstance(e, dict) and isinstance(e.get("path"), str)
        }
        for out in stage.outs:
            digest = pointers.identify(by_path.get(out.written, {}))
            if digest:
                size = by_path[out.written].get("size")
                yield Input(
                    InputKind.DATA,
                    out.path or out.written,
                    digest,
                    size_bytes=size if isinstance(size, int) else None,
                )
                continue
            kept = [] if out.path is None else list(self._in_git(out.path, found))
            if not kept:
                raise errors.CannotFingerprint(
                    f"it is frozen, and {_LOCK} records nothing of its output {out.written}",
                    hint="unfreeze it, or run `dvc commit` and commit dvc.lock",
                )
            yield from kept

    def _missing(self, written: str) -> str:
        text = f"its dependency {written} is not in Git, not behind a pointer, and made by no stage"
        broken = self.project.index.unreadable
        return f"{text} ({broken[0].reason})" if broken else text


def definition(stage: Stage) -> Input:
    """The stage itself: what it runs, where, and what it says that it reads and makes."""
    content = {
        "cmd": list(stage.commands) if stage.listed else stage.commands[0],
        "wdir": stage.wdir,
        "deps": sorted(d.path if d.path is not None else d.written for d in stage.dependencies),
        "params": {p.path or p.written: sorted(p.keys) for p in stage.parameters},
        "outs": sorted(o.path if o.path is not None else o.written for o in stage.outs),
    }
    return Input(
        InputKind.PIPELINE,
        stage.file,
        values.digest_of_texts(content),
        name=stage.name,
        text=" && ".join(stage.commands),
    )


def code(path: str, object_id: str) -> Input:
    return Input(InputKind.CODE, path, f"git:{object_id}")


def data(tracked: Tracked, path: str) -> Input:
    """What a pointer says of a path: of the whole, or of the part of it that it lists."""
    inside = path.removeprefix(tracked.path + "/") if path != tracked.path else ""
    if inside and inside != path and tracked.files:
        part = {
            name: digest
            for name, digest in tracked.files.items()
            if name == inside or name.startswith(inside + "/")
        }
        if not part:
            raise errors.CannotFingerprint(f"{tracked.file} lists nothing at {path}")
        whole = part.get(inside) if len(part) == 1 else None
        return Input(InputKind.DATA, path, whole or values.digest(part))
    if not tracked.digest:
        raise errors.CannotFingerprint(
            f"{tracked.file} identifies no content", hint="run `dvc update` and commit the pointer"
        )
    return Input(
        InputKind.DATA,
        tracked.path,
        tracked.digest,
        size_bytes=tracked.size_bytes,
        rows=tracked.rows,
    )


def _refuse_unsteady(stage: Stage) -> None:
    if stage.always_changed:
        raise errors.CannotFingerprint(
            "it is always_changed: what it makes is not determined by what it reads",
            hint="give it dependencies and remove always_changed",
        )
    if not stage.dependencies and not stage.parameters:
        raise errors.CannotFingerprint(
            "it declares no dependency: nothing says when its output would differ",
            hint="declare the program that it runs and what that reads",
        )


def _is_inside(path: str, made: Collection[str]) -> bool:
    return bool(made) and any(place in made for place in paths.ancestors(path))
