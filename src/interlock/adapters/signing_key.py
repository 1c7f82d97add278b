"""An Ed25519 key for a dedicated evaluator outside of GitHub: it signs like GitHub's issuer.

Source: RFC 8037 (EdDSA in JSON Web Signatures). The name of a key is its public half.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from jwt import utils

from interlock import errors
from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import attestation as attestations
from interlock.domain.provenance import claims
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims
from interlock.ports.provenance import TokenReader

_ALGORITHM = "EdDSA"
_RAW = serialization.Encoding.Raw
_HINT = "make one in a new file: interlock key FILE"
_PEM = serialization.Encoding.PEM


def create(file: Path) -> str:
    """Write a new private key that only its owner can read; return its public half.

    Raises Refused for an existing file, and OutsideFailure if it cannot be written.
    """
    key = ed25519.Ed25519PrivateKey.generate()
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "wb") as stream:
            stream.write(key.private_bytes(_PEM, form, secret))
    except FileExistsError as error:
        raise errors.Refused(f"{file} exists, and a key is never replaced") from error
    except OSError as error:
        raise errors.OutsideFailure(
            f"{file} cannot be written: {error.strerror}",
            hint=f"check that the folder {file.parent} exists and that you may write to it",
        ) from error
    return _public(key)


def read(file: Path) -> ed25519.Ed25519PrivateKey:
    """Return the private key of a file; raises BadInput for another content."""
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        hint = "name the file that `interlock key FILE` made, and check its permissions"
        raise errors.BadInput(f"{file} cannot be read: {error.strerror}", hint=hint) from error
    except (ValueError, TypeError) as error:  # the messages of cryptography name no cause
        raise errors.BadInput(f"{file} is not a private key in PEM", hint=_HINT) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise errors.BadInput(f"{file} is not an Ed25519 key", hint=_HINT)
    return key


def public_of(file: Path) -> str:
    """Return the public half of a key, 43 characters of base64url; raises BadInput."""
    return _public(read(file))


def _public(key: ed25519.Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(_RAW, serialization.PublicFormat.Raw)
    return utils.base64url_encode(raw).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTokens:
    """Signs with the key of a file."""

    file: Path

    def attest(self, document: Mapping[str, Any]) -> Attestation:
        """Return a new token over a document; see ports.provenance.Attestor."""
        key = self._read()
        name = _public(key)
        payload = {"aud": attestations.audience(document), "iat": int(time.time())}
        token = jwt.encode(payload, key, algorithm=_ALGORITHM, headers={"kid": name})
        public = {"kty": "OKP", "crv": "Ed25519", "kid": name, "x": name}
        return Attestation(token, document, public)

    def _read(self) -> ed25519.Ed25519PrivateKey:
        try:
            return read(self.file)
        except errors.BadInput as error:
            raise errors.BadInput(f"INTERLOCK_KEY: {error.message}", hint=error.hint) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReader:
    """Reads the tokens of the policy's keys, and those of GitHub with `issuer`."""

    keys: tuple[str, ...]
    issuer: TokenReader

    def read(self, attestation: Attestation) -> Claims | Refusal:
        """Return the claims of a token; see ports.provenance.TokenReader."""
        try:
            header = jwt.get_unverified_header(attestation.token)
            if header.get("alg") != _ALGORITHM:
                return self.issuer.read(attestation)
            return self._read(attestation, str(header.get("kid")))
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            return Refusal(f"its token does not count: {str(error) or type(error).__name__}")

    def _read(self, attestation: Attestation, name: str) -> Claims | Refusal:
        if name not in self.keys:
            return Refusal("its token does not count: the policy does not list its key")
        key = ed25519.Ed25519PublicKey.from_public_bytes(utils.base64url_decode(name))
        wanted = attestations.audience(attestation.audience_of)
        payload = jwt.decode(attestation.token, key, algorithms=[_ALGORITHM], audience=wanted)
        return claims.of_key(name, payload)
