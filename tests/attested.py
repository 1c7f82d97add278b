"""A repository with pull requests, a run store that anybody may write, and jobs with tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from interlock.commands import attest, plan
from interlock.commands.attest import AttestContext, AttestOptions, AttestResult
from interlock.domain.access.event import Event, EventKind, Head, PullRequest
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.candidate import CandidateSubject
from interlock.domain.training.plan import Plan
from interlock.services import run_documents, snapshots
from interlock.services.attested_runs import AttestedRuns
from interlock.services.change_commits import ChangeCommits
from tests.fakes import issuer
from tests.fakes.issuer import RULES, FakeIssuer
from tests.unit.commands.test_evaluate import Workshop


@dataclass(frozen=True)
class Job:
    """What GitHub gives to a job: its event, GITHUB_SHA, and the claims of its tokens."""

    event: Event
    sha: str
    claims: Mapping[str, Any]


def push(commit: str, ref: str = "refs/heads/main") -> Job:
    return Job(Event(EventKind.PUSH, ref=ref, sha=commit), commit, {"ref": ref})


def dispatch(commit: str, ref: str = "refs/heads/main") -> Job:
    claims = {"event_name": "workflow_dispatch", "ref": ref}
    return Job(Event(EventKind.DISPATCH, ref=ref), commit, claims)


def comment(main: str) -> Job:
    return Job(Event(EventKind.COMMENT, number=7), main, {"event_name": "issue_comment"})


def queue(commit: str, base: str) -> Job:
    ref = f"refs/heads/gh-readonly-queue/main/pr-7-{base}"
    event = Event(EventKind.MERGE_GROUP, ref=ref, sha=commit, base=base)
    return Job(event, commit, {"event_name": "merge_group", "ref": ref})


def subject(candidate: Candidate, job: Job, **changes: Any) -> CandidateSubject:
    """The document that an attestation of a candidate is of, but for the changes."""
    predictions = candidate.predictions
    assert predictions is not None
    files = (
        ("model/weights.bin", 1000, hashlib.sha256(b"0" * 1000).hexdigest()),
        (predictions.path, predictions.size_bytes, predictions.sha256),
    )
    plain: dict[str, Any] = {
        "model": candidate.name,
        "fingerprint": candidate.fingerprint,
        "commit": candidate.revision,
        "merge": job.sha if job.event.pull is not None else None,
        "run": candidate.run_id,
        "document": run_documents.digest(candidate),
        "files": files,
    }
    return CandidateSubject(**plain | changes)


class Gallery(Workshop):
    """`issuer` signs tokens for every job; time passes with each of them. `is_required`: the policy
    requires provenance. `requested` is the commit of a comment that is evaluated."""

    def __init__(self, folder: Path, *, is_required: bool = True) -> None:
        super().__init__(folder)
        self.issuer, self.rules = FakeIssuer(), RULES
        self.is_required, self.requested = is_required, ""
        self.time = 1000

    def branch(self, name: str, c: float, *, of: str = "main", **changes: Any) -> str:
        """Commit to a new branch; leave main checked out."""
        self.git("checkout", "--quiet", "-B", name, of)
        commit = self.commit(c, **changes)
        self.git("checkout", "--quiet", "main")
        return commit

    def pull(self, head: str, *, base: str = "main", into: str = "main") -> Job:
        """The job of a pull request; its `sha` is a merge commit that no branch has."""
        base = self.git("rev-parse", base)
        tree = f"{head}^{{tree}}"
        merge = self.git("commit-tree", tree, "-p", base, "-p", head, "-m", "Merge")
        pull = PullRequest(
            7, "octocat", Head("acme/models", "change", head), Head("acme/models", into, base)
        )
        event = Event(EventKind.PULL_REQUEST, number=7, pull=pull, sha=head)
        claims = {"event_name": "pull_request", "ref": "refs/pull/7/merge", "base_ref": into}
        return Job(event, merge, claims)

    def tokens(self, job: Job, verb: str = "train", **claims: Any) -> FakeIssuer:
        """The issuer as a job of models-<verb>.yml sees it."""
        self.time += 10
        times = {"iat": self.time, "nbf": self.time - 600, "exp": self.time + 300}
        job_claims = {"sha": job.sha, **job.claims, **times, **claims}
        return replace(self.issuer, job=issuer.payload(verb, **job_claims))

    def attested(self, requested: str = "") -> AttestedRuns:
        commits = ChangeCommits(
            repository=self.repository, read_model=snapshots.read_model, branch="main"
        )
        return AttestedRuns(
            commits=commits, tokens=self.issuer, rules=self.rules, requested=requested
        )

    def find_attested(self) -> AttestedRuns | None:
        return self.attested(self.requested) if self.is_required else None

    def attest(
        self,
        job: Job,
        run: Candidate | Attempt,
        *,
        claims: Mapping[str, Any] | None = None,
        digest: str = "",
        has_key: bool = False,
        **options: Any,
    ) -> AttestResult:
        """Run the verb in a job, with the outputs of a training that made this candidate."""
        context = AttestContext(
            event=job.event,
            sha=job.sha,
            plan=self._plan,
            ledger=self.ledger,
            runs=self.runs,
            attested=self.attested,
            attestor=self.tokens(job, **(claims or {})),
            has_key=has_key,
        )
        chosen = AttestOptions(
            **{
                "model": "digits",
                "run": run.run_id,
                "digest": digest or run_documents.digest(run),
                **options,
            }
        )
        return attest.run(context, chosen)

    def vouch(self, job: Job, document: Mapping[str, Any], run: str, **claims: Any) -> Attestation:
        """Store an attestation of any document with a run, as a job of any kind can."""
        attestation = self.tokens(job, **claims).attest(document)
        self.runs.attest(run, attestation)
        return attestation

    def _plan(self, base: str | None, head: str) -> Plan:
        return plan.run(
            plan.PlanContext(repository=self.repository, ledger=self.ledger),
            plan.PlanOptions(base=base, head=head, merge_base=base is not None),
        )

    def replace_files(self, run: str, files: Iterable[tuple[str, str]]) -> None:
        """Write into a run after it was recorded, as anybody with MLflow's password can."""
        for path, text in files:
            place = self.runs.folder / run / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
