"""Finds the runs of a fingerprint that an attestation vouches for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from interlock import errors
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import run_files
from interlock.domain.model.candidates import Bad, CompleteRuns
from interlock.domain.model.evidence import Attempt, Candidate, Origin
from interlock.domain.model.run_files import RunFile
from interlock.domain.provenance import attesting_files
from interlock.domain.provenance import candidate as subjects
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.candidate import CandidateSubject, CommitFacts
from interlock.domain.provenance.token_rules import TokenRules
from interlock.ports.provenance import TokenReader
from interlock.ports.runs import Runs
from interlock.services import run_documents
from interlock.services.change_commits import ChangeCommits


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedRuns:
    """`requested` is the commit that a comment or a dispatch trains: then candidates count that
    only a report may show. Empty for all other events."""

    commits: ChangeCommits
    tokens: TokenReader
    rules: TokenRules
    requested: str = ""

    def select(self, complete: CompleteRuns[Candidate], runs: Runs) -> CompleteRuns[Candidate]:
        """Return the runs with a valid attestation, the oldest attestation first; the others are
        `bad`, with the reason. Raises CannotReachIssuer."""
        checked = [
            (each, self.find(each, complete.digests[each.run_id], runs))
            for each in complete.records
        ]
        valid = sorted(
            ((*o, each) for each, o in checked if not isinstance(o, Refusal)),
            key=lambda row: row[0],
        )
        refused = (Bad(each.run_id, o.reason) for each, o in checked if isinstance(o, Refusal))
        return replace(
            complete,
            records=tuple(each for _, _, each in valid),
            bad=(*complete.bad, *refused),
            origins={each.run_id: origin for _, origin, each in valid},
        )

    def without_checkpoints(self, attempts: CompleteRuns[Attempt], runs: Runs) -> list[Attempt]:
        """Return the attempts; those without a valid attestation name no checkpoint: another
        program may have written them."""
        return [
            replace(each, checkpoints=())
            if each.checkpoints
            and isinstance(self.find(each, attempts.digests[each.run_id], runs), Refusal)
            else each
            for each in attempts.records
        ]

    def find(
        self, record: Candidate | Attempt, document: str, runs: Runs
    ) -> tuple[int, Origin] | Refusal:
        """Read the attestation of a run, and return as `check`."""
        try:
            attestation = runs.find_attestation(record.run_id)
            if isinstance(attestation, Refusal):
                return _with_remedy(attestation, record, document)
            return self.check(record, document, attestation)
        except (errors.CannotReachRegistry, errors.CannotReachGit, errors.Refused) as error:
            return Refusal(error.message)

    def check(
        self, record: Candidate | Attempt, document: str, attestation: Attestation
    ) -> tuple[int, Origin] | Refusal:
        """Return the time of the attestation's token and the commit that it is of. `document` is
        the SHA-256 of the run's document."""
        claims = self.tokens.read(attestation)
        if isinstance(claims, Refusal):
            return claims
        shown = bool(self.requested)
        refusal = self.rules.check(claims, kind=attesting_files.CANDIDATE, with_shown=shown)
        if refusal is not None:
            return refusal
        document_of = attestation.audience_of
        trained = subjects.trained(claims, document_of, requested=self.requested)
        git = self.commits.read(claims, record.name, trained=trained)
        is_change = subjects.is_change(claims, self.rules)
        refusal = self._compare(record, document, attestation, git, is_change=is_change)
        return refusal or (claims.iat, Origin(git.commit, git.merge, attestation))

    def _compare(
        self,
        record: Candidate | Attempt,
        document: str,
        attestation: Attestation,
        git: CommitFacts,
        *,
        is_change: bool,
    ) -> Refusal | None:
        files = tuple(run_files.read(attestation.audience_of.get("files")))
        subject = subject_of(
            record, commit=git.commit, merge=git.merge, document=document, files=files
        )
        refusal = subjects.check(subject, attestation.audience_of, git=git, is_change=is_change)
        if refusal is not None or isinstance(record, Attempt):
            return refusal
        return run_files.check(record, files)


def subject_of(
    record: Candidate | Attempt,
    *,
    commit: str,
    merge: str | None,
    document: str,
    files: tuple[RunFile, ...],
) -> CandidateSubject:
    is_attempt = isinstance(record, Attempt)
    return CandidateSubject(
        model=record.name,
        fingerprint=record.fingerprint,
        commit=commit,
        merge=merge,
        run=record.run_id,
        document=document,
        files=() if is_attempt else files,
        format=subjects.ATTEMPT if is_attempt else attesting_files.CANDIDATE,
    )


def _with_remedy(refusal: Refusal, record: Candidate | Attempt, document: str) -> Refusal:
    """Add the command that attests a run without an attestation."""
    if refusal.reason != run_documents.missing(run_documents.ATTESTATION):
        return refusal
    names = f"{record.name} --run {record.run_id} --digest {document} --rev {record.revision}"
    return Refusal(f"{refusal.reason}: attest it with `interlock attest {names}`")
