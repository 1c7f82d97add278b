"""Kinds of events are named as GitHub names what starts a workflow."""

from __future__ import annotations

import pytest

from interlock.domain.access.event import Event, EventKind, Head, PullRequest


def test_event__other_fields_are_empty() -> None:
    event = Event(EventKind.OTHER)
    assert (event.repository, event.sender, event.ref, event.sha, event.number) == ("",) * 4 + (0,)
    assert (event.pull, event.comment, event.review, event.run) == (None,) * 4


def test_event__is_frozen() -> None:
    head = Head(repository="acme/models", ref="better", sha="b" * 40)
    pull = PullRequest(number=1, author="octocat", head=head, base=head)
    with pytest.raises(AttributeError):
        pull.head.sha = "c" * 40  # type: ignore[misc]
