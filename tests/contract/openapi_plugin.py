"""pytest's side: every exchange with a GitHub on loopback is judged in the test that made it.

An exchange that differs from one judged before in numbers alone is not judged again.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Generator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from tests.contract.openapi_tape import Exchange, Tape, record

_DOCUMENT = ("@octokit", "openapi", "generated", "api.github.com.json")
_NUMBER = re.compile(rb"[0-9a-f]{40,}|[0-9]+")
_SEEN = "openapi_seen"


class Watch:
    """The tape of this process, what was judged on it, and how often each operation was seen."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.seen: Counter[tuple[str, int]] = Counter()
        self.off = ""
        self._judged: set[bytes] = set()
        self._description: Any = None

    def judge(self) -> None:
        """Fail the running test for what does not fit."""
        exchanges = self.tape.take()
        if not exchanges or not self._load():
            return
        from tests.contract import openapi  # noqa: PLC0415 - half a second that most tests need not

        found: list[str] = []
        for exchange in exchanges:
            name = openapi.name_of(self._description, exchange)
            self.seen[name, exchange.status] += 1
            if self._is_new(exchange):
                said = openapi.complaints(self._description, exchange)
                found += [f"{exchange}\n    {complaint}" for complaint in said]
        if found:
            pytest.fail("not as GitHub describes its API:\n  " + "\n  ".join(found), pytrace=False)

    def _is_new(self, exchange: Exchange) -> bool:
        parts = (str(exchange), exchange.by, exchange.request_type, exchange.response_type)
        raw = b"\0".join([*(p.encode() for p in parts), exchange.request, exchange.response])
        key = blake2b(_NUMBER.sub(b"0", raw), digest_size=16).digest()
        if key in self._judged:
            return False
        self._judged.add(key)
        return True

    def _load(self) -> bool:
        """Load the description; without Node's packages there is none, which CI does not take."""
        if self._description is None and not self.off:
            from tests.contract import node_world, openapi  # noqa: PLC0415 - see judge

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
        output[_SEEN] = [[*key, count] for key, count in _watch.seen.items()]


def pytest_testnodedown(node: Any) -> None:
    for name, status, count in getattr(node, "workeroutput", {}).get(_SEEN, ()):
        _watch.seen[name, status] += count


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _watch.off:
        terminalreporter.write_line(f"GitHub's API was not held to its description: {_watch.off}")
    if _watch.seen:
        operations = len({name for name, _ in _watch.seen if name})
        terminalreporter.write_line(
            f"GitHub's API: {_watch.seen.total()} exchanges fit its description"
            f" ({operations} operations, {len(_watch.seen)} operations x statuses)"
        )
        if os.environ.get("INTERLOCK_TESTS_SHOW_API"):
            for (name, status), count in sorted(_watch.seen.items()):
                terminalreporter.write_line(f"  {count:6} {status} {name or 'undescribed'}")
