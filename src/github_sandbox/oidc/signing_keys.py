"""The RSA keys of the issuer: kept in the state, and published as a JSON Web Key Set."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from github_sandbox.state import Json, Store

ALGORITHM = "RS256"
_KIND = "signing_key"


def sign(store: Store, claims: Mapping[str, object]) -> str:
    """Return a token with these claims, signed with the newest key."""
    key = _all(store)[-1]
    headers = {"kid": key["public"]["kid"]}
    return jwt.encode(dict(claims), key["private"], algorithm=ALGORITHM, headers=headers)


def key_set(store: Store) -> Json:
    """Return the public part of all keys."""
    return {"keys": [key["public"] for key in _all(store)]}


def rotate(store: Store) -> None:
    """Create a key that signs from now on; the old ones stay in the key set."""
    pair = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    private = pair.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    numbers = RSAAlgorithm.to_jwk(pair.public_key(), as_dict=True)
    public = {name: numbers[name] for name in ("kty", "n", "e")}
    public |= {"alg": ALGORITHM, "use": "sig", "kid": secrets.token_hex(16)}
    body = {"public": public, "private": private.decode()}
    store.put(_KIND, body, key=public["kid"])


def forget_old(store: Store) -> None:
    """Remove all keys but the newest from the key set."""
    for key in _all(store)[:-1]:
        store.delete(_KIND, key=key["public"]["kid"])


def _all(store: Store) -> list[Json]:
    """Return all keys, the newest last; create the first one."""
    with store.transaction():
        if not store.list(_KIND):
            rotate(store)
        return store.list(_KIND)
