"""Measures the outputs of the stages by SHA-256, because DVC uses only MD5; loaded in DVC's process
only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dvc.fs import localfs
from dvc_data.hashfile.hash import hash_file

from interlock import errors
from interlock.adapters.dvc import inputs
from interlock.domain.model import stage_runs
from interlock.domain.model.stage_runs import Output
from interlock.services import artifacts

Bytes = Mapping[str, tuple[str, int]]
"""Path in the checkout to SHA-256 and size."""


class OtherBytes(Exception):
    """An output differs from the one that its program wrote, or that the evidence names."""


class NotRun(Exception):
    """A stage did not run, and no accepted run replaces it."""


def measure(stage: Any, checkout: Path) -> Bytes:
    """Read every existing output; another check reports an output that cannot be measured."""
    measured = {}
    for path, _ in _inside(stage, checkout):
        try:
            artifact = artifacts.measure(checkout / path, name=path)
        except errors.CannotReadDocument:
            continue
        measured[path] = (artifact.sha256, artifact.size_bytes)
    return measured


def outputs(stage: Any, checkout: Path, measured: Bytes) -> tuple[Output, ...]:
    """The outputs with both digests, sorted by path."""
    return tuple(
        Output(
            path=path,
            md5=str(out.hash_info.value),
            sha256=measured[path][0],
            size_bytes=measured[path][1],
            is_program=bool(out.meta and out.meta.isexec),
        )
        for path, out in sorted(_inside(stage, checkout))
        if path in measured and out.hash_info.name == "md5"
    )


def refuse_other_bytes(stage: Any, actual: Bytes, *, left: Bytes) -> None:
    """Raise OtherBytes if the outputs changed when they were stored: DVC replaces them by the
    object of its cache, and trusts the name of an existing object."""
    for path in sorted({*left, *actual}):
        if actual.get(path) != left.get(path):
            raise OtherBytes(
                f"{path} is not what the program of stage {stage.addressing} left: the cache has "
                f"other bytes under the name {_name(stage, path)}"
            )


def refuse_unnamed(stage: Any, actual: Bytes, *, named: tuple[Output, ...]) -> None:
    """Raise OtherBytes if restored outputs differ from those that the evidence names."""
    if differences := stage_runs.differing(named, actual):
        raise OtherBytes(f"restored for stage {stage.addressing}: {'; '.join(differences)}")


def refuse_misnamed(stage: Any) -> None:
    """Raise OtherBytes if a restored file does not match its MD5: DVC trusts the cache."""
    for out in stage.outs:
        for path, digest in inputs.files_of(out):
            if hash_file(path, localfs, "md5")[1].value != digest.value:
                raise OtherBytes(f"restored for stage {stage.addressing}: {path} is not {digest}")


def _name(stage: Any, path: str) -> str:
    named = (o.hash_info.value for o in stage.outs if f"{o.fs_path}".endswith(path))
    return str(next(named, ""))


def _inside(stage: Any, checkout: Path) -> Iterator[tuple[str, Any]]:
    for out in stage.outs:
        if out.protocol == "local" and out.is_in_repo:
            yield Path(os.path.relpath(out.fs_path, checkout)).as_posix(), out
