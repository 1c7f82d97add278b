"""The endpoints of the issuer: its description, its public keys, and the tokens of jobs."""

from __future__ import annotations

import functools

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from github_sandbox.instance import Instance
from github_sandbox.oidc import claims, jobs, signing_keys

_KNOWN = "/_services/token/.well-known"
_CLAIMS = (
    *("sub", "aud", "exp", "iat", "iss", "jti", "nbf", "ref", "sha", "repository"),
    *("repository_id", "repository_owner", "repository_owner_id", "repository_visibility"),
    *("run_id", "run_number", "run_attempt", "actor", "actor_id", "workflow", "workflow_ref"),
    *("workflow_sha", "head_ref", "base_ref", "event_name", "ref_type", "ref_protected"),
    *("environment", "job_workflow_ref", "job_workflow_sha", "runner_environment", "check_run_id"),
)


def routes(instance: Instance) -> list[Route]:
    views = {
        f"{_KNOWN}/openid-configuration": _describe,
        f"{_KNOWN}/jwks": _publish_keys,
        jobs.REQUESTS: _issue,
    }
    return [Route(path, functools.partial(view, instance)) for path, view in views.items()]


def _describe(instance: Instance, _request: Request) -> Response:
    issuer = claims.issuer(instance)
    return JSONResponse(
        {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/.well-known/jwks",
            "subject_types_supported": ["public", "pairwise"],
            "response_types_supported": ["id_token"],
            "claims_supported": _CLAIMS,
            "id_token_signing_alg_values_supported": [signing_keys.ALGORITHM],
            "scopes_supported": ["openid"],
        }
    )


def _publish_keys(instance: Instance, _request: Request) -> Response:
    return JSONResponse(signing_keys.key_set(instance.store))


def _issue(instance: Instance, request: Request) -> Response:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    audience = request.query_params.get("audience", "")
    try:
        token = jobs.id_token(instance, secret if scheme.lower() == "bearer" else "", audience)
    except jobs.UnknownJob:
        return JSONResponse({"message": "Unauthorized"}, 401)
    except jobs.EndedJob:
        return JSONResponse({"message": "The job has ended"}, 403)
    return JSONResponse({"count": len(token), "value": token})
