"""Create the input of one path: its digest, and its text, size or rows for the report."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from interlock import errors
from interlock.domain.basics import parse_limits
from interlock.domain.model.lineage import RECORDED, Input, InputKind
from interlock.pipelines import canonical_values, parameters, pointers
from interlock.pipelines.stage import PipelineStage, Tracked
from interlock.ports.git import PROGRAM, SUBMODULE, TreeEntry

Readers = tuple[str, ...]
"""The stages that declare an input."""


def definition(stage: PipelineStage) -> Input:
    """Return the stage's definition as an input: commands, folder, dependencies and outputs."""
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
        canonical_values.digest_of_texts(content),
        name=stage.name,
        text=" && ".join(stage.commands),
        readers=(stage.address,),
    )


def code(path: str, entry: TreeEntry, *, by: Readers) -> Input:
    return Input(InputKind.CODE, path, content(entry), readers=by)


def content(entry: TreeEntry) -> str:
    """Return the digest of a file or submodule in Git, with the executable bit."""
    if entry.mode == SUBMODULE:
        return f"commit:{entry.object_id}"
    return f"git:{entry.object_id}{'+x' if entry.mode == PROGRAM else ''}"


def data(tracked: Tracked, path: str, *, by: Readers = ()) -> Input:
    """Return the data of a pointer at a path: all of it, or the listed part."""
    inside = path[len(tracked.path) + 1 :] if path.startswith(tracked.path + "/") else ""
    if inside and tracked.files:
        return Input(InputKind.DATA, path, _part(tracked, inside), readers=by)
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
        readers=by,
    )


def part(content: Any, keys: Collection[str], *, path: str) -> Any:
    """Return the part of a parameter file that a stage reads; raises CannotFingerprint."""
    if not keys:
        return content
    try:
        return parameters.only(content, keys)
    except KeyError as error:
        raise errors.CannotFingerprint(
            f"{path} has no parameter {error.args[0]}", hint="add it, or remove it from `params`"
        ) from None


def _part(tracked: Tracked, inside: str) -> str:
    if inside in tracked.files:
        return tracked.files[inside]
    part = {k: v for k, v in tracked.files.items() if k.startswith(inside + "/")}
    if not part:
        raise errors.CannotFingerprint(f"{tracked.file} has no file at {inside}")
    return canonical_values.digest(part)


def recorded(entry: Mapping[str, Any], path: str) -> Input | None:
    """Return the input of a dvc.lock entry, None without a digest."""
    digest = pointers.identify(entry)
    size = entry.get("size")
    known = size if isinstance(size, int) else None
    return Input(InputKind.DATA, path, digest, size_bytes=known) if digest else None


def md5(entry: Mapping[str, Any]) -> str:
    """Return the digest of a dvc.lock entry that DVC computes itself, "" without one."""
    digest = pointers.identify(entry)
    return digest if digest.startswith(RECORDED) else ""


def parameters_of(
    content: Any, keys: Collection[str], *, path: str, by: Readers
) -> Iterator[Input]:
    """Yield one input for each value of a parameter file: of these keys, or of all without keys."""
    characters = 0
    for name, leaf in canonical_values.leaves(part(content, keys, path=path), name=""):
        characters += len(name)
        if characters > parse_limits.NAMES.most:
            message, hint = f"{path}: {parse_limits.NAMES.sentence}", parse_limits.NAMES.hint
            raise errors.CannotFingerprint(message, hint=hint)
        text = canonical_values.render(leaf)
        digest = canonical_values.digest(leaf)
        yield Input(InputKind.PARAMS, path, digest, name=name, text=text, readers=by)
