"""Measures the files of a run that are evaluated, promoted or committed; loads no model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from interlock.domain.model import run_files
from interlock.domain.model.evidence import Artifact, Candidate
from interlock.domain.model.run_files import RunFile
from interlock.ports.runs import Runs
from interlock.services import artifacts


def measure(candidate: Candidate, runs: Runs, *, folder: Path) -> tuple[RunFile, ...]:
    """Fetch the files into an empty folder and return each with its size and SHA-256, sorted.

    Files beside an artifact in its folder are included. Raises CannotReachRegistry, and
    CannotReadDocument for a link.
    """
    tops = sorted({artifact.path.partition("/")[0] for artifact in run_files.of(candidate)})
    return tuple(
        sorted(each for top in tops for each in _files(candidate.run_id, top, runs, folder))
    )


def _files(run_id: str, top: str, runs: Runs, folder: Path) -> Iterator[RunFile]:
    place = artifacts.fetch_any(runs, run_id, Artifact(top, "", 0), to=folder)
    if not place.is_dir():
        measured = artifacts.measure(place, name=top)
        yield top, measured.size_bytes, measured.sha256
        return
    for path, sha256 in artifacts.listing(place).items():
        yield f"{top}/{path}", (place / path).stat().st_size, sha256
