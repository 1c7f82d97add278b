"""Checks the outputs of a training before they are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from interlock import errors
from interlock.commands.train.context import TrainingSubject
from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import scores
from interlock.domain.model.manifest import Manifest, PredictionsOutput
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
    upstream = (path for path in manifest.outputs.paths if (folder / path).exists())
    for out in dict.fromkeys((*outputs, *upstream)):
        problems += map(str, artifacts.check_all(folder / out, name=out))
    problems += _model(manifest, folder)
    declared = manifest.outputs.predictions
    if declared is not None and (folder / declared.path).is_file():
        problems += _predictions(manifest, declared, folder, scoring())
    return Refusal("; ".join(dict.fromkeys(problems))) if problems else None


def _missing(manifest: Manifest, folder: Path) -> Iterator[str]:
    """The plan has already checked that a stage makes these files."""
    for path in manifest.outputs.paths:
        if not (folder / path).exists() and not (folder / path).is_symlink():
            yield f"the pipeline ended well but did not leave {path}, which does not exist"
    declared = manifest.outputs.predictions
    if declared is not None and (folder / declared.path).is_dir():
        yield f"{declared.path} is a folder, and predictions are one Parquet or CSV file"


def _model(manifest: Manifest, folder: Path) -> Iterator[str]:
    path = folder / manifest.outputs.model
    if path.is_dir() and not any(each.is_file() for each in path.rglob("*")):
        yield f"{manifest.outputs.model} is a folder without a file: there is no model in it"


def _predictions(
    manifest: Manifest, declared: PredictionsOutput, folder: Path, scoring: Scoring
) -> Iterator[str]:
    task, path = manifest.task, declared.path
    assert task is not None  # noqa: S101 - a manifest with predictions has a task
    scoring_request = scores.request(manifest.evaluation, task=task, rules=manifest.gates)
    try:
        scoring.read(
            folder / path,
            name=path,
            task=task,
            slices=scoring_request.slices,
            positive=scoring_request.positive,
            columns=declared.columns,
        )
    except errors.CannotScore as error:
        yield error.line
