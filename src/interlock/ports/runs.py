"""What is asked of the run store: candidates and attempts, found by fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from interlock.domain.evidence import Attempt, Candidate


class Runs(Protocol):
    def prepare(self, *, model: str) -> None:
        """Make the place of a model's runs, if there is none; raises CannotReachRegistry where
        nothing could be recorded there, so that it is known before hours of training."""
        ...

    def find_candidate(self, *, model: str, fingerprint: str) -> Candidate | None:
        """The completed run of a fingerprint (the oldest, if several); never a half-made one."""
        ...

    def find_attempts(self, *, model: str, fingerprint: str) -> tuple[Attempt, ...]: ...
    def record_candidate(self, candidate: Candidate, *, files: Mapping[str, Path]) -> Candidate:
        """Store the artifacts (artifact path to local file or folder) and, last, the mark of
        completeness; returns it with its `run_id`."""
        ...

    def record_attempt(self, attempt: Attempt) -> Attempt: ...
    def keep(self, run_id: str, artifact: str, *, file: Path) -> None:
        """Put a file beside a run's artifacts, under the path `artifact`; the same file twice is
        there once. Raises CannotReachRegistry."""
        ...

    def show(self, run_id: str, scores: Mapping[str, float]) -> None:
        """Put metrics beside the numbers of a run, for people who look there; those that are there
        already are not written again. Raises CannotReachRegistry."""
        ...

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        """Download one artifact (file or folder) below `to`; raises CannotReachRegistry."""
        ...
