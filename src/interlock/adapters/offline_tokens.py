"""Reads no token: without the issuer's keys nothing is confirmed."""

from __future__ import annotations

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims


def read(attestation: Attestation) -> Claims | Refusal:
    del attestation
    return Refusal("it is not confirmed without the issuer")
