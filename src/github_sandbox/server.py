"""Serve the application on a loopback port: uvicorn in a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from github_sandbox import errors, pages, router, transport
from github_sandbox.instance import Instance
from github_sandbox.middleware import RequestLog, SandboxMiddleware
from github_sandbox.oidc import endpoints

_HOST = "127.0.0.1"
_GRACE_SECONDS = 5


def application(instance: Instance, log: RequestLog) -> ASGIApp:
    # The pages are last: /{owner}/{repo} matches many other paths.
    routes = [
        *router.routes(instance),
        *transport.routes(instance),
        *endpoints.routes(instance),
        *pages.routes(instance),
    ]
    return SandboxMiddleware(Starlette(routes=routes), instance=instance, log=log)


@contextmanager
def serve(app: ASGIApp, *, port: int) -> Iterator[int]:
    """Serve until the block ends; yields the port (`port` 0: any free port)."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    with _listen(port) as listener:
        # The socket listens before the loop runs, so clients can connect now.
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True
        )
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(timeout=4 * _GRACE_SECONDS)


def _listen(port: int) -> socket.socket:
    # Only with an explicit protocol asyncio disables Nagle's delay of 40 ms per response.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise errors.InvalidCall(
            f"cannot listen on {_HOST}:{port}: {error}", hint="choose another --port, or 0"
        ) from error
    listener.listen(128)
    return listener
