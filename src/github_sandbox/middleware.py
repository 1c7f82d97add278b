"""Check each request (loopback, size), inject faults, and log it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from github_sandbox import limits
from github_sandbox.faults import Fault
from github_sandbox.http_types import DOCUMENTATION, identity
from github_sandbox.instance import Instance

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
_DRAIN_FACTOR = 4
_PUSH = re.compile(r"/git-(receive|upload)-pack$")


class RequestLog:
    """Every request as (method, path, status), in the order of the responses; the status is 0
    when the connection was closed without one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.entries: list[tuple[str, str, int]] = []

    def add(self, method: str, path: str, status: int) -> None:
        with self._lock:
            self.entries.append((method, path, status))

    def count(self, *, method: str | None = None, path_pattern: str | None = None) -> int:
        with self._lock:
            return sum(
                (method is None or entry[0] == method.upper())
                and (path_pattern is None or bool(re.search(path_pattern, entry[1])))
                for entry in self.entries
            )

    def reset(self) -> None:
        with self._lock:
            self.entries.clear()


class SandboxMiddleware:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, instance: Instance, log: RequestLog) -> None:
        self._app = app
        self._instance = instance
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        method, path = scope["method"], scope["path"]

        async def log_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._log.add(method, path, message["status"])
            await send(message)

        refusal = _refuse(Request(scope))
        if refusal is not None:
            await refusal(scope, receive, log_and_send)
            return
        bounded = _bounded(receive, limit=_limit(path))
        query = scope["query_string"].decode("latin-1")
        fault = self._instance.faults.take(method, path, query)
        if fault is not None and fault.kind in ("reset_before", "reset_after"):
            if fault.kind == "reset_after":
                await self._app(scope, bounded, _discard)
            self._log.add(method, path, 0)
            await _close_connection(send)
            return
        await self._with_fault(fault, scope, bounded, log_and_send)

    async def _with_fault(
        self, fault: Fault | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "slow":
            await anyio.sleep(fault.seconds)
            await self._app(scope, receive, send)
        elif fault.kind == "slow_after":
            await self._app(scope, receive, _late(send, seconds=fault.seconds))
        elif fault.kind == "lag":
            await self._lag(fault, scope, receive, send)
        else:
            if fault.kind == "error_after":
                await self._app(scope, receive, _discard)
            await _failure(fault)(scope, receive, send)

    async def _lag(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        if messages[0]["status"] in (200, 201):
            raw = b"".join(message.get("body", b"") for message in messages[1:])
            self._instance.hidden.hide(identity(json.loads(raw)), requests=fault.requests)
        for message in messages:
            await send(message)


def _limit(path: str) -> int:
    return limits.PUSH_BYTES if _PUSH.search(path) else limits.REQUEST_BYTES


def _refuse(request: Request) -> Response | None:
    """Return an error for another host name: a web page could use DNS rebinding."""
    if not _LOOPBACK.fullmatch(request.headers.get("host", "")):
        return _error(421, "This sandbox answers on loopback names only")
    if "\0" in request.url.path:
        return _error(400, "Bad request")
    return None


def _bounded(receive: Receive, *, limit: int) -> Callable[[], Awaitable[MutableMapping[str, Any]]]:
    size = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size <= limit:
            return message
        # A client reads the response after it has sent the body: receive more of it, up to a limit.
        while message.get("more_body") and size <= _DRAIN_FACTOR * limit:
            message = await receive()
            size += len(message.get("body", b""))
        raise HTTPException(413, "Payload too large")

    return bounded


async def _discard(_: Message) -> None:
    return


def _late(send: Send, *, seconds: float) -> Send:
    """Delay the response of a finished request."""

    async def late(message: Message) -> None:
        if message["type"] == "http.response.start":
            await anyio.sleep(seconds)
        await send(message)

    return late


async def _close_connection(send: Send) -> None:
    """Close the connection without a response, with uvicorn's transport."""
    transport = send.__self__.transport  # type: ignore[attr-defined]
    transport.abort()
    while not transport.is_closing() or not send.__self__.disconnected:  # type: ignore[attr-defined]
        await anyio.sleep(0)


def _failure(fault: Fault) -> Response:
    if fault.kind == "rate_limit":
        status = fault.status if fault.status in (403, 429) else 403
        seconds = 60 if fault.retry_after is None else fault.retry_after
        message = "You have exceeded a secondary rate limit. Please wait a few minutes."
        return _error(status, message, {"retry-after": str(seconds)})
    if fault.kind == "rate_limit_no_header":
        status = fault.status if fault.status in (403, 429) else 429
        return _error(status, "You have exceeded a secondary rate limit.")
    if fault.kind == "forbidden":
        return _error(403, "Resource not accessible by integration")
    if fault.kind == "unauthorized":
        return _error(401, "Bad credentials")
    return _error(fault.status, "Server Error")


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    body = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
    return JSONResponse(body, status, headers)
