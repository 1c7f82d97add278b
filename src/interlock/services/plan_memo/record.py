"""Makes the memo of a revision that was read completely."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator

from interlock import errors
from interlock.domain.basics import digests
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.domain.training import plan as planning
from interlock.domain.training.plan import Decision, ModelPlan
from interlock.pipelines import (
    Project,
    Tracer,
    fetching,
    hydra,
    imports,
    modules,
    packages,
    program_uses,
)
from interlock.pipelines.index import Index
from interlock.pipelines.stage import PipelineStage, Top
from interlock.services.plan_memo import memo
from interlock.services.plan_memo.memo import KnownFile, KnownModel
from interlock.services.snapshots import Reader


def make(reader: Reader, snapshot: Snapshot) -> bytes | None:
    """Return the memo of a snapshot of this reader; None if its models depend on each other in a
    way that no list of paths describes."""
    tracer = reader.tracer_of(snapshot)
    if snapshot.problems or not _is_simple(tracer.project):
        return None
    rows = planning.plan(base=snapshot, head=snapshot, known=None, served={}, minutes={}).models
    if any(row.manifest != snapshot.models[row.model].manifest.path for row in rows):
        return None
    try:
        return _Record(tracer, snapshot).write(rows)
    except ValueError:
        return None


def is_simple(index: Index) -> bool:
    """Return True if each file of DVC can be read without the others."""
    datasets = any(top.datasets for top in index.tops.values())
    return not (index.is_templated or index.unreadable or datasets)


LISTED = (packages.FILES, (fetching.ATTRIBUTES,))
"""How files end that are searched in the whole tree."""
Shape = frozenset[tuple[str, str]]
"""What a file of DVC makes and lists at its top: pairs of a kind and a path."""


def shapes(index: Index) -> dict[str, Shape]:
    known: dict[str, set[tuple[str, str]]] = {}
    for path, products in index.products.items():
        for product in products:
            known.setdefault(product.by.file, set()).add(("made", path))
    for file, top in index.tops.items():
        known.setdefault(file, set()).update(("listed", path) for path in _listed(top))
    return {file: frozenset(pairs) for file, pairs in known.items()}


def digest(shape: Shape) -> str:
    return digests.of_chunks(json.dumps(pair).encode() for pair in sorted(shape))


def _listed(top: Top) -> Iterator[str]:
    yield from (*top.metrics, *top.params)
    for plot in top.plots:
        yield from plot.paths


def _is_simple(project: Project) -> bool:
    configurations = (f"{root}/.dvc/config".lstrip("/") for root in ("", *project.index.roots))
    return is_simple(project.index) and not any(
        hydra.read_settings(project.shelf.content(project.tree, path)).enabled
        for path in configurations
        if path in project.tree.entries
    )


class _Record:
    def __init__(self, tracer: Tracer, snapshot: Snapshot) -> None:
        self._tracer, self._snapshot = tracer, snapshot
        self._index = tracer.project.index
        self._numbers = {path: n for n, path in enumerate(self._index.named)}
        self._readers: dict[str, list[int]] = {}
        self._uses = functools.cache(self._uses_of)

    def write(self, rows: tuple[ModelPlan, ...]) -> bytes:
        stages = [s for m in self._snapshot.models.values() for s in self._stages(m)]
        imports.prefetch(self._tracer.project, stages)
        models = [self._model(number, row) for number, row in enumerate(rows)]
        known = shapes(self._index)
        makers: dict[str, list[int]] = {}
        for file, places in known.items():
            for _, path in places:
                makers.setdefault(path.lower(), []).append(self._numbers[file])
        return memo.write(
            commit=self._snapshot.revision,
            patterns=self._snapshot.policy.manifests,
            models=models,
            files=[self._file(path, known.get(path, frozenset())) for path in self._index.named],
            listings={ends: self._tracer.project.tree.named(ends) for ends in LISTED},
            readers=self._readers,
            makers=makers,
        )

    def _stages(self, model: ModelAt) -> list[PipelineStage]:
        return self._tracer.stages_of(model.lineage)

    def _file(self, path: str, shape: Shape) -> KnownFile:
        is_read = path.endswith((".dvc", "dvc.yaml")) and self._is_file(path)
        return KnownFile(path=path, shape=digest(shape) if is_read else None)

    def _is_file(self, path: str) -> bool:
        entry = self._tracer.project.tree.entries.get(path)
        return entry is not None and entry.mode.startswith("100")

    def _model(self, number: int, row: ModelPlan) -> KnownModel:
        model = self._snapshot.models[row.model]
        looked = self._lookups(model)
        uses = [self._uses(stage.address) for stage in self._stages(model)]
        used = frozenset(path for use in uses if use is not None for path in use)
        for path in {row.manifest.lower(), *(p.lower() for p in (looked or frozenset()) | used)}:
            self._readers.setdefault(path, []).append(number)
        is_plain = row.decision is Decision.UNAFFECTED and not row.warnings
        files = looked or {model.manifest.pipeline.file}
        return KnownModel(
            model=row.model,
            manifest=row.manifest,
            fingerprint=row.fingerprint or "",
            sentence=row.sentence,
            files=tuple(sorted(self._numbers[path] for path in files if path in self._numbers)),
            is_read=looked is None or not is_plain,
            has_unseen=None in uses,
        )

    def _lookups(self, model: ModelAt) -> frozenset[str] | None:
        """Return the paths that determine the fingerprint; None if they cannot be listed."""
        manifest = model.manifest
        if model.lineage is None or manifest.context:
            return None
        if not all(map(self._is_file, manifest.environment)):
            return None
        looked = self._tracer.lookups(manifest.pipeline.file, manifest.pipeline.target)
        return None if looked is None else looked | frozenset(manifest.environment)

    def _uses_of(self, address: str) -> frozenset[str] | None:
        """Return the files that a stage may use; None if any program may be among them."""
        project = self._tracer.project
        uses = program_uses.find(project, self._index.stages[address], read=modules.scan)
        if uses.unseen or not all(_is_own(project, use.path) for use in uses.uses):
            return None
        return frozenset(use.path for use in uses.uses)


def _is_own(project: Project, path: str) -> bool:
    """Return True if no link leads to another path."""
    try:
        target = project.follow(path)
    except errors.CannotFingerprint:
        return False
    return target is None or target[0] == path
