"""What a manifest itself adds to the inputs of its model; nothing of the pipeline enters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interlock import errors
from interlock.domain.lineage import Input, InputKind
from interlock.domain.manifest import Manifest
from interlock.pipelines import Project, leaves, values
from interlock.pipelines.stage import Tracked


def inputs(project: Project, manifest: Manifest) -> Iterator[Input]:
    """What the manifest itself adds: the environment's files and the part that training reads."""
    for path in manifest.environment:
        yield _environment(project, manifest.path, path)
    fields = {
        "pipeline": [manifest.pipeline.file, manifest.pipeline.target],
        "outputs": [manifest.outputs.model, manifest.outputs.predictions],
        "environment": sorted(manifest.environment),
    }
    if manifest.training is not None:
        fields["training"] = [manifest.training.launcher.value, str(manifest.training.gpus)]
    for name, value in fields.items():
        text = ", ".join(value)
        yield Input(InputKind.MANIFEST, manifest.path, values.digest(value), name=name, text=text)


def _environment(project: Project, manifest: str, path: str) -> Input:
    found = project.follow(path)
    if found is not None and found[1].mode.startswith("100"):
        return Input(InputKind.ENVIRONMENT, path, f"git:{found[1].object_id}")
    for product in project.index.made_at(path, seen_from=path)[0]:
        if isinstance(product.by, Tracked):
            data = leaves.data(product.by, path)
            return Input(InputKind.ENVIRONMENT, path, data.digest, size_bytes=data.size_bytes)
    raise errors.CannotFingerprint(f"{manifest}: the environment file {path} is not in Git")


def distinct(found: Iterable[Input]) -> tuple[Input, ...]:
    """Drop what several stages, or a stage and the manifest, ask for alike."""
    return tuple({i.key: i for i in found}.values())


def bytes_to_pull(found: Iterable[Input]) -> int | None:
    """Sum the data that `dvc pull` would bring; None when a pointer tells no size."""
    sizes = [i.size_bytes for i in found if i.kind is InputKind.DATA]
    return None if None in sizes else sum(size for size in sizes if size is not None)
