"""pytest's side: what a GitHub on loopback is asked and tells is judged in the test that made it.

An exchange or event that differs from one judged before in numbers, SHAs or node ids alone is not
judged again.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Generator
from dataclasses import astuple
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from tests.contract.openapi_tape import Exchange, RecordedEvent, Tape, record

_DOCUMENT = ("@octokit", "openapi", "generated", "api.github.com.json")
_NUMBER = re.compile(rb'(?<="node_id": ")[^"]+|[0-9a-f]{12,}|[0-9]+')
_JUDGED = "openapi_seen"


class Watch:
    """The tape of this process, what was judged on it, and how often each kind was seen."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.exchanges: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.off = ""
        self._judged: set[bytes] = set()
        self._description: Any = None

    def judge(self) -> None:
        """Fail the running test for what does not fit."""
        exchanges = self.tape.take()
        if not exchanges or not self._load():
            return
        lines = [f"{item}\n    {each}" for item in exchanges for each in self._complaints(item)]
        if lines:
            pytest.fail("not as GitHub describes it:\n  " + "\n  ".join(lines), pytrace=False)

    def _complaints(self, item: Exchange | RecordedEvent) -> list[str]:
        from tests.contract import openapi, webhooks  # noqa: PLC0415 - half a second for few tests

        if isinstance(item, RecordedEvent):
            self.events[str(item)] += 1
            return webhooks.complaints(item) if self._is_new(item) else []
        self.exchanges[f"{item.status} {openapi.name_of(self._description, item)}"] += 1
        return openapi.complaints(self._description, item) if self._is_new(item) else []

    def _is_new(self, item: Exchange | RecordedEvent) -> bool:
        parts = (p if isinstance(p, bytes) else str(p).encode() for p in astuple(item))
        key = blake2b(_NUMBER.sub(b"0", b"\0".join(parts)), digest_size=16).digest()
        if key in self._judged:
            return False
        self._judged.add(key)
        return True

    def _load(self) -> bool:
        """Load the description; without Node's packages there is none, which CI does not take."""
        if self._description is None and not self.off:
            from tests.contract import node_world, openapi  # noqa: PLC0415 - see _complaints

            try:
                folder = node_world.install()
            except pytest.skip.Exception as why:
                self.off = str(why)
            else:
                self._description = openapi.Description(Path(folder).joinpath(*_DOCUMENT))
        return not self.off


_watch = Watch()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    result = yield
    _watch.judge()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    result = yield
    _watch.judge()
    return result


def pytest_sessionstart(session: pytest.Session) -> None:
    record(_watch.tape)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_JUDGED] = [dict(_watch.exchanges), dict(_watch.events)]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    exchanges, events = getattr(node, "workeroutput", {}).get(_JUDGED, ({}, {}))
    _watch.exchanges.update(exchanges)
    _watch.events.update(events)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    tell = terminalreporter.write_line
    if _watch.off:
        tell(f"GitHub's API was not held to its description: {_watch.off}")
    if _watch.exchanges:
        operations = {name.partition(" ")[2] for name in _watch.exchanges} - {""}
        tell(
            f"GitHub's API: {_watch.exchanges.total()} exchanges held to its description"
            f" ({len(operations)} operations, {len(_watch.exchanges)} operations x statuses)"
        )
        tell(f"GitHub's events: {_watch.events.total()} of {len(_watch.events)} kinds")
    if os.environ.get("INTERLOCK_TESTS_SHOW_GITHUB"):
        for name, count in sorted([*_watch.exchanges.items(), *_watch.events.items()]):
            tell(f"  {count:6} {name}")
