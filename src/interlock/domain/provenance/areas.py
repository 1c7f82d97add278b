"""The folders of the ledger that belong to provenance itself."""

from __future__ import annotations

ATTESTATIONS, VERIFICATIONS = "attestations", "verifications"


def is_attestation(path: str) -> bool:
    return path.startswith(f"{ATTESTATIONS}/")


def is_own(path: str) -> bool:
    """Return True for an attestation and for a record of a verification."""
    return is_attestation(path) or path.startswith(f"{VERIFICATIONS}/")
