"""Windows: every row belongs to exactly one, each is recorded once, whatever ticks come."""

from __future__ import annotations

from interlock.domain import moments, windows
from interlock.domain.monitor import WindowRule
from interlock.domain.windows import Window


def at(text: str) -> int:
    found = moments.read(text)
    assert found is not None
    return found


DAILY = WindowRule()


def test_due__a_day_after_the_last() -> None:
    since = at("2026-11-02")
    assert windows.due(DAILY, since=since, now=at("2026-11-02T23:59:59")) == ()
    expected = (Window(since, at("2026-11-03")),)
    assert windows.due(DAILY, since=since, now=at("2026-11-03")) == expected
