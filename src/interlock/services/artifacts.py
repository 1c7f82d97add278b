"""Measures files and folders as artifacts, and fetches artifacts from runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from interlock import errors
from interlock.domain.basics import digests
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import run_claims
from interlock.domain.model.evidence import Artifact
from interlock.ports.runs import Runs

_CHUNK_BYTES = 1 << 20
_NOTE_OF_MLFLOW = re.compile(rb"(?:model_(?:name|version): [^\n]*\n){2}")


def measure(path: Path, *, name: str) -> Artifact:
    """Return the SHA-256 and the size of a file, or of a folder with all files below it.

    `name` is the name of the artifact. A file that MLflow itself adds to a model of its format,
    when a user downloads the model by an alias from a folder, is not part of the model.

    Raises CannotReadDocument if there is nothing at `path`, if it cannot be read, or if something
    in it cannot be stored (see `check_all`).
    """
    try:
        if refusals := check_all(path, name=name):
            raise errors.CannotReadDocument("; ".join(map(str, refusals)))
        if not path.is_dir():
            return Artifact(name, digests.of_chunks(_chunks(path)), path.stat().st_size)
        sha256s = listing(path)
        size_bytes = sum((path / inside).stat().st_size for inside in sha256s)
    except OSError as error:
        raise errors.CannotReadDocument(f"cannot read {path}: {error.strerror}") from error
    return Artifact(name, digests.of_folder(sha256s), size_bytes)


def listing(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder, by its path in it."""
    files = {p.relative_to(folder).as_posix(): p for p in _inside(folder) if p.is_file()}
    if _is_note_of_mlflow(folder / "registered_model_meta"):
        del files["registered_model_meta"]
    return {inside: digests.of_chunks(_chunks(file)) for inside, file in files.items()}


def check_all(path: Path, *, name: str) -> tuple[Refusal, ...]:
    """Refuse each path at `path` and below that cannot be stored: a broken link, a link to a folder
    inside a folder, a special file.

    A link to a file counts as that file.
    """
    every = [(path, name)]
    if path.is_dir():
        every = [(each, f"{name}/{each.relative_to(path).as_posix()}") for each in _inside(path)]
    return tuple(filter(None, (_check(each, called) for each, called in every)))


def _inside(folder: Path) -> list[Path]:
    """Everything below a folder, in order; a link to a folder is not entered."""
    paths: list[Path] = []
    for place, folders, files in os.walk(folder, onerror=_raise):
        paths += [Path(place, each) for each in (*folders, *files)]
    return sorted(paths)


def _raise(error: OSError) -> None:
    raise error


def _check(path: Path, name: str) -> Refusal | None:
    if path.is_symlink():
        target = path.readlink()
        if not path.exists():
            return Refusal(f"{name} is a link to {target}, which does not exist")
        if path.is_dir():
            return Refusal(
                f"{name} is a link to the folder {target}: copy the folder, or leave it out"
            )
    is_known = path.is_file() or path.is_dir() or not path.exists()
    return None if is_known else Refusal(f"{name} is neither a file nor a folder")


def fetch(runs: Runs, run_id: str, artifact: Artifact, *, to: Path) -> Path | None:
    """Download an artifact of a run below `to`; None if it differs from the recorded one.

    Raises like `fetch_any`.
    """
    path = fetch_any(runs, run_id, artifact, to=to)
    return path if measure(path, name=artifact.path).sha256 == artifact.sha256 else None


def fetch_any(runs: Runs, run_id: str, artifact: Artifact, *, to: Path) -> Path:
    """Download an artifact of a run below `to`, without a check of its SHA-256.

    Raises CannotReachRegistry. Raises CannotReadDocument for a path that leaves the artifacts of
    the run, and for a link in them, because its target is a file of this machine.
    """
    if run_claims.leaves(artifact.path) or "\\" in artifact.path:
        raise errors.CannotReadDocument(
            f"{artifact.path!r} is not a valid artifact path of run {run_id}",
            hint="the record of the run was changed; train it again",
        )
    path = runs.fetch(run_id, artifact.path, to=to)
    if path.is_symlink() or (path.is_dir() and any(p.is_symlink() for p in _inside(path))):
        raise errors.CannotReadDocument(f"{artifact.path} of run {run_id} contains a link")
    return path


def _is_note_of_mlflow(path: Path) -> bool:
    """True if MLflow 3 wrote the file (`ModelsArtifactRepository`): it has a name and a version
    only."""
    if not (path.is_file() and path.with_name("MLmodel").is_file()):
        return False
    with path.open("rb") as file:
        return _NOTE_OF_MLFLOW.fullmatch(file.read(_CHUNK_BYTES)) is not None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
