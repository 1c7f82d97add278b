"""Answers the first requests of a fetch or a push, which need no objects, without a process."""

from __future__ import annotations

from typing import IO

from starlette.requests import Request
from starlette.responses import Response

from github_sandbox.git import GitRepository, wire

_FETCH, _PUSH = "git-upload-pack", "git-receive-pack"


def answer(
    git: GitRepository, request: Request, body: IO[bytes], *, service: str
) -> Response | None:
    """Return the response, or None where only Git can answer: objects, and protocols 0 and 1."""
    protocol = request.headers.get("git-protocol", "")
    if request.method == "GET" and (service, protocol) == (_FETCH, "version=2"):
        return _response(wire.fetchable(git), f"{service}-advertisement")
    if request.method == "GET" and (service, protocol) == (_PUSH, ""):
        return _response(wire.pushable(git), f"{service}-advertisement")
    if (service, protocol) == (_FETCH, "version=2") and "content-encoding" not in request.headers:
        body.seek(0)
        content = body.read()
        if wire.lists_refs(content):
            return _response(wire.refs(git, content), f"{service}-result")
    return None


def _response(data: bytes, kind: str) -> Response:
    headers = {"Cache-Control": "no-cache"}
    return Response(data, headers=headers, media_type=f"application/x-{kind}")
