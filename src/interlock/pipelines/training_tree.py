"""Describe the tree that a model is trained in; writes no file and reads no data."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from interlock import errors
from interlock.domain.model.lineage import Input, InputKind
from interlock.domain.training.training_tree import Blob, TrainingTree
from interlock.pipelines import (
    datasets,
    dvcfiles,
    dvcyaml,
    index,
    interpreters,
    leaf_inputs,
    metrics_files,
    parameter_text,
    paths,
)
from interlock.pipelines.project import Project
from interlock.pipelines.stage import Out, PipelineStage, Tracked


def grow(
    project: Project, *, inputs: Iterable[Input], stages: Collection[PipelineStage]
) -> TrainingTree:
    """Return the training tree of a model with these inputs and stages, in order."""
    all_inputs = tuple(inputs)
    blobs = tuple(_blobs(all_inputs))
    texts = dict(_parameter_files(project, stages, but={blob.path for blob in blobs}))
    texts |= {file: _pipeline(project, file, stages) for file in {s.file for s in stages}}
    data = [i.path for i in all_inputs if _is_data(i)]
    outs = [out for stage in stages for out in stage.outs if out.path is not None]
    measured = (out.path or "" for out in outs if out.section == "metrics")
    listed = metrics_files.of(project, stages)
    return TrainingTree(
        root=project.index.root_of(next(iter(stages)).file) if stages else "",
        blobs=blobs,
        submodules=dict(_submodules(all_inputs)),
        texts=texts | dict(_locks(project, stages)),
        folders=tuple(sorted({stage.wdir for stage in stages} | set(map(_folder_of, outs)))),
        pointers=dict(_pointers(project, data, but={blob.path for blob in blobs})),
        data=tuple(data),
        storage={out.path or "": out.storage for out in outs},
        spelling={stage.address: names for stage in stages if (names := _spelling(stage))},
        metrics=tuple(dict.fromkeys((*measured, *listed.metrics))),
        shown=listed.params,
        is_target_rerun=bool(metrics_files.unmade(project, stages)),
        launch=interpreters.find(list(stages)[-1]) if stages else None,
    )


def _is_data(one: Input) -> bool:
    """Return True if DVC stores the content. The content of a URL is outside DVC."""
    if paths.is_url(one.path) or one.path.startswith("/"):
        return False
    tracked = one.kind is InputKind.ENVIRONMENT and not one.digest.startswith("git:")
    return one.kind is InputKind.DATA or tracked


def _blobs(inputs: Iterable[Input]) -> Iterator[Blob]:
    """Yield one file per path: a stage may depend on a file of the manifest's `environment`."""
    blobs = {
        one.path: Blob(one.path, *_identity(one.digest))
        for one in inputs
        if one.digest.startswith("git:")
    }
    yield from (blobs[path] for path in sorted(blobs))


def _identity(digest: str) -> tuple[str, bool]:
    object_id = digest.removeprefix("git:")
    return object_id.removesuffix("+x"), object_id.endswith("+x")


def _submodules(inputs: Iterable[Input]) -> Iterator[tuple[str, str]]:
    for one in inputs:
        if one.digest.startswith("commit:"):
            yield one.path, one.digest.removeprefix("commit:")


def _folder_of(out: Out) -> str:
    return paths.folder(out.path or "")


