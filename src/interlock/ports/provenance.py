"""Ports of provenance: request a token over a document, and read the tokens of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims
from interlock.domain.provenance.token_rules import TokenRules


class Attestor(Protocol):
    def attest(self, document: Mapping[str, Any]) -> Attestation:
        """Return a new token over a document. Raises CannotReachIssuer if none is issued."""
        ...


class TokenReader(Protocol):
    def read(self, attestation: Attestation) -> Claims | Refusal:
        """Return the claims of a token that the issuer signed over the attestation's document.

        Refuses a token of another signer, over another document, and one without the claims. A
        token that has expired is valid: it was signed before. Raises CannotReachIssuer if the
        issuer's keys cannot be fetched.
        """
        ...


class SigningKeys(Protocol):
    def create(self, file: Path) -> str:
        """Write a new private key that only its owner can read, and return its public half.

        Raises Refused for an existing file, and OutsideFailure if it cannot be written.
        """
        ...

    def public_of(self, file: Path) -> str:
        """Return the public half of a key; raises BadInput for another content."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerProvenance:
    """The reader of a ledger's tokens with the rules for them. Commits up to `since` need none.
    Without an `attestor` nothing can be written."""

    rules: TokenRules
    reader: TokenReader
    attestor: Attestor | None = None
    since: str = ""
