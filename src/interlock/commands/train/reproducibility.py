"""Compares a second training of the same inputs with the first; nothing is recorded here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from interlock import errors
from interlock.commands.train.context import TrainContext, TrainingSubject
from interlock.domain.model.evidence import Artifact, Candidate
from interlock.services import artifacts, temporary_folders

_MOST = 5


def describe_difference(
    known: Candidate,
    again: Candidate,
    subject: TrainingSubject,
    context: TrainContext,
    *,
    tree: Path,
) -> str | None:
    """Return a sentence that names the files with other bytes than those of an earlier run.

    `tree` has the outputs of the later run.
    """
    outputs = subject.at.manifest.outputs
    pairs = zip(_evaluated(known), _evaluated(again), outputs.paths, strict=False)
    names = [
        name
        for old, new, path in pairs
        if (old.sha256, old.size_bytes) != (new.sha256, new.size_bytes)
        for name in _files(known, old, tree / path, path, context)
    ]
    if not names:
        return None
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return (
        f"{', '.join(names[:_MOST])}{more}: other bytes than in run {known.run_id}, from the same "
        "inputs. Some formats never repeat (they hold a time or an id); if this one can, look for "
        "a seed, a clock or the number of threads"
    )


def _evaluated(candidate: Candidate) -> tuple[Artifact, ...]:
    predictions = candidate.predictions
    return (candidate.model,) if predictions is None else (candidate.model, predictions)


def _files(
    known: Candidate, old: Artifact, new: Path, path: str, context: TrainContext
) -> Iterator[str]:
    """Yield the files of an artifact that differ; the artifact itself if the old one cannot be
    downloaded."""
    with temporary_folders.folder("compare") as scratch:
        try:
            fetched = artifacts.fetch(context.runs, known.run_id, old, to=scratch)
        except errors.InterlockError:
            fetched = None
        if fetched is None or not fetched.is_dir() or not new.is_dir():
            yield path
            return
        before, after = artifacts.listing(fetched), artifacts.listing(new)
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield f"{path}/{name}"
