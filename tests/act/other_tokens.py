"""Tokens of GitHub that Mallory has: of another document, another time, or another repository."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

import github_sandbox
from github_sandbox import WorkflowJob
from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.adapters.oidc import Issuer, JobTokens
from interlock.domain.provenance import attestation
from interlock.domain.provenance.attestation import Attestation
from tests.act.conftest import ActSession

FORK = "mallory/models"


@dataclass(frozen=True, slots=True)
class Replay:
    """Puts a known token beside any document."""

    known: Attestation

    def attest(self, document: Mapping[str, Any]) -> Attestation:
        return Attestation(self.known.token, document, self.known.key)


@dataclass(frozen=True, slots=True)
class OtherClaims:
    """Signs the claims of a known token with other ones, and with the key of the issuer."""

    hub: github_sandbox.Sandbox
    known: Attestation
    claims: Mapping[str, Any]

    def attest(self, document: Mapping[str, Any]) -> Attestation:
        own = jwt.decode(self.known.token, options={"verify_signature": False})
        payload = {**own, **self.claims, "aud": attestation.audience(document)}
        return Attestation(self.hub.sign_id_token(payload), document, self.known.key)


def of_run(session: ActSession, run: str) -> Attestation:
    """The attestation of a run that a job has attested."""
    known = MlflowRuns(session.project.mlflow_uri).find_attestation(run)
    assert isinstance(known, Attestation), known
    return known


def times(*, issued_ago: int, expired_after: int) -> dict[str, int]:
    """The claims of time, in seconds."""
    issued = int(time.time()) - issued_ago
    return {"nbf": issued - 600, "iat": issued, "exp": issued + expired_after}


def fork_job(session: ActSession, event: str, file: str, *, sha: str = "") -> JobTokens:
    """The tokens of a job of the fork's default branch, which calls our file too."""
    hub = session.project.hub
    payload = {"ref": "refs/heads/main", "after": sha, "sender": {"login": "mallory"}}
    called = f"acme/interlock/.github/workflows/{file}@refs/tags/v1"
    commit = session.act.installed.commit
    job = WorkflowJob(
        workflow_path=".github/workflows/models.yml",
        job_workflow_ref=called,
        job_workflow_sha=commit,
    )
    access = hub.open_job(github_sandbox.Event(event, "", payload, FORK, False), job)
    return JobTokens(url=access.url, request_token=access.token, issuer=Issuer(url=hub.issuer))
