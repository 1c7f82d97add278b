"""Compares the files that the set-up command of a training needs with a model's inputs."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import undeclared_files
from interlock.domain.model.manifest import Manifest

_MOST = 3


@dataclass(frozen=True, slots=True)
class SetupFile:
    """A file, or the folder of a package, that `command` needs; paths are the repository's."""

    path: str
    command: str
    is_package: bool = False


def check(
    needs: Collection[SetupFile], *, inputs: Collection[str], manifest: Manifest
) -> Refusal | None:
    """Refuse a model that cannot be set up, with the block to paste into its manifest.

    A training's tree holds the model's inputs and nothing else. `inputs` are their paths; a folder
    covers all files below it, and one file of a package represents the package.
    """
    lacking = [need for need in needs if not _is_there(need, inputs)]
    if not lacking:
        return None
    names = [need.path for need in lacking]
    shown = ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" * (len(names) > _MOST))
    return Refusal(
        f"`{lacking[0].command}` needs {shown}, which {manifest.model} does not count among its "
        f"inputs; write in {manifest.path}: {_block(lacking, manifest)}"
    )


def _is_there(need: SetupFile, inputs: Collection[str]) -> bool:
    if need.is_package:
        return any(path == need.path or path.startswith(f"{need.path}/") for path in inputs)
    places = [need.path]
    while places[-1]:
        places.append(places[-1].rpartition("/")[0])
    return any(place in inputs for place in places)


def _block(lacking: list[SetupFile], manifest: Manifest) -> str:
    folder = posixpath.dirname(manifest.path) or "."
    files = [*manifest.environment, *(need.path for need in lacking if not need.is_package)]
    patterns = [*manifest.context, *(f"{need.path}/**" for need in lacking if need.is_package)]
    written = [posixpath.relpath(path, folder) for path in files]
    blocks = [_list("environment", written)] if len(files) > len(manifest.environment) else []
    blocks += [_list("context", patterns)] if len(patterns) > len(manifest.context) else []
    return " and ".join(blocks)


def _list(name: str, items: list[str]) -> str:
    return f"`{name}: [{', '.join(map(undeclared_files.scalar, items))}]`"
