"""Git over HTTP: `git http-backend` with tokens; every accepted push emits an event."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from github_sandbox import access, merge, negotiation, ref_updates, rulesets
from github_sandbox.access import Actor
from github_sandbox.git import environment
from github_sandbox.instance import Instance
from github_sandbox.state import Json

_RECEIVE = "git-receive-pack"
_CHUNK_BYTES = 64 * 1024


def routes(instance: Instance) -> list[Route]:
    view = functools.partial(_serve, instance)
    paths = (("info/refs", "GET"), ("git-upload-pack", "POST"), (_RECEIVE, "POST"))
    return [Route(f"/{{owner}}/{{repo}}/{path}", view, methods=[method]) for path, method in paths]


async def _serve(instance: Instance, request: Request) -> Response:
    with tempfile.TemporaryFile() as body:
        async for chunk in request.stream():
            await run_in_threadpool(body.write, chunk)
        return await run_in_threadpool(_answer, instance, request, body)


def _answer(instance: Instance, request: Request, body: IO[bytes]) -> Response:
    parameters = request.path_params
    name = f"{parameters['owner']}/{parameters['repo'].removesuffix('.git')}"
    service = request.query_params.get("service") or request.url.path.rsplit("/", 1)[-1]
    try:
        actor = access.identify(instance.store, request.headers.get("authorization", ""))
    except access.BadCredentials:
        return _unauthorized()
    repository = instance.repository(name)
    permission = access.permission(instance.store, actor, repository) if repository else "none"
    if repository is None or not access.at_least(permission, "read"):
        return _not_found(name) if actor.login else _unauthorized()
    if service == _RECEIVE:
        if not actor.login:
            return _unauthorized()
        if not actor.may("contents") or not access.at_least(permission, "write"):
            return PlainTextResponse(f"Permission to {name}.git denied to {actor.login}.\n", 403)
        if request.method == "POST":
            return _receive(instance, request, body, repository=repository, actor=actor)
    git = instance.git(repository["full_name"])
    known = negotiation.answer(git, request, body, service=service)
    return known or _backend(instance, request, body, repository=repository, actor=actor, extra={})


def _unauthorized() -> Response:
    headers = {"WWW-Authenticate": 'Basic realm="sandbox"'}
    return PlainTextResponse("A token is needed as the password.\n", 401, headers)


def _not_found(name: str) -> Response:
    return PlainTextResponse(f"Repository {name} not found.\n", 404)


def _receive(
    instance: Instance, request: Request, body: IO[bytes], *, repository: Json, actor: Actor
) -> Response:
    """Receive a push, and emit events for its accepted updates before the response."""
    name = repository["full_name"]
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "moves"
        extra = {
            "SANDBOX_MOVES": str(listed),
            "SANDBOX_PROTECTED": " ".join(
                f"refs/heads/{branch}" for branch in repository["protection"]
            ),
            "SANDBOX_RULES": rulesets.words(repository),
        }
        response = _backend(
            instance, request, body, repository=repository, actor=actor, extra=extra
        )
        lines = listed.read_text().splitlines() if listed.exists() else []
    moves = [
        ref_updates.RefUpdate(ref, before, after) for before, after, ref in map(str.split, lines)
    ]
    if moves:
        with instance.transaction():
            ref_updates.apply(instance, name, moves, by=actor)
            merge.merge_ready(instance, name)
    return response


def _backend(
    instance: Instance,
    request: Request,
    body: IO[bytes],
    *,
    repository: Json,
    actor: Actor,
    extra: dict[str, str],
) -> Response:
    length = body.seek(0, os.SEEK_END)
    body.seek(0)
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    subprocess.run(
        ["git", "http-backend"],
        stdin=body,
        stdout=output,
        stderr=subprocess.DEVNULL,
        env={
            **environment(),
            "GIT_PROJECT_ROOT": str(instance.root / "repositories"),
            **_cgi_variables(request, repository=repository["full_name"], length=length),
            **({"REMOTE_USER": actor.login} if actor.login else {}),
            **extra,
        },
        check=False,
    )
    output.seek(0)
    return _from_cgi(output)


def _cgi_variables(request: Request, *, repository: str, length: int) -> dict[str, str]:
    action = "info/refs" if request.url.path.endswith("/info/refs") else Path(request.url.path).name
    return {
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repository}.git/{action}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.url.query,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(length),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
    }


def _from_cgi(output: IO[bytes]) -> Response:
    headers, status = {}, 200
    while line := output.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[name] = value.strip()
    return StreamingResponse(_chunks(output), status_code=status, headers=headers)


def _chunks(output: IO[bytes]) -> Iterator[bytes]:
    with output:
        while chunk := output.read(_CHUNK_BYTES):
            yield chunk
