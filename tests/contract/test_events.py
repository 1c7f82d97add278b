"""Our reader of events accepts what GitHub publishes, and what follows from it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from interlock import event_payload
from interlock.domain.access.event import Event, EventKind
from tests.contract import github_events
from tests.contract.github_events import Delivery
from tests.sandbox import scene


def read(delivery: Delivery) -> Event:
    return event_payload.read(delivery.name, json.dumps(delivery.payload).encode())


def test_read__every_published_example() -> None:
    kinds = Counter(read(delivery).kind for delivery in github_events.published())
    print("published examples that fit their schema:", dict(kinds))
    assert sum(kinds.values()) == 277
    assert kinds == {
        EventKind.OTHER: 233,
        EventKind.PULL_REQUEST: 28,
        EventKind.REVIEW: 3,
        EventKind.MERGE_GROUP: 1,
        EventKind.PUSH: 6,
        EventKind.DISPATCH: 1,
        EventKind.REPOSITORY_DISPATCH: 1,
        EventKind.RUN_ENDED: 4,
    }


def test_read__derived_examples() -> None:
    kinds = Counter(read(delivery).kind for delivery in github_events.derived())
    print("derived events:", dict(kinds))
    assert kinds == {
        EventKind.PULL_REQUEST: 28 * 5 + 9,
        EventKind.REVIEW: 3 * 4,
        EventKind.COMMENT: 8,
        EventKind.PUSH: 6 * 8,
        EventKind.DISPATCH: 8,
        EventKind.RUN_ENDED: 4 * 3,
    }
    beyond = Counter(read(delivery).kind for delivery in github_events.beyond_schemas())
    assert beyond == {EventKind.SCHEDULE: 2, EventKind.REVIEW: 3}


def test_read__events_of_the_sandbox(tmp_path: Path) -> None:
    with scene.serve(tmp_path) as stage:
        pull = stage.open_pull()
        stage.post(f"/issues/{pull['number']}/comments", body="/interlock help")
        stage.pass_check(pull["head"]["sha"])
        stage.merge(pull["number"])
        stage.post("/dispatches", event_type="retrain")
        sandbox_events = [
            (e.name, event_payload.read(e.name, json.dumps(e.payload).encode()))
            for e in stage.events
        ]
    kinds = {name: event.kind for name, event in sandbox_events}
    assert {kind for name, kind in kinds.items() if kind is not EventKind.OTHER} == {
        EventKind.PULL_REQUEST,
        EventKind.COMMENT,
        EventKind.PUSH,
        EventKind.REPOSITORY_DISPATCH,
    }
    assert {name for name, kind in kinds.items() if kind is EventKind.OTHER}.isdisjoint(EventKind)
    assert {
        event.repository for _, event in sandbox_events if event.kind is not EventKind.OTHER
    } == {scene.REPOSITORY}


def test_read__a_fork_and_a_deleted_fork_differ() -> None:
    pulls = [d for d in github_events.derived() if d.name == "pull_request"]
    gone = [d for d in pulls if d.is_of == "its fork deleted"]
    forks = [d for d in pulls if d.is_of.startswith("from the fork mallory/")]
    assert len(gone) == len(forks) == 28
    for delivery, repository in [(gone[0], ""), (forks[0], "mallory/Hello-World")]:
        event = read(delivery)
        assert event.pull is not None
        assert event.pull.head.repository == repository
        assert event.pull.base.repository == event.repository == "Codertocat/Hello-World"
        assert event.sha == delivery.payload["pull_request"]["head"]["sha"]


def test_read__a_comment_keeps_its_text_and_pull_request() -> None:
    for delivery in (d for d in github_events.derived() if d.name == "issue_comment"):
        event, comment = read(delivery), delivery.payload["comment"]
        assert event.comment is not None
        assert event.comment.body == comment["body"]
        assert event.comment.author == comment["user"]["login"]
        assert event.number == delivery.payload["issue"]["number"]
