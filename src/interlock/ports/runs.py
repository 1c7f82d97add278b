"""Port: the run store, which finds candidates and attempts by fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from interlock.domain.model.candidates import CompleteRuns
from interlock.domain.model.evidence import Attempt, Candidate


class Runs(Protocol):
    """A run with a damaged, oversized or unreachable document, or with the document of another
    model, fingerprint, kind or run, is in `CompleteRuns.bad`, and hides no other run.
    """

    def prepare(self, *, model: str) -> None:
        """Make the place of a model's runs, if there is none; raises CannotReachRegistry where
        nothing could be recorded there, so that it is known before hours of training."""
        ...

    def find_candidates(self, *, model: str, fingerprint: str) -> CompleteRuns[Candidate]:
        """The completed runs of a fingerprint; never a half-made one. Raises CannotReachRegistry
        where the store itself does not answer."""
        ...

    def find_attempts(self, *, model: str, fingerprint: str) -> CompleteRuns[Attempt]: ...
    def record_candidate(
        self, candidate: Candidate, *, files: Mapping[str, Path], repeats: str = ""
    ) -> Candidate:
        """Store the artifacts (artifact path to local file or folder) and, last, the mark of
        completeness; returns it with its `run_id`.

        It is marked as a repeat of the run `repeats`, or, where another run of the fingerprint was
        completed meanwhile, of that one: of two that train the same at once, one is recorded.
        Raises Refused for a document that no reader would take.
        """
        ...

    def record_attempt(self, attempt: Attempt) -> Attempt: ...
    def keep(self, run_id: str, artifact: str, *, file: Path) -> None:
        """Put a file beside a run's artifacts, under the path `artifact`; the same file twice is
        there once. Raises CannotReachRegistry, and Refused for a path that leaves the run."""
        ...

    def show(self, run_id: str, scores: Mapping[str, float]) -> None:
        """Put metrics beside the numbers of a run, for people who look there; those that are there
        already are not written again. Raises CannotReachRegistry."""
        ...

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        """Download one artifact (file or folder) below `to`; raises CannotReachRegistry, and
        Refused for a path that leaves the run."""
        ...
