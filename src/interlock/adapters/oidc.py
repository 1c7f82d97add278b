"""Requests tokens of GitHub Actions, and checks their signatures with the issuer's keys.

Sources: https://docs.github.com/en/actions/reference/security/oidc and RFC 7519. The keys come from
the issuer that the policy names, over TLS: never from a token and never from the ledger.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from jwt.types import Options
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from interlock import errors
from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import attestation as attestations
from interlock.domain.provenance import claims
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims

_ALGORITHM = "RS256"
_PUBLIC = ("kty", "kid", "alg", "use", "n", "e")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TIMEOUT_SECONDS = 10
_MOST_BYTES = 1024**2
# A token that has expired since was valid when it was written.
_OPTIONS: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


@dataclass(slots=True, kw_only=True)
class Issuer:
    """Reads tokens of the issuer at a URL. Its keys are fetched when the first is needed, and once
    more for a token with an unknown key: the issuer may have a new one since."""

    url: str
    _keys: tuple[Mapping[str, Any], ...] | None = None
    _is_repeated: bool = False

    def read(self, attestation: Attestation) -> Claims | Refusal:
        """Return the claims of a token; see ports.provenance.TokenReader."""
        try:
            key = jwt.PyJWK.from_dict(dict(self._find_key(attestation.token)), algorithm=_ALGORITHM)
            payload = jwt.decode(
                attestation.token,
                key,
                algorithms=[_ALGORITHM],
                issuer=self.url,
                audience=attestations.audience(attestation.audience_of),
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, LookupError, ValueError, TypeError) as error:
            return Refusal(f"its token does not count: {str(error) or type(error).__name__}")
        return claims.read(payload)

    def _find_key(self, token: str) -> Mapping[str, Any]:
        if not self._is_repeated:
            with contextlib.suppress(LookupError):
                return self.find_key(token)
            self._is_repeated = True
            self.forget_keys()
        return self.find_key(token)

    def find_key(self, token: str) -> Mapping[str, Any]:
        """Return the issuer's key of a token; raises LookupError without exactly one key."""
        name = jwt.get_unverified_header(token).get("kid")
        named = [key for key in self._known() if name is not None and key.get("kid") == name]
        if len(named) != 1:
            raise LookupError(f"the issuer has {len(named)} keys named {name!r}")
        return named[0]

    def forget_keys(self) -> None:
        """Fetch the keys again when the next one is needed."""
        self._keys = None

    def _known(self) -> tuple[Mapping[str, Any], ...]:
        if self._keys is None:
            about = _fetch(f"{self.url}/.well-known/openid-configuration")
            if about.get("issuer") != self.url:
                raise errors.CannotReachIssuer(f"{self.url} names itself {about.get('issuer')!r}")
            keys = _fetch(str(about.get("jwks_uri"))).get("keys")
            rows = keys if isinstance(keys, list) else []
            self._keys = tuple(row for row in rows if isinstance(row, dict))
        return self._keys


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTokens:
    """Requests tokens for this job. `url` and `request_token` are those that the runner gives to a
    job with the permission `id-token: write`."""

    url: str
    request_token: str
    issuer: Issuer

    def attest(self, document: Mapping[str, Any]) -> Attestation:
        """Return a new token over a document; see ports.provenance.Attestor."""
        audience = attestations.audience(document)
        headers = {"Authorization": f"bearer {self.request_token}"}
        token = _fetch(self.url, params={"audience": audience}, headers=headers).get("value")
        known = self._find_key(str(token))
        public = {name: known[name] for name in _PUBLIC if name in known}
        return Attestation(str(token), document, public)

    def _find_key(self, token: str) -> Mapping[str, Any]:
        """Return the key of a token. If it is newer than the known keys, they are fetched again."""
        try:
            with contextlib.suppress(LookupError):
                return self.issuer.find_key(token)
            self.issuer.forget_keys()
            return self.issuer.find_key(token)
        except (jwt.PyJWTError, LookupError) as error:
            raise errors.CannotReachIssuer(f"the token of this job is unusable: {error}") from error


@functools.cache
def _session() -> requests.Session:
    session = requests.Session()
    retry = Retry(total=4, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504))
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.mount("http://", HTTPAdapter(max_retries=retry))
    return session


def _fetch(url: str, **request: Any) -> dict[str, Any]:
    """Return a JSON object; raises CannotReachIssuer. Plain HTTP is for a server on loopback."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise errors.CannotReachIssuer(f"{url} is not an address with TLS")
    try:
        answer = _session().get(url, timeout=_TIMEOUT_SECONDS, allow_redirects=False, **request)
        answer.raise_for_status()
        document = answer.json() if len(answer.content) <= _MOST_BYTES else None
    except (requests.RequestException, ValueError) as error:
        raise errors.CannotReachIssuer(
            f"{parts.scheme}://{parts.netloc} issues no token or keys: {error}",
            hint="the job needs `permissions: {id-token: write}`, and this machine the network",
        ) from error
    if not isinstance(document, dict):
        raise errors.CannotReachIssuer(f"{url} does not return a JSON object")
    return document
