"""An issuer of tokens in memory: a token is its claims, with a seal that only this issuer knows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock import errors
from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import attestation as attestations
from interlock.domain.provenance import claims
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims
from interlock.domain.provenance.token_rules import TokenRules
from interlock.ports.provenance import LedgerProvenance

ISSUER = "https://token.actions.githubusercontent.com"
MAIN_COMMIT = "a" * 40
VERSION = "f" * 40
RULES = TokenRules(
    issuer=ISSUER,
    repository_id="42",
    default_branch="main",
    interlock="acme/interlock",
    refs=("refs/tags/v1", "e" * 40),
)


def payload(verb: str = "promote", **other: Any) -> dict[str, Any]:
    """The claims of a job of `models-<verb>.yml@v1` after a push to main of the repository 42."""
    file = f"acme/interlock/.github/workflows/models-{verb}.yml@refs/tags/v1"
    return {
        "iss": ISSUER,
        "repository_id": "42",
        "sha": MAIN_COMMIT,
        "ref": "refs/heads/main",
        "event_name": "push",
        "run_id": "1",
        "run_attempt": "1",
        "job_workflow_ref": file,
        "job_workflow_sha": VERSION,
        "runner_environment": "github-hosted",
        "iat": 1000,
        "nbf": 400,
        "exp": 1300,
        **other,
    }


@dataclass
class FakeIssuer:
    """`job` are the claims of the job that requests tokens. `forgotten` keys are not published."""

    job: dict[str, Any] = field(default_factory=payload)
    secret: str = "issuer"
    key: str = "key-1"
    forgotten: set[str] = field(default_factory=set)
    is_down: bool = False
    requests: int = 0

    def attest(self, document: Mapping[str, Any]) -> Attestation:
        self._require_up()
        self.requests += 1
        token = self.sign({**self.job, "aud": attestations.audience(document)})
        return Attestation(token, dict(document), {"kid": self.key})

    def sign(self, content: Mapping[str, Any]) -> str:
        body = json.dumps(content, sort_keys=True)
        return json.dumps([self.key, body, self._seal(self.key, body)])

    def read(self, attestation: Attestation) -> Claims | Refusal:
        self._require_up()
        try:
            key, body, seal = json.loads(attestation.token)
        except (ValueError, TypeError):
            return Refusal("its token does not count: it is not a token")
        if key in self.forgotten or seal != self._seal(key, body):
            return Refusal("its token does not count: no key of the issuer signed it")
        read = claims.read(json.loads(body))
        if isinstance(read, Claims) and read.aud != attestations.audience(attestation.audience_of):
            return Refusal("its token does not count: it is over another document")
        return read

    def _seal(self, key: str, body: str) -> str:
        return hashlib.sha256(f"{self.secret} {key} {body}".encode()).hexdigest()

    def _require_up(self) -> None:
        if self.is_down:
            raise errors.CannotReachIssuer("the issuer does not answer")


def provenance(verb: str = "promote", *, since: str = "", **claims: Any) -> LedgerProvenance:
    """What a ledger needs in a job of `models-<verb>.yml`."""
    github = FakeIssuer(job=payload(verb, **claims))
    return LedgerProvenance(rules=RULES, reader=github, attestor=github, since=since)
