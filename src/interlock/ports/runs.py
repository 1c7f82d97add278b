"""Port: the run store, which finds candidates and attempts by fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.candidates import CompleteRuns
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.provenance.attestation import Attestation


class Runs(Protocol):
    """A run with a damaged, oversized or unreachable document, or with the document of another
    model, fingerprint, kind or run, is in `CompleteRuns.bad`, and hides no other run.
    """

    def prepare(self, *, model: str) -> None:
        """Make the place for a model's runs, if there is none. Raises CannotReachRegistry if
        nothing could be recorded there, so that the error comes before hours of training."""
        ...

    def find_candidates(self, *, model: str, fingerprint: str) -> CompleteRuns[Candidate]:
        """Return the complete runs of a fingerprint, never a partial one. Raises
        CannotReachRegistry if the store itself does not answer."""
        ...

    def find_attempts(self, *, model: str, fingerprint: str) -> CompleteRuns[Attempt]: ...
    def record_candidate(
        self, candidate: Candidate, *, files: Mapping[str, Path], repeats: str = ""
    ) -> Candidate:
        """Store the artifacts (artifact path to local file or folder) and, last, the mark of
        completeness; return the candidate with its `run_id`.

        It is marked as a repeat of the run `repeats`, or of another run of the fingerprint that was
        completed meanwhile: if two jobs train the same at once, only one counts as the original.
        Raises Refused for a document that no reader would accept.
        """
        ...

    def record_attempt(self, attempt: Attempt) -> Attempt: ...
    def read_candidate(
        self, run_id: str, *, model: str, fingerprint: str
    ) -> CompleteRuns[Candidate]:
        """Return exactly this run, as a record or as a bad one; nothing is searched. Raises
        CannotReachRegistry for an unknown run."""
        ...

    def read_attempt(
        self, run_id: str, *, model: str, fingerprint: str
    ) -> CompleteRuns[Attempt]: ...
    def attest(self, run_id: str, attestation: Attestation) -> None:
        """Store an attestation with a run, in place of an earlier one. Raises
        CannotReachRegistry."""
        ...

    def find_attestation(self, run_id: str) -> Attestation | Refusal:
        """Return the attestation of a run, which is not verified, or the reason why there is none.
        Raises CannotReachRegistry."""
        ...

    def keep(self, run_id: str, artifact: str, *, file: Path) -> None:
        """Store a file with a run's artifacts, under the path `artifact`; the same file is stored
        only once. Raises CannotReachRegistry, and Refused for a path that leaves the run."""
        ...

    def show(self, run_id: str, scores: Mapping[str, float]) -> None:
        """Add metrics to the numbers of a run, for users who look there; existing ones are not
        written again. Raises CannotReachRegistry."""
        ...

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        """Download one artifact (file or folder) below `to`; raises CannotReachRegistry, and
        Refused for a path that leaves the run."""
        ...
