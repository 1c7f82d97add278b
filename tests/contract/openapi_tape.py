"""What every sandbox of a process is asked, answers and tells: exchanges of its API, its events.

What they are worth is not known here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PREFIX = "/api"
# A request is read ahead, so that one that the sandbox refuses unread is judged too.
_AHEAD_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer; `path` is as it was sent, percent-encoded, without `/api`.

    `by` is the caller's User-Agent, `accept` and `version` what it sent as Accept and
    X-GitHub-Api-Version. No header that could hold a token is kept.
    """

    method: str
    path: str
    query: str
    by: str
    request_type: str
    request: bytes
    status: int
    response_type: str
    response: bytes
    accept: str = ""
    version: str = ""

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"{self.method} {self.path}{query} -> {self.status}"


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as it was written; `action` is "" for one that has none."""

    name: str
    action: str
    payload: bytes

    def __str__(self) -> str:
        return f"event {self.name} {self.action}".rstrip()


class Tape:
    """Exchanges and events in their order; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[Exchange | RecordedEvent] = []

    def keep(self, item: Exchange | RecordedEvent) -> None:
        with self._lock:
            self._kept.append(item)

    def take(self) -> list[Exchange | RecordedEvent]:
        with self._lock:
            kept, self._kept = self._kept, []
        return kept


class Recorder:
    def __init__(self, app: ASGIApp, tape: Tape) -> None:
        self._app, self._tape = app, tape

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(f"{_PREFIX}/"):
            await self._app(scope, receive, send)
            return
        messages = await _ahead(receive)
        content = b"".join(message.get("body", b"") for message in messages)
        sender = _Sender(send, lambda sent: self._tape.keep(_exchange(scope, content, sent)))
        await self._app(scope, _replayed(messages, receive), sender)


class _Sender:
    """Passes an answer on; tells of it before its last byte leaves, so that nobody is faster."""

    def __init__(self, send: Send, tell: Callable[[list[Message]], None]) -> None:
        self._send, self._tell = send, tell
        self._messages: list[Message] = []
        # The server's own end, through which the sandbox hangs up on a caller.
        self.__self__ = getattr(send, "__self__", None)

    async def __call__(self, message: Message) -> None:
        self._messages.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self._tell(self._messages)
        await self._send(message)


async def _ahead(receive: Receive) -> list[Message]:
    messages: list[Message] = []
    size = 0
    while not messages or (messages[-1].get("more_body") and size <= _AHEAD_BYTES):
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
    return messages


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replay() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return replay


def _exchange(scope: Scope, content: bytes, sent: list[Message]) -> Exchange:
    request, response = _headers(scope["headers"]), _headers(sent[0]["headers"])
    return Exchange(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1").removeprefix(_PREFIX),
        query=scope["query_string"].decode("latin-1"),
        by=request.get("user-agent", ""),
        request_type=request.get("content-type", ""),
        request=content,
        status=sent[0]["status"],
        response_type=response.get("content-type", ""),
        response=b"".join(message.get("body", b"") for message in sent[1:]),
        accept=request.get("accept", ""),
        version=request.get("x-github-api-version", ""),
    )


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def record(tape: Tape) -> None:
    """Listen to every sandbox of this process from now on."""
    from github_sandbox import events, server  # noqa: PLC0415 - most runs of one test serve nothing

    plain, write = server.application, events.write_event

    def write_event(folder: Path, event: events.Event, *, number: int) -> Path:
        path = write(folder, event, number=number)
        tape.keep(RecordedEvent(event.name, event.action, path.read_bytes()))
        return path

    server.application = lambda instance, log: Recorder(plain(instance, log), tape)
    events.write_event = write_event
