"""A token of GitHub over a digest, with the document that the digest is of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interlock.domain.basics import digests


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
