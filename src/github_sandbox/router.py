"""Route HTTP requests to endpoints: identity, permission, body, ETag, rate limit."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from github_sandbox import access, merge
from github_sandbox.access import Actor
from github_sandbox.api import ENDPOINTS
from github_sandbox.git import GitFailed
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, not_found
from github_sandbox.instance import Instance
from github_sandbox.state import Json

_READS = ("GET", "HEAD")


def routes(instance: Instance) -> list[Route]:
    """Return the routes of the API; every other path is GitHub's 404 in JSON."""
    table = [
        Route(f"/api{row.path}", _view(instance, row), methods=[row.method]) for row in ENDPOINTS
    ]
    limit = functools.partial(_rate_limit, instance)
    return [
        Route("/api/rate_limit", limit, methods=["GET"]),
        *table,
        Route("/api/{rest:path}", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]


def _unknown(request: Request) -> Response:
    return _refused(not_found(), request)


def _refused(refusal: ApiError, request: Request) -> Response:
    return _respond(Answer(refusal.body(), refusal.status, refusal.headers), request, {})


def _view(instance: Instance, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def view(request: Request) -> Response:
        try:
            body = await request.body()
        except HTTPException as error:
            return _refused(ApiError(error.status_code, error.detail), request)
        return await run_in_threadpool(_answer, instance, endpoint, request, body)

    return view


def _rate_limit(instance: Instance, request: Request) -> Response:
    key = _key(instance, request)
    reading = instance.meter.read(key)
    core = {
        "limit": reading.limit,
        "used": reading.used,
        "remaining": reading.remaining,
        "reset": reading.reset,
    }
    resources = dict.fromkeys(("core", "search", "graphql"), core)
    return _respond(Answer({"resources": resources, "rate": core}), request, reading.headers())


def _key(instance: Instance, request: Request) -> str:
    try:
        return access.identify(instance.store, request.headers.get("authorization", "")).key
    except access.BadCredentials:
        return ""


def _answer(instance: Instance, endpoint: Endpoint, request: Request, body: bytes) -> Response:
    key = _key(instance, request)
    reading = instance.meter.read(key)
    try:
        if reading.remaining == 0:
            raise ApiError(403, "API rate limit exceeded")
        with instance.transaction():
            call = _call(instance, endpoint, request, body)
            answer = endpoint.handler(call)
            if call.repository and request.method not in _READS:
                # A pull request with auto-merge may be ready after any write.
                merge.merge_ready(instance, call.name)
    except ApiError as refusal:
        document = refusal.body(plain=endpoint.plain_errors)
        answer = Answer(document, refusal.status, refusal.headers)
    except GitFailed as error:
        answer = Answer({"message": f"Server Error: {error}"}, 500)
    response = _respond(answer, request, {})
    if response.status_code != 304:
        instance.meter.count(key)
    response.headers.update(instance.meter.read(key).headers())
    return response


def _call(instance: Instance, endpoint: Endpoint, request: Request, body: bytes) -> Call:
    actor = _identify(instance, request)
    repository = _repository(instance, request, actor)
    if request.method not in _READS:
        _authorize(instance, endpoint, actor, repository)
    return Call(
        instance=instance,
        actor=actor,
        method=request.method,
        path=request.url.path,
        base=f"http://{request.headers['host']}",
        params=request.path_params,
        query=dict(request.query_params),
        accept=request.headers.get("accept", ""),
        body=_parse(body) if request.method not in _READS else {},
        repository=repository,
    )


def _identify(instance: Instance, request: Request) -> Actor:
    try:
        return access.identify(instance.store, request.headers.get("authorization", ""))
    except access.BadCredentials as error:
        raise ApiError(401, "Bad credentials") from error


def _repository(instance: Instance, request: Request, actor: Actor) -> Json:
    """Return the repository in the path; 404 without read permission."""
    if "repo" not in request.path_params:
        return {}
    name = f"{request.path_params['owner']}/{request.path_params['repo']}"
    repository = instance.repository(name)
    if repository is None:
        raise not_found()
    permission = access.permission(instance.store, actor, repository)
    if repository["private"] and not access.at_least(permission, "read"):
        raise not_found()
    return repository


def _authorize(instance: Instance, endpoint: Endpoint, actor: Actor, repository: Json) -> None:
    if not actor.login:
        raise ApiError(401, "Requires authentication")
    if not actor.may(*endpoint.scopes):
        needed = ", ".join(f"{scope}=write" for scope in endpoint.scopes)
        message = "Resource not accessible by integration"
        raise ApiError(403, message, headers={"x-accepted-github-permissions": needed})
    permission = access.permission(instance.store, actor, repository) if repository else "read"
    if not access.at_least(permission, endpoint.needs):
        raise ApiError(403, f"Must have {endpoint.needs} access to the repository")


def _parse(body: bytes) -> Json:
    if not body.strip():
        return {}
    try:
        parsed = json.loads(body)
        json.dumps(
            parsed, ensure_ascii=False, allow_nan=False
        ).encode()  # refuses a half surrogate and NaN
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "Problems parsing JSON") from error
    if isinstance(parsed, list):  # PyGithub sends labels as a bare list, as GitHub allows
        return {"labels": parsed}
    if not isinstance(parsed, dict):
        raise ApiError(400, "Body should be a JSON object")
    return parsed


def _respond(answer: Answer, request: Request, headers: dict[str, str]) -> Response:
    more: dict[str, str] = {**answer.headers, **headers, "x-github-media-type": "github.v3"}
    if answer.body is None:
        return Response(status_code=answer.status, headers=more)
    raw, media = _encode(answer)
    if request.method in _READS and answer.status == 200:
        more["ETag"] = f'W/"{hashlib.sha256(raw).hexdigest()}"'
        more["Cache-Control"] = "private, max-age=60, s-maxage=60"
        if more["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=more)
    return Response(raw, status_code=answer.status, headers=more, media_type=media)


def _encode(answer: Answer) -> tuple[bytes, str]:
    if isinstance(answer.body, bytes):
        return answer.body, answer.media
    return json.dumps(answer.body, ensure_ascii=False).encode(), "application/json; charset=utf-8"
