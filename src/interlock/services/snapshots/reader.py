"""Reads revisions one after another, and parses the files that they share only once; decides
nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from interlock import errors, manifests
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.pipelines import (
    Project,
    ResolveTemplates,
    Shelf,
    Traced,
    Tracer,
    git_outputs,
    hydra,
    imports,
    plots,
)
from interlock.ports.git import Tree
from interlock.services.snapshots import fingerprint_gaps, manifest_inputs
from interlock.services.snapshots.declarations import Declarations
from interlock.yaml_reader import file_errors

if TYPE_CHECKING:
    from interlock.domain.training.setup_files import SetupFile
    from interlock.domain.training.training_tree import TrainingTree


class Reader:
    """Reads revisions and caches parsed files by blob: an unchanged file is parsed once.

    With `declared`, paths of manifests, a revision has only these.
    """

    def __init__(
        self,
        *,
        resolve_templates: ResolveTemplates | None = None,
        declared: tuple[str, ...] | None = None,
    ) -> None:
        self._resolve_templates = resolve_templates
        self._shelf = Shelf()
        self._declarations = Declarations(self._shelf, declared)
        self._tracers: dict[str, Tracer] = {}
        self._latest: Tracer | None = None
        self._models: dict[tuple[str, str], tuple[Traced, ModelAt]] = {}
        self._snapshots: dict[str, Snapshot] = {}

    def read(self, tree: Tree, *, look_for_imports: bool = True) -> Snapshot:
        """Read like `read`. Without `look_for_imports`, `with_imports` adds the warnings on
        undeclared modules later: programs are long, and most models of a plan are unaffected.
        A revision is read once."""
        known = self._snapshots.get(tree.revision)
        if known is None:
            known = self._snapshots[tree.revision] = self._read(tree)
        return self.with_imports(known, known.models) if look_for_imports else known

    def _read(self, tree: Tree) -> Snapshot:
        policy, problems = self._policy(tree)
        declared, broken = self._declared(tree, policy)
        tracer = self.tracer(tree)
        tracer.prefetch((m.pipeline.file, m.pipeline.target) for m in declared)
        models = {m.model: self.model(tracer, m) for m in declared}
        for name, rivals in _namesakes(declared).items():
            models[name] = ModelAt(rivals[0], None, blocked=_twice(name, rivals))
        return Snapshot(tree.revision, policy, models, (*problems, *broken))

    def with_imports(
        self, snapshot: Snapshot, names: Iterable[str], *, changed: Collection[str] = ()
    ) -> Snapshot:
        """Return a snapshot of this reader with warnings on files that the models `names` use
        beyond their inputs; `changed` are paths that differ from the revision compared with."""
        tracer = self._tracers[snapshot.revision]
        models = dict(snapshot.models)
        for name in names:
            models[name] = _look(tracer, models[name], changed)
        return dataclasses.replace(snapshot, models=models)

    def tracer_of(self, snapshot: Snapshot) -> Tracer:
        """Return the tracer of a snapshot of this reader."""
        return self._tracers[snapshot.revision]

    def needs(self, snapshot: Snapshot, prepare: str) -> tuple[SetupFile, ...]:
        """Return the files that a set-up command needs of a snapshot of this reader."""
        from interlock.pipelines import setup_files  # noqa: PLC0415 - few plans have set-up commands

        return setup_files.find(self._tracers[snapshot.revision].project, prepare)

    def importers(self, snapshot: Snapshot, changed: Collection[str]) -> tuple[str, ...]:
        """Return the models that may use one of the files `changed` without declaring it. The
        result may have too many models, but never too few."""
        tracer = self._tracers[snapshot.revision]
        sources = frozenset(path for path in changed if path.endswith(imports.SOURCES))
        if not sources and not hydra.is_enabled(tracer.project):
            return ()
        stages = {name: tracer.stages_of(m.lineage) for name, m in snapshot.models.items()}
        if sources:
            imports.prefetch(tracer.project, [s for own in stages.values() for s in own])
        return tuple(
            name
            for name, s in stages.items()
            if fingerprint_gaps.touches(tracer.project, s, changed, sources=sources)
        )

    def read_model(self, tree: Tree, model: str) -> ModelAt:
        """Read one model like `read_model`."""
        named = self._named(tree, model)
        if len(named) > 1:
            return ModelAt(named[0], None, blocked=_twice(model, named))
        tracer = self.tracer(tree)
        return _look(tracer, self.model(tracer, named[0]), ())

    def read_manifest(self, tree: Tree, model: str) -> Manifest:
        """Return the manifest of one model; raises like `read_model`."""
        return self._named(tree, model)[0]

    def _named(self, tree: Tree, model: str) -> list[Manifest]:
        """Return the manifests of one model: at least one."""
        policy, problems = self._policy(tree)
        declared, broken = self._declared(tree, policy)
        named = [m for m in declared if m.model == model]
        if not named:
            raise _unknown(model, declared, (*problems, *broken), tree)
        if problems:
            raise errors.CannotReadManifest("\n".join(map(str, problems)))
        return named

    def training_tree(self, tree: Tree, model: ModelAt) -> TrainingTree:
        """Return the tree in which a model of this revision is trained; it must have a lineage."""
        from interlock.pipelines import training_tree  # noqa: PLC0415 - only a training has a tree

        tracer = self._tracers.get(tree.revision) or self.tracer(tree)
        stages = tracer.stages_of(model.lineage)
        inputs = model.lineage.inputs if model.lineage else ()
        return training_tree.grow(tracer.project, inputs=inputs, stages=stages)

    def _policy(self, tree: Tree) -> tuple[Policy, tuple[Diagnostic, ...]]:
        data = tree.read(manifests.POLICY_PATH)
        policy, diagnostics = manifests.read_policy(data, path=manifests.POLICY_PATH)
        return policy or Policy(), _errors(diagnostics)

    def _declared(self, tree: Tree, policy: Policy) -> tuple[list[Manifest], list[Diagnostic]]:
        """Return the manifests of a tree, and the errors of the invalid ones."""
        files = self._declarations.read(tree, policy.manifests).values()
        read = [declaration for models in files for declaration in models]
        invalid = (diagnostics for manifest, diagnostics in read if manifest is None)
        problems = dict.fromkeys(d for diagnostics in invalid for d in _errors(diagnostics))
        return [manifest for manifest, _ in read if manifest is not None], list(problems)

    def tracer(self, tree: Tree) -> Tracer:
        """Return a tracer that reuses everything that did not change since the last revision."""
        after = self._latest
        project = Project(
            tree,
            shelf=self._shelf,
            resolve_templates=self._resolve_templates,
            after=None if after is None else after.project,
        )
        self._latest = self._tracers[tree.revision] = Tracer(project, after=after)
        return self._latest

    def model(self, tracer: Tracer, manifest: Manifest) -> ModelAt:
        """Return the model that a manifest declares, in the revision of the tracer."""
        try:
            traced = tracer.trace(manifest.pipeline.file, manifest.pipeline.target)
            known = self._models.get((manifest.path, manifest.model))
            if known is not None and _holds(known, traced, manifest, tracer.project):
                return known[1]
            model = _model(tracer.project, manifest, traced)
        except errors.CannotFingerprint as error:
            self._models.pop((manifest.path, manifest.model), None)
            placed = file_errors.of_file(error, manifest.path, line=_line(manifest, "pipeline"))
            hint = f" ({error.hint})" if error.hint else ""
            return ModelAt(
                manifest, None, blocked=error.message + hint, blocked_at=placed.diagnostics
            )
        self._models[manifest.path, manifest.model] = (traced, model)
        return model


def _holds(
    known: tuple[Traced, ModelAt], traced: Traced, manifest: Manifest, project: Project
) -> bool:
    """True if a model of the last revision is the same in this one."""
    same = known[0] is traced and known[1].manifest is manifest
    plain = all(_is_plain(path, project) for path in manifest.environment)
    return same and plain and not manifest.context


def _is_plain(path: str, project: Project) -> bool:
    """True if a path is a file in Git itself, not a link, and did not change since the last
    revision."""
    entry = project.tree.entries.get(path)
    return entry is not None and entry.mode.startswith("100") and path not in project.changed


def _model(project: Project, manifest: Manifest, traced: Traced) -> ModelAt:
    manifest_inputs.require_outputs(project, manifest, traced.stages)
    own = manifest_inputs.inputs(project, manifest)
    lineage = Lineage(
        manifest.model,
        manifest_inputs.distinct((*traced.inputs, *own)),
        tuple(stage.address for stage in traced.stages),
        traced.edges,
    )
    return ModelAt(
        manifest,
        lineage,
        warnings=traced.warnings,
        bytes_to_pull=manifest_inputs.bytes_to_pull(traced.inputs),
        plots=plots.declared(project, traced.stages),
        git_outputs=git_outputs.find(project, traced.stages),
    )


def _look(tracer: Tracer, model: ModelAt, changed: Collection[str]) -> ModelAt:
    stages = tracer.stages_of(model.lineage)
    return fingerprint_gaps.look(tracer.project, stages, model, changed=changed)


def _line(manifest: Manifest, field: str) -> int:
    """The line of a field of a manifest; 0 if it is unknown."""
    return manifest.lines.get(field, 0)


def _namesakes(declared: list[Manifest]) -> Mapping[str, list[Manifest]]:
    names: dict[str, list[Manifest]] = {}
    for manifest in declared:
        names.setdefault(manifest.model, []).append(manifest)
    return {name: rivals for name, rivals in names.items() if len(rivals) > 1}


def _twice(name: str, rivals: list[Manifest]) -> str:
    places = " and ".join(sorted({m.path for m in rivals}))
    return f"the model {name} is declared twice, in {places}"


def _errors(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(d for d in diagnostics if d.severity is Severity.ERROR)


def _unknown(
    model: str, declared: list[Manifest], problems: tuple[Diagnostic, ...], tree: Tree
) -> errors.InterlockError:
    if problems:
        return errors.CannotReadManifest(
            "\n".join(
                [
                    f"there is no model {model!r} among the manifests that can be read",
                    *map(str, problems),
                ]
            ),
            hint="run `interlock validate`",
        )
    import difflib  # noqa: PLC0415 - of an error alone

    names = [m.model for m in declared]
    near = difflib.get_close_matches(model, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"models: {', '.join(sorted(names)) or 'none'}"
    return errors.CannotResolve(f"there is no model {model!r} at {tree.revision[:12]}", hint=hint)