def _parameter_files(
    project: Project, stages: Iterable[PipelineStage], *, but: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield each parameter file with only the keys that a stage declares."""
    keys: dict[str, set[str]] = {}
    whole: set[str] = set()
    for stage in stages:
        for wanted in stage.parameters:
            path = wanted.path or ""
            if path in but or project.index.made_at(path, from_file=stage.file)[0]:
                continue
            keys.setdefault(path, set()).update(wanted.keys)
            if not wanted.keys:
                whole.add(path)
    for path, names in sorted(keys.items()):
        place = project.follow(path)
        if place is None:
            raise errors.CannotFingerprint(f"{path} is missing")
        content = leaf_inputs.part(
            project.parameters(place[0]), () if path in whole else names, path=path
        )
        yield path, parameter_text.write(content, path=path)


def _pipeline(project: Project, file: str, stages: Iterable[PipelineStage]) -> str:
    """Return a dvc.yaml with the needed stages, resolved, as JSON: all YAML versions read it."""
    mine = [stage for stage in stages if stage.file == file]
    content: dict[str, Any] = {"stages": {stage.name: _definition(stage) for stage in mine}}
    if used := [specified for specified, _ in _datasets(project, mine)]:
        content["datasets"] = used
    return json.dumps(_escaped(content), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _definition(stage: PipelineStage) -> dict[str, Any]:
    """Every output is cached here, so that a stored run can be restored with outputs in Git. A
    stage that always runs does so here, too."""
    deps = [_written(stage, d.path, d.written) for d in stage.dependencies]
    params = {_written(stage, p.path, p.written): sorted(p.keys) for p in stage.parameters}
    outs: list[Any] = [
        _written(stage, o.path, o.written) if o.path is not None else {o.written: {"cache": False}}
        for o in sorted(stage.outs, key=lambda out: out.written)
    ]
    return {
        "cmd": list(stage.commands) if stage.listed else stage.commands[0],
        "wdir": paths.relative(stage.wdir, to=paths.folder(stage.file)),
        "deps": sorted(set(deps)),
        "params": [{name: keys or None} for name, keys in sorted(params.items())],
        "outs": outs,
        **({"always_changed": True} if stage.always_changed else {}),
    }


def _spelling(stage: PipelineStage) -> dict[str, str]:
    parts = [(d.path, d.written) for d in stage.dependencies]
    parts += [(p.path, p.written) for p in stage.parameters]
    parts += [(o.path, o.written) for o in stage.outs]
    spelling = {_written(stage, path, written): written for path, written in parts}
    return {ours: theirs for ours, theirs in spelling.items() if ours != theirs}


def _written(stage: PipelineStage, path: str | None, written: str) -> str:
    return written if path is None else paths.relative(path, to=stage.wdir)


def _escaped(value: Any) -> Any:
    """Escape resolved values, so that DVC does not resolve them again."""
    if isinstance(value, str):
        return value.replace("${", "\\${")
    if isinstance(value, Mapping):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value


def _datasets(project: Project, stages: Iterable[PipelineStage]) -> Iterator[tuple[Any, Any]]:
    """Yield the specification and the lock of each dataset of the stages."""
    named = {
        (name, stage.file)
        for stage in stages
        for dependency in stage.dependencies
        if (name := datasets.name_of(dependency.written)) is not None
    }
    for name, file in sorted(named):
        place, specified = datasets.specification(project, name, from_file=file)
        yield specified, datasets.lock(project, place, specified)


def _locks(project: Project, stages: Collection[PipelineStage]) -> Iterator[tuple[str, str]]:
    """Yield the locks of datasets only: committed locks of stages are not trusted."""
    for file in {stage.file for stage in stages}:
        mine = [stage for stage in stages if stage.file == file]
        if entries := [lock for _, lock in _datasets(project, mine)]:
            lock = {"schema": "2.0", "datasets": entries}
            yield dvcyaml.lock_path(file), json.dumps(lock, indent=2, ensure_ascii=False) + "\n"


def _pointers(
    project: Project, data: Iterable[str], *, but: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the pointers to the data, except `but`: those that are inputs, as parts of a folder."""
    for path in data:
        made = project.index.made_at(path, from_file=path)[0]
        tracked = next((p.by for p in made if isinstance(p.by, Tracked)), None)
        if tracked is not None:
            beside = tracked.file
            text = project.shelf.content(project.tree, beside).decode("utf-8", "replace")
        elif made:
            frozen = next(p.by for p in made if isinstance(p.by, PipelineStage))
            beside, text = f"{path}.dvc", _moved(_recorded(project, frozen, path), to=path)
        else:
            beside, text = _linked(project, path)
        if beside not in but:
            yield (beside if made else f"{path}.dvc"), text


def _linked(project: Project, path: str) -> tuple[str, str]:
    """Return path and text of a pointer for data behind a link, as if the data were at `path`."""
    place = project.destination(path)
    file = project.index.made_at(place, from_file=place)[0][0].by.file
    outs = dvcfiles.pointer(project.shelf.content(project.tree, file), path=file)["outs"]
    tracked = project.shelf.read(project.tree, file, index.read_pointer)
    entry = next(out for out, by in zip(outs, tracked, strict=True) if by.path == place)
    beside = paths.relative(file, to=paths.folder(place))
    return paths.join(paths.folder(path), beside) or "", _moved(entry, to=path)


def _recorded(project: Project, frozen: PipelineStage, path: str) -> Mapping[str, Any]:
    """Return the dvc.lock entry of an output of a frozen stage."""
    written = next(out.written for out in frozen.outs if out.path == path)
    entries = project.locked(frozen).get("outs") or ()
    entry: Mapping[str, Any] = next(entry for entry in entries if entry.get("path") == written)
    return entry


def _moved(entry: Mapping[str, Any], *, to: str) -> str:
    return json.dumps({"outs": [{**entry, "path": to.rpartition("/")[2]}]})
