"""Attests the files of a commit of the ledger, before it is pushed."""

from __future__ import annotations

from collections.abc import Mapping

from interlock import errors
from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import acceptance, attestation, record_content
from interlock.ports.provenance import LedgerProvenance


def attested(
    files: Mapping[str, bytes], *, previous: str | None, provenance: LedgerProvenance
) -> dict[str, bytes]:
    """Return the files of a commit over `previous`, with a new attestation of them.

    Raises Refused if this process cannot attest, or if readers would ignore its records.
    """
    if provenance.attestor is None:
        raise errors.Refused(
            "the policy requires provenance, and this process cannot request a token of GitHub",
            hint="write records in a workflow job with `permissions: {id-token: write}`",
        )
    described = {path: record_content.describe(data) for path, data in files.items()}
    own = provenance.attestor.attest(acceptance.subject(previous, described))
    claims = provenance.reader.read(own)
    for path, (kind, _) in described.items():
        refusal = claims
        if not isinstance(claims, Refusal):
            refusal = provenance.rules.check(claims, kind=kind, with_shown=True) or claims
        if isinstance(refusal, Refusal):
            raise errors.Refused(
                f"no reader would accept {path}: {refusal}",
                hint="`interlock:` in the policy lists the versions of Interlock that count",
            )
    return {**files, acceptance.path_of(previous): attestation.text(own).encode()}
