"""Reads tokens without a request: confirms none of them, or assumes that all are valid."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import attestation as attestations
from interlock.domain.provenance import claims
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims

ASSUMED = "assumed"
"""In place of the name of a key: all tokens are assumed to be signed by one key of the policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineTokens:
    is_assuming: bool

    def read(self, attestation: Attestation) -> Claims | Refusal:
        """Return claims without a look at the token, or refuse it."""
        if not self.is_assuming:
            return Refusal("it is not confirmed without the issuer")
        audience = attestations.audience(attestation.audience_of)
        return claims.of_key(ASSUMED, {"iat": 0, "aud": audience})
