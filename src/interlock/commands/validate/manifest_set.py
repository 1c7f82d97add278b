"""Checks the manifests of a revision with one another, and with the files that `plan` reads."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from interlock import errors
from interlock.commands.validate.ignored_files import LINK
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt
from interlock.manifests import Checked, consistency, family
from interlock.manifests.outputs import PipelineOutputs
from interlock.pipelines import ResolveTemplates, Tracer, imports, locks
from interlock.pipelines.stage import PipelineStage
from interlock.ports.git import Tree
from interlock.services import snapshots
from interlock.services.snapshots import fingerprint_gaps, manifest_inputs


@dataclass(frozen=True, slots=True)
class ManifestSet:
    """The checked manifests of one revision."""

    manifests: tuple[Checked, ...]
    reader: snapshots.Reader
    tracer: Tracer

    def problems(self, chosen: Sequence[Checked]) -> Iterator[Diagnostic]:
        """Yield the problems of these manifests and of the files that `plan` reads for them."""
        index = self.tracer.project.index
        paths = (consistency.pipeline_path(one) for one in chosen)
        named = {path for path in paths if path is not None}
        for broken in index.unreadable:
            if broken.file in named:
                yield from broken.error.diagnostics
        self._prefetch(chosen, named)
        for one in chosen:
            yield from one.diagnostics
            yield from self._blocked(one)
        yield from locks.broken(self.tracer.project, sorted(named & index.tops.keys()))

    def _prefetch(self, chosen: Sequence[Checked], named: Collection[str]) -> None:
        """Read the programs and the environment files of these manifests in two requests."""
        project = self.tracer.project
        stages = [stage for stage in project.index.stages.values() if stage.file in named]
        imports.prefetch(project, stages)
        built = (one.manifest for one in chosen)
        project.shelf.fetch(
            project.tree, {p for one in built if one is not None for p in one.environment}
        )

    def _blocked(self, one: Checked) -> Iterator[Diagnostic]:
        """Yield why a model with a valid manifest cannot be planned, and its broken locks."""
        if one.manifest is None:
            return
        model = self.reader.model(self.tracer, one.manifest)
        yield from model.blocked_at
        stages = self.tracer.stages_of(model.lineage)
        yield from _warnings(self.tracer, stages, model)
        yield from locks.broken(self.tracer.project, [stage.file for stage in stages])

    def unused_files(self) -> Iterator[Diagnostic]:
        """Yield files that no model may need but that make DVC's own commands fail."""
        index = self.tracer.project.index
        for broken in index.unreadable:
            for diagnostic in broken.error.diagnostics:
                yield replace(diagnostic, severity=Severity.WARNING)
        yield from locks.broken(self.tracer.project, index.tops)


def _warnings(
    tracer: Tracer, stages: Sequence[PipelineStage], model: ModelAt
) -> Iterator[Diagnostic]:
    """Yield the warnings of a plan, such as code that no stage declares."""
    undeclared, sentences = fingerprint_gaps.doubts(tracer.project, stages, model)
    places = {one.sentence: one.file for one in undeclared}
    for sentence in (*model.warnings, *sentences):
        path = places.get(sentence, model.manifest.path)
        yield Diagnostic(path, 0, 0, Severity.WARNING, sentence)


def check(
    tree: Tree, paths: Sequence[str], policy: Policy | None, resolve: ResolveTemplates | None
) -> ManifestSet:
    plain = [path for path in paths if tree.entries[path].mode != LINK]
    data = tree.read_many(plain)
    checked = tuple(one for path in plain for one in _check_alone(data[path], path))
    reader = snapshots.Reader(resolve_templates=resolve)
    tracer = reader.tracer(tree)
    contents = consistency.RepositoryContents(
        policy, tree.entries, tree.named, tree.children, _pipelines(tracer, checked)
    )
    for one in checked:
        consistency.check(one, among=contents)
    consistency.check_together(checked)
    family.warn_of_rest(checked, functools.partial(_stages, contents))
    return ManifestSet(checked, reader, tracer)


def _check_alone(data: bytes, path: str) -> tuple[Checked, ...]:
    every = family.check(data, path=path)
    for checked in every:
        _ = checked.manifest  # its lines come from the positions
        checked.positions.forget()
    return every


def _pipelines(
    tracer: Tracer, checked: Sequence[Checked]
) -> dict[str, consistency.KnownPipeline | None]:
    project = tracer.project
    named = {path for one in checked if (path := consistency.pipeline_path(one)) is not None}
    tracer.prefetch((path, "") for path in named)
    return {
        path: consistency.KnownPipeline(
            dict.fromkeys(stage.name for stage in project.index.stages_in.get(path, ())),
            functools.partial(_outputs, tracer, path),
        )
        if path in project.index.tops
        else None
        for path in named
        if path in project.tree.entries
    }


def _stages(contents: consistency.RepositoryContents, one: Checked) -> Collection[str]:
    pipeline = contents.pipelines.get(consistency.pipeline_path(one) or "")
    return () if pipeline is None else pipeline.stages


def _outputs(tracer: Tracer, file: str, target: str) -> PipelineOutputs | None:
    """Return the outputs of a target and its upstream stages; None when they cannot be traced."""
    try:
        traced = tracer.trace(file, target)
    except errors.CannotFingerprint:
        return None
    return manifest_inputs.makers(tracer.project, file, target, traced.stages)
