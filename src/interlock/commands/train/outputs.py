"""Checks the outputs of a training before they are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from interlock import errors
from interlock.commands.train.context import TrainingSubject
from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import scores
from interlock.domain.model.manifest import Manifest
from interlock.ports.scoring import Scoring
from interlock.services import artifacts


def check(
    subject: TrainingSubject,
    outputs: tuple[str, ...],
    folder: Path,
    *,
    scoring: Callable[[], Scoring],
) -> Refusal | None:
    """Refuse outputs in `folder` that are not a candidate, with all their problems as the reason.

    Paths are the manifest's own, relative to the repository.
    """
    manifest = subject.at.manifest
    problems = list(_missing(manifest, folder))
    # An output of an upstream stage is not an output of the target.
    upstream = (path for path in _promised(manifest) if (folder / path).exists())
    for out in dict.fromkeys((*outputs, *upstream)):
        problems += map(str, artifacts.check_all(folder / out, name=out))
    problems += _model(manifest, folder)
    if (folder / manifest.outputs.predictions).is_file():
        problems += _predictions(manifest, folder, scoring())
    return Refusal("; ".join(dict.fromkeys(problems))) if problems else None


def _promised(manifest: Manifest) -> tuple[str, str]:
    return manifest.outputs.model, manifest.outputs.predictions


def _missing(manifest: Manifest, folder: Path) -> Iterator[str]:
    """The plan has already checked that a stage makes these files."""
    for path in _promised(manifest):
        if not (folder / path).exists() and not (folder / path).is_symlink():
            yield f"the pipeline ended well but did not leave {path}, which does not exist"
    if (folder / manifest.outputs.predictions).is_dir():
        path = manifest.outputs.predictions
        yield f"{path} is a folder, and predictions are one Parquet or CSV file"


def _model(manifest: Manifest, folder: Path) -> Iterator[str]:
    path = folder / manifest.outputs.model
    if path.is_dir() and not any(each.is_file() for each in path.rglob("*")):
        yield f"{manifest.outputs.model} is a folder without a file: there is no model in it"


def _predictions(manifest: Manifest, folder: Path, scoring: Scoring) -> Iterator[str]:
    evaluation, path = manifest.evaluation, manifest.outputs.predictions
    scoring_request = scores.request(evaluation, task=manifest.task, rules=manifest.gates)
    try:
        scoring.read(
            folder / path,
            name=path,
            task=manifest.task,
            slices=scoring_request.slices,
            positive=scoring_request.positive,
        )
    except errors.CannotScore as error:
        yield error.line
