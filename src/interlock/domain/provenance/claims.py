"""The claims of a token that GitHub issues to a job.

Source: https://docs.github.com/en/actions/reference/security/oidc
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from interlock.domain.basics.refusal import Refusal

KEY = "key:"
"""In front of a public key it is the issuer of the tokens that this key signs."""
_JOB_REF = re.compile(r"([^/@]+/[^/@]+)/([^@]+)@(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """`sha` is the commit of the event, for a pull request its merge commit. `base_ref` is empty
    for other events. `job_workflow_ref` is the file of the job itself, for example
    `acme/interlock/.github/workflows/models-train.yml@refs/tags/v1`. Times are seconds."""

    iss: str
    aud: str
    repository_id: str
    sha: str
    ref: str
    base_ref: str = ""
    event_name: str
    run_id: str
    run_attempt: str
    job_workflow_ref: str
    job_workflow_sha: str
    runner_environment: str
    iat: int
    nbf: int
    exp: int

    @property
    def workflow(self) -> tuple[str, str, str]:
        """Repository, path and ref of the job's workflow file; empty texts for another form."""
        match = _JOB_REF.fullmatch(self.job_workflow_ref)
        return (match[1], match[2], match[3]) if match else ("", "", "")


def read(payload: Mapping[str, Any]) -> Claims | Refusal:
    """Return the claims of a token's payload; refuse a missing claim and one of another type."""
    values: dict[str, Any] = {}
    for field in fields(Claims):
        wanted = int if field.type == "int" else str
        value = payload.get(field.name, "" if field.name == "base_ref" else None)
        if type(value) is not wanted:
            return Refusal(f"the token's claim {field.name} is {value!r}")
        values[field.name] = value
    claims = Claims(**values)
    if not claims.nbf <= claims.iat <= claims.exp:
        return Refusal("the token was issued outside of its own validity")
    return claims


def of_key(name: str, payload: Mapping[str, Any]) -> Claims | Refusal:
    """Return the claims of a token that a key of the policy signed: who signed what, and when."""
    at, audience = payload.get("iat"), payload.get("aud")
    if type(at) is not int or type(audience) is not str:
        return Refusal(f"the token's claims are {at!r} and {audience!r}")
    names = [field.name for field in fields(Claims) if field.type == "str"]
    texts = dict.fromkeys(names, "") | {"iss": KEY + name, "aud": audience, "event_name": "key"}
    return Claims(**texts, iat=at, nbf=at, exp=at)
