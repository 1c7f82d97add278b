"""Trace a target stage upstream: every input that determines its outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from interlock import errors
from interlock.domain.model.lineage import Input, Lineage
from interlock.manifests import stage_targets
from interlock.pipelines import paths, stage_inputs
from interlock.pipelines.project import Project
from interlock.pipelines.stage import PipelineStage
from interlock.pipelines.stage_inputs import StageInputs
from interlock.ports.git import LINK
from interlock.yaml_reader.suggestions import Suggester


@dataclass(frozen=True, slots=True)
class Traced:
    """The stages of a target in the order that they run, and their inputs.

    `edges` are pairs of addresses: the second stage reads an output of the first.
    """

    stages: tuple[PipelineStage, ...]
    inputs: tuple[Input, ...]
    warnings: tuple[str, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()


class Tracer:
    """Traces targets of one project; a stage that several models share is read once.

    With `after`, a tracer of an earlier revision, unchanged stages are taken from there: they are
    the same objects.
    """

    def __init__(self, project: Project, *, after: Tracer | None = None) -> None:
        self.project = project
        self._suggest = Suggester()
        self._needs: dict[str, StageInputs] = {}
        self._traced: dict[str, tuple[Traced, list[StageInputs]]] = {}
        self._earlier: dict[str, tuple[Traced, list[StageInputs]]] = {}
        self._remade: frozenset[str] = frozenset()
        if after is not None and project.index.sees_as(after.project.index):
            self._earlier = after._traced
            self._remade = project.index.differs(after.project.index)
        around = {place for path in self._remade for place in (path, *paths.ancestors(path))}
        # An output also depends on paths that differ from it in upper and lower case only.
        self._moved = {path.lower() for path in project.changed | around}
        entries = (project.tree.entries.get(path) for path in project.changed)
        self._links = {entry.path for entry in entries if entry and entry.mode == LINK}

    def prefetch(self, targets: Iterable[tuple[str, str]]) -> None:
        """Read the parameter files of these targets' stages in one request: those that the earlier
        revision does not have."""
        files = {file for file, _ in targets}
        stages = (s for file in files for s in self.project.index.stages_in.get(file, ()))
        wanted = {p.path for s in stages for p in s.parameters if p.path}
        wanted &= self.project.changed if self._earlier else wanted
        self.project.shelf.fetch(self.project.tree, wanted)

    def trace(self, file: str, target: str) -> Traced:
        """Trace one target; raises CannotFingerprint with the file and the stage."""
        address = f"{file}:{target}"
        if address not in self._traced:
            known = self._earlier.get(address)
            holds = known is not None and all(map(self._holds, known[1]))
            self._traced[address] = known if known and holds else self._trace(file, target)
        return self._traced[address][0]

    def _holds(self, inputs: StageInputs) -> bool:
        """Return True if the stage and its input paths did not change."""
        stage = inputs.stage
        if not inputs.plain or self.project.index.stages.get(stage.address) is not stage:
            return False
        return not any(map(self._touched, _paths(stage)))

    def lookups(self, file: str, target: str) -> frozenset[str] | None:
        """Return the paths that determine the inputs of a traced target, None if others do so, too.

        They do while the index has the same products, and no link is added.
        """
        stages = self._traced[f"{file}:{target}"][1]
        if not all(one.plain for one in stages):
            return None
        paths = {path for one in stages for path in (one.stage.file, *_paths(one.stage))}
        makers = (maker for path in paths for maker in self._makers(path, file))
        return frozenset((*paths, *makers))

    def _makers(self, path: str, file: str) -> Iterator[str]:
        for products in self.project.index.made_at(path, from_file=file):
            yield from (product.by.file for product in products)

    def _touched(self, path: str) -> bool:
        if path.lower() in self._moved:
            return True
        above = self._remade | self._links
        return bool(above) and not above.isdisjoint(paths.ancestors(path))

    def _trace(self, file: str, target: str) -> tuple[Traced, list[StageInputs]]:
        stages = self._upstream(self._stage(file, target))
        last = stages[-1].stage
        if last.always_changed:
            from interlock.pipelines import recorded_outputs  # noqa: PLC0415 - few run always

            recorded_outputs.require_steady(last, project=self.project)
        traced = Traced(
            stages=tuple(one.stage for one in stages if not one.stage.frozen),
            inputs=_with_readers(stages),
            warnings=tuple(dict.fromkeys(text for one in stages for text in one.warnings)),
            edges=tuple(
                (maker.address, one.stage.address)
                for one in stages
                for maker in one.upstream.values()
                if not maker.frozen
            ),
        )
        return traced, stages

    def stages_of(self, lineage: Lineage | None) -> list[PipelineStage]:
        """Return the stages of a lineage."""
        stages = self.project.index.stages
        return [stages[address] for address in (lineage.stages if lineage else ())]

    def _stage(self, file: str, target: str) -> PipelineStage:
        index = self.project.index
        stage = index.stages.get(f"{file}:{target}")
        if stage is not None:
            return stage
        if file in index.errors_in:
            raise index.errors_in[file]
        if file not in self.project.tree.entries:
            raise errors.CannotFingerprint(f"there is no {file}")
        known = [stage.name for stage in index.stages_in.get(file, ())]
        message, hint = stage_targets.unknown(target, file, known, suggest=self._suggest)
        raise errors.CannotFingerprint(message, hint=hint)

    def _upstream(self, target: PipelineStage) -> list[StageInputs]:
        """Return a stage's needs after those of everything upstream, as `dvc repro` runs them.

        Depth first without recursion: a chain of stages may be longer than Python's stack.
        """
        done: dict[str, StageInputs] = {}
        path: dict[str, Iterator[PipelineStage]] = {target.address: self._next(target)}
        while path:
            address, upstream = next(reversed(path.items()))
            stage = next(upstream, None)
            if stage is None:
                done[address] = self._needs[address]
                del path[address]
            elif stage.address in path:
                around = list(path)[list(path).index(stage.address) :]
                circle = " → ".join([*around, stage.address])
                raise errors.CannotFingerprint(f"stages need each other: {circle}")
            elif stage.address not in done:
                path[stage.address] = self._next(stage)
        return list(done.values())

    def _next(self, stage: PipelineStage) -> Iterator[PipelineStage]:
        if stage.address not in self._needs:
            self._needs[stage.address] = stage_inputs.find(self.project, stage)
        return iter(self._needs[stage.address].upstream.values())


def _paths(stage: PipelineStage) -> list[str]:
    """Return the paths inside the repository that a stage names."""
    named = [d.path for d in stage.dependencies] + [p.path for p in stage.parameters]
    named += [out.path for out in stage.outs]
    return [path for path in named if path is not None]


def _with_readers(stages: Collection[StageInputs]) -> tuple[Input, ...]:
    """Return every input once, with the stages that declare it. The stages after a frozen stage,
    which does not run, read its records."""
    after: dict[str, list[str]] = {}
    for one in stages:
        for maker in one.upstream:
            after.setdefault(maker, []).append(one.stage.address)
    inputs: dict[tuple[str, str, str], Input] = {}
    readers: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for one in stages:
        address = one.stage.address
        mine = tuple(dict.fromkeys(after.get(address, ())) if one.stage.frozen else (address,))
        for each in (*one.inputs, *_recorded(one, stages)):
            key = each.key
            inputs[key] = each
            known = readers.get(key)
            readers[key] = mine if known is None else tuple(dict.fromkeys((*known, *mine)))
    return tuple(each.of(readers[key]) for key, each in inputs.items())


def _recorded(one: StageInputs, stages: Collection[StageInputs]) -> Iterable[Input]:
    if not one.recorded:
        return ()
    from interlock.pipelines import recorded_outputs  # noqa: PLC0415 - few stages need records

    return recorded_outputs.read(one, stages)
