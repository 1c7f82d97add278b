"""Lists the inputs that a manifest itself adds to its model; without the inputs of the pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interlock import errors, manifests
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.domain.model.lineage import Input, InputKind
from interlock.domain.model.manifest import Manifest
from interlock.manifests import outputs
from interlock.pipelines import Project, canonical_values, dvcyaml, leaf_inputs
from interlock.pipelines.stage import PipelineStage, Tracked
from interlock.ports.git import FOLDER
from interlock.yaml_reader import file_errors

_FILES = (InputKind.CODE, InputKind.ENVIRONMENT)
_OF_DVC = frozenset({"dvc.lock", ".dvcignore"})


def inputs(project: Project, manifest: Manifest) -> Iterator[Input]:
    """Yield the inputs of the manifest: the environment's files and the part that training
    reads."""
    field = ""
    try:
        for index, path in enumerate(manifest.environment):
            field = f"environment.{index}"
            yield _environment(project, manifest.path, path)
        field = "context"
        for path in _context(project, manifest.context):
            yield _in_context(project, path)
    except errors.CannotFingerprint as error:
        line = manifest.lines.get(field, 0)
        raise file_errors.of_file(error, manifest.path, line=line) from error
    fields = {
        "pipeline": [manifest.pipeline.file, manifest.pipeline.target],
        "outputs": [*manifest.outputs.paths],
        "environment": sorted(manifest.environment),
    }
    if manifest.training is not None:
        fields["training"] = [manifest.training.launcher.value, str(manifest.training.gpus)]
    for name, value in fields.items():
        text = ", ".join(value)
        digest = canonical_values.digest_of_list(value)
        yield Input(InputKind.MANIFEST, manifest.path, digest, name=name, text=text)


def _environment(project: Project, manifest: str, path: str) -> Input:
    entry = project.follow(path)
    if entry is not None and entry[1].mode.startswith("100"):
        return Input(InputKind.ENVIRONMENT, path, leaf_inputs.content(entry[1]))
    for product in project.index.made_at(path, from_file=path)[0]:
        if isinstance(product.by, Tracked):
            data = leaf_inputs.data(product.by, path)
            return Input(InputKind.ENVIRONMENT, path, data.digest, size_bytes=data.size_bytes)
    raise errors.CannotFingerprint(f"{manifest}: the environment file {path} is not in Git")


def _context(project: Project, patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the files that match the patterns, without DVC's files and the outputs of stages,
    which are both generated."""
    tree = project.tree
    paths: set[str] = set()
    for pattern in patterns:
        matches = manifests.search(tree.named, pattern)
        matches = tuple(path for path in matches if tree.entries[path].mode != FOLDER)
        if not matches:
            raise errors.CannotFingerprint(f"the pattern {pattern} in `context` matches no file")
        paths.update(matches)
    return tuple(sorted(path for path in paths if not _is_generated(project, path)))


def _is_generated(project: Project, path: str) -> bool:
    name = path.rpartition("/")[2]
    is_dvc = dvcyaml.is_dvc_file(path) or name in _OF_DVC or "/.dvc/" in f"/{path}"
    return is_dvc or bool(project.index.made_at(path, from_file=path)[0])


def _in_context(project: Project, path: str) -> Input:
    entry = project.follow(path)
    if entry is None or entry[1].mode == FOLDER:
        raise errors.CannotFingerprint(
            f"{path}, which `context` names, is a link to a folder or to nothing in Git",
            hint="name what it leads to",
        )
    return Input(InputKind.CONTEXT, path, leaf_inputs.content(entry[1]))


def require_outputs(project: Project, manifest: Manifest, stages: Iterable[PipelineStage]) -> None:
    """Raise CannotFingerprint for outputs of a manifest that none of these stages and the target
    make, or that a stage makes which always runs."""
    file, target = manifest.pipeline.file, manifest.pipeline.target
    wanted = dict(zip(("model", "predictions"), manifest.outputs.paths, strict=False))
    stages = tuple(stages)
    if any(stage.always_changed for stage in stages):
        from interlock.pipelines import recorded_outputs  # noqa: PLC0415 - few stages always run

        recorded_outputs.require_none_of(wanted.values(), stages, project=project)
    made = makers(project, file, target, stages)
    missing = list(outputs.missing(wanted, of=manifest.path, target=target, made=made))
    if missing:
        raise file_errors.InvalidFile(_at(manifest, one) for one in missing)


def _at(manifest: Manifest, one: outputs.MissingOutput) -> Diagnostic:
    line = manifest.lines.get(f"outputs.{one.field}", 0)
    return Diagnostic(manifest.path, line, 0, Severity.ERROR, one.message, one.hint)


def makers(
    project: Project, file: str, target: str, stages: Iterable[PipelineStage]
) -> outputs.PipelineOutputs:
    """Return the outputs of a target and of these stages, and those of other stages in its
    dvc.yaml."""
    known = project.index.stages
    mine = {stage.address: stage for stage in stages}
    own = known.get(f"{file}:{target}")
    if own is not None:
        mine[own.address] = own

    def others() -> dict[str, list[str]]:
        inside = project.index.stages_in.get(file, ())
        return {s.name: _paths(s) for s in inside if s.address not in mine}

    return outputs.PipelineOutputs({stage.name: _paths(stage) for stage in mine.values()}, others)


def _paths(stage: PipelineStage) -> list[str]:
    return [out.path for out in stage.outs if out.path is not None]


def distinct(every: Iterable[Input]) -> tuple[Input, ...]:
    """Drop the duplicates: inputs that several stages, or a stage and the manifest, require."""
    kept = {i.key: i for i in every}
    declared = {i.path for i in kept.values() if i.kind in _FILES}
    return tuple(
        i for i in kept.values() if i.kind is not InputKind.CONTEXT or i.path not in declared
    )


def bytes_to_pull(every: Iterable[Input]) -> int | None:
    """Return the size of the data that `dvc pull` would fetch; None if a pointer has no size."""
    sizes = [i.size_bytes for i in every if i.kind is InputKind.DATA]
    return None if None in sizes else sum(size for size in sizes if size is not None)
