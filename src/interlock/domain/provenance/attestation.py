"""A token of GitHub over a digest, with the document that the digest is of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interlock.domain.basics import digests, json_text, parse_limits
from interlock.domain.basics.refusal import Refusal

SCHEMA = "interlock/attestation/v1"
_MINOR = re.compile(rf"{SCHEMA}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Attestation:
    """`token` is a JSON Web Token whose audience is the digest of `audience_of`; `key` is the
    public key (JWK) at the time of writing, which is evidence and never an authority."""

    token: str
    audience_of: Mapping[str, Any]
    key: Mapping[str, Any]


def audience(document: Mapping[str, Any]) -> str:
    """Return the audience that vouches for a document, for example `sha256:9f86d0…`.

    It is the SHA-256 of the document as JSON with sorted keys, without blanks, in ASCII.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"sha256:{digests.of_chunks([text.encode('ascii')])}"


def text(attestation: Attestation) -> str:
    """Return an attestation as an `interlock/attestation/v1` document."""
    document = {
        "schema": SCHEMA,
        "token": attestation.token,
        "audience_of": attestation.audience_of,
        "key": attestation.key,
    }
    return json.dumps(document, indent=2, sort_keys=True, allow_nan=False) + "\n"


def read(data: bytes) -> Attestation | Refusal:
    """Return the attestation in a document; its token is not verified."""
    try:
        document = json_text.read_strict(data, size=parse_limits.RECORD)
    except ValueError as error:
        return Refusal(f"its attestation is not JSON: {error}")
    fields = document if isinstance(document, dict) else {}
    token, of, key = (fields.get(name) for name in ("token", "audience_of", "key"))
    if not isinstance(token, str) or not isinstance(of, dict) or not isinstance(key, dict):
        return Refusal(f"its attestation is not a document {SCHEMA}")
    if _MINOR.fullmatch(str(fields.get("schema"))) is None:
        return Refusal(f"its attestation is of the schema {fields.get('schema')!r}")
    return Attestation(token, of, key)
