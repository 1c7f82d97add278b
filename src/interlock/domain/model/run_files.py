"""Compares the files of a run with the artifacts in its document; opens no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interlock.domain.basics import digests
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import git_outputs
from interlock.domain.model.evidence import KEPT, Artifact, Candidate

RunFile = tuple[str, int, str]
"""A file: its path in the run, its size in bytes and its SHA-256."""


def of(candidate: Candidate) -> tuple[Artifact, ...]:
    """Return the artifacts of a run that are evaluated, promoted or committed."""
    plots = (plot.artifact for plot in candidate.plots if plot.artifact is not None)
    kept = (
        Artifact(f"{KEPT}{each.path}", each.sha256, each.size_bytes)
        for each in candidate.kept
        if each.size_bytes <= git_outputs.LARGEST_BYTES
    )
    predictions = () if candidate.predictions is None else (candidate.predictions,)
    return (candidate.model, *predictions, *plots, *kept)


def check(candidate: Candidate, files: Iterable[RunFile]) -> Refusal | None:
    """Refuse a run with a missing, another or an added file."""
    left = {path: (size_bytes, sha256) for path, size_bytes, sha256 in files}
    for artifact in of(candidate):
        mine = {path: left.pop(path) for path in sorted(left) if _is_of(path, artifact.path)}
        if not mine:
            return Refusal(f"it has no {artifact.path}")
        if _measured(artifact.path, mine) != artifact:
            return Refusal(f"{artifact.path} is not the one of its document")
    return next((Refusal(f"{path} was added to it") for path in left), None)


def read(value: object) -> Iterator[RunFile]:
    """Yield the files that an attestation lists; a malformed entry is left out."""
    for row in value if isinstance(value, list) else []:
        if isinstance(row, list) and [type(each) for each in row] == [str, int, str]:
            yield row[0], row[1], row[2]


def _is_of(path: str, artifact: str) -> bool:
    return f"{path}/".startswith(f"{artifact}/")


def _measured(name: str, files: dict[str, tuple[int, str]]) -> Artifact:
    if name in files:
        return Artifact(name, files[name][1], files[name][0])
    inside = {path.removeprefix(f"{name}/"): sha256 for path, (_, sha256) in files.items()}
    return Artifact(name, digests.of_folder(inside), sum(size for size, _ in files.values()))
