"""Mallory's clone of the ledger's branch, to which she pushes commits by hand."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from interlock.demo.project import REPOSITORY
from interlock.demo.state import LEDGER
from interlock.domain.provenance import acceptance, attestation, record_content
from interlock.domain.provenance.attestation import Attestation
from interlock.ports.provenance import Attestor
from tests.act.conftest import ActSession

# The claims of a job that may write a hold.
COMMENT = {
    "job_workflow_ref": "acme/interlock/.github/workflows/models-command.yml@refs/tags/v1",
    "event_name": "issue_comment",
    "ref": "refs/heads/main",
}


@dataclass(frozen=True, slots=True)
class LedgerClone:
    folder: Path

    def push(self, files: Mapping[str, bytes]) -> str:
        """Push a commit over the head of the ledger, and return its id."""
        self.git("pull", "--quiet", "--ff-only")
        for path, data in files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Record digits")
        self.git("push", "--quiet")
        return self.git("rev-parse", "HEAD")

    def push_attested(self, files: Mapping[str, bytes], by: Attestor) -> str:
        """Push files with an attestation that covers them."""
        self.git("pull", "--quiet", "--ff-only")
        head = self.git("rev-parse", "HEAD")
        described = {path: record_content.describe(data) for path, data in files.items()}
        made = by.attest(acceptance.subject(head, described))
        return self.push({**files, acceptance.path_of(head): attestation.text(made).encode()})

    def push_with_copy(self, files: Mapping[str, bytes]) -> str:
        """Push files with a copy of the newest attestation."""
        self.git("pull", "--quiet", "--ff-only")
        head, before = self.git("rev-parse", "HEAD", "HEAD~1").splitlines()
        copied = (self.folder / acceptance.path_of(before)).read_bytes()
        return self.push({**files, acceptance.path_of(head): copied})

    def first_attestation(self) -> Attestation:
        """The attestation of the first commit of the ledger."""
        first = attestation.read((self.folder / acceptance.path_of(None)).read_bytes())
        assert isinstance(first, Attestation)
        return first

    def git(self, *words: str) -> str:
        named = ("-c", "user.name=Mallory", "-c", "user.email=mallory@example.com")
        done = subprocess.run(
            ["git", "-C", str(self.folder), *named, *words],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


def clone(session: ActSession) -> LedgerClone:
    """Create Mallory, who may write to the repository, and clone the ledger for her."""
    hub, folder = session.project.hub, session.project.folder / "mallory"
    hub.create_user("mallory", repository=REPOSITORY, permission="write")
    url = hub.git_url(REPOSITORY, hub.create_token(login="mallory"))
    command = ["git", "clone", "--quiet", "--branch", LEDGER, url, str(folder)]
    subprocess.run(command, check=True)
    return LedgerClone(folder)


@dataclass(frozen=True, slots=True)
class OwnKey:
    """Signs with a key of Mallory's, under the name of the issuer's key, which `token` shows."""

    token: str
    claims: Mapping[str, Any]
    key: rsa.RSAPrivateKey

    def attest(self, document: Mapping[str, Any]) -> Attestation:
        known = jwt.decode(self.token, options={"verify_signature": False})
        payload = {**known, **self.claims, "aud": attestation.audience(document)}
        headers = {"kid": jwt.get_unverified_header(self.token)["kid"]}
        token = jwt.encode(payload, self.key, algorithm="RS256", headers=headers)
        return Attestation(token, document, self.public)

    @property
    def public(self) -> dict[str, Any]:
        """The public key as an entry of a key set."""
        name = jwt.get_unverified_header(self.token)["kid"]
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**public, "kid": name, "alg": "RS256", "use": "sig"}

    @property
    def key_set(self) -> bytes:
        return json.dumps({"keys": [self.public]}).encode()


def own_key(token: str, **claims: str) -> OwnKey:
    return OwnKey(token, claims, rsa.generate_private_key(public_exponent=65537, key_size=2048))
