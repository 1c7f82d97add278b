"""Runs and records of Mallory's, each with a token that GitHub signed for something else."""

from __future__ import annotations

from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.demo.project import REPOSITORY
from interlock.domain.provenance.attestation import Attestation
from interlock.ports.provenance import Attestor
from tests.act import hostile, other_tokens, planting, pushing
from tests.act.conftest import ActSession
from tests.act.other_tokens import OtherClaims, Replay
from tests.act.pushing import LedgerClone

DIGEST = "its token does not count: Audience doesn't match"
RUN = "its attestation is of another document"
REPOSITORY_ID = "its token is of the repository with the id "
TIME = "the token was issued outside of its own validity"
OLD = "its token is older than the record before it"


def create_fork(session: ActSession) -> None:
    session.project.hub.create_fork(REPOSITORY, owner="mallory")


def plant_runs(
    session: ActSession, fingerprint: str, head: str, known: Attestation
) -> dict[str, str]:
    """Plant a run for each attestation that Mallory can make of a known one, and one with the known
    one itself. Return the reason against each, by run."""
    late = other_tokens.times(issued_ago=0, expired_after=-1)
    attestors: dict[str, Attestor] = {
        DIGEST: Replay(known),
        REPOSITORY_ID: other_tokens.fork_job(session, "push", "models-train.yml", sha=head),
        TIME: OtherClaims(session.project.hub, known, late),
    }
    runs = MlflowRuns(session.project.mlflow_uri)
    reasons: dict[str, str] = {}
    for reason in (*attestors, RUN):
        document = planting.run(session, fingerprint, head)
        by, run = attestors.get(reason), str(document["run_id"])
        subject = hostile.subject_of(session, document, merge=None)
        runs.attest(run, known if by is None else by.attest(subject))
        reasons[run] = reason
    return reasons


def push_holds(session: ActSession, ledger: LedgerClone) -> dict[str, str]:
    """Push a hold with each of the tokens, and return the reason against each, by path."""
    first = ledger.first_attestation()
    old = pushing.COMMENT | other_tokens.times(issued_ago=3600, expired_after=300)
    attestors: dict[str, Attestor] = {
        DIGEST: Replay(first),
        REPOSITORY_ID: other_tokens.fork_job(session, "issue_comment", "models-command.yml"),
        OLD: OtherClaims(session.project.hub, first, old),
    }
    reasons: dict[str, str] = {}
    for epoch, (reason, by) in enumerate(attestors.items(), start=1):
        made = planting.hold(session, epoch)
        ledger.push_attested(made, by)
        reasons |= dict.fromkeys(made, reason)
    return reasons
