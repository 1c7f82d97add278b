"""Adds the metrics and plots that a training left for Git to the ledger; only those that the head's
dvc.yaml declares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from interlock import errors
from interlock.domain.model import git_outputs
from interlock.domain.model.evidence import KEPT, Artifact, Candidate
from interlock.domain.model.git_outputs import KeptFiles
from interlock.domain.model.snapshot import ModelAt
from interlock.ports.runs import Runs
from interlock.services import artifacts


def read(at: ModelAt, candidate: Candidate, runs: Runs, *, folder: Path) -> KeptFiles | None:
    """Return the texts of declared metrics and plots that are as the training recorded them; None
    without any.

    The training may have run code of the change, so that other files are ignored. Unreadable files
    are left out: `report` reports them, and no verdict depends on them.
    """
    files = dict(_texts(at, candidate, runs, folder))
    if not files:
        return None
    return KeptFiles(candidate.name, candidate.fingerprint, files)


def _texts(
    at: ModelAt, candidate: Candidate, runs: Runs, folder: Path
) -> Iterator[tuple[str, str]]:
    for kept in candidate.kept[: git_outputs.MOST_FILES]:
        inputs = {i.path for i in at.lineage.inputs} if at.lineage else set()
        if git_outputs.check_file(
            kept.path, size_bytes=kept.size_bytes, outputs=at.git_outputs, inputs=inputs
        ):
            continue
        named = Artifact(f"{KEPT}{kept.path}", kept.sha256, kept.size_bytes)
        try:
            path = artifacts.fetch(runs, candidate.run_id, named, to=folder)
            if path is not None and path.stat().st_size <= git_outputs.LARGEST_BYTES:
                yield kept.path, path.read_bytes().decode("utf-8")
        except (errors.OutsideFailure, errors.CannotReadDocument, UnicodeDecodeError, OSError):
            continue
