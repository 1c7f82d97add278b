"""Compares the outputs of a manifest with the outputs of its pipeline."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from interlock.manifests import paths
from interlock.yaml_reader.suggestions import quote, suggest

Paths = Mapping[str, Collection[str]]
"""Stage to its outputs, relative to the repository."""


@dataclass(frozen=True, slots=True)
class PipelineOutputs:
    """The outputs of the target and its upstream stages, and the outputs of the other stages of its
    dvc.yaml, which are computed only if an output is missing."""

    paths: Paths
    elsewhere: Callable[[], Paths]


@dataclass(frozen=True, slots=True)
class MissingOutput:
    """An output that no stage has. `field` is `model` or `predictions`."""

    field: str
    message: str
    hint: str


def missing(
    wanted: Mapping[str, str], *, of: str, target: str, made: PipelineOutputs
) -> Iterator[MissingOutput]:
    """Yield the outputs of the manifest `of` that neither the target nor an upstream stage has.

    `wanted` maps the manifest's fields to paths.
    """
    known = sorted({path for outs in made.paths.values() for path in outs})
    for field, path in wanted.items():
        if not _belongs(path, known):
            others = made.elsewhere().items()
            owner = next((name for name, outs in others if _belongs(path, outs)), None)
            message = f"{path} is not an output of stage {quote(target)} or of an upstream stage"
            yield MissingOutput(field, message, _hint(path, owner, known, of=of))


def _belongs(path: str, outputs: Collection[str]) -> bool:
    """True if a path is an output itself, or inside an output that is a folder."""
    return any(path == out or path.startswith(f"{out}/") for out in outputs)


def _hint(path: str, owner: str | None, known: Collection[str], *, of: str) -> str:
    """Suggest the nearest path. Paths are compared as the manifest writes them, because their
    common folder does not make them similar."""
    if owner is not None:
        return (
            f"it is an output of stage {quote(owner)}: make that the target, or name another output"
        )
    written = [paths.write(out, of=of) for out in known]
    otherwise = f"their outputs are {', '.join(written)}" if written else "they have no outputs"
    return suggest(paths.write(path, of=of), written, otherwise=otherwise)
