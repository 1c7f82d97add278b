"""What is read of an event, and how a payload that GitHub would not write is refused."""

from __future__ import annotations

import contextlib
import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import errors, event_payload
from interlock.domain.access.event import (
    CommentEvent,
    Event,
    EventKind,
    Head,
    PullRequest,
    ReviewEvent,
    RunEvent,
)

SHA, BASE_SHA = "b" * 40, "a" * 40
USUAL = {
    "repository": {"full_name": "acme/models", "default_branch": "main"},
    "sender": {"login": "octocat", "type": "User"},
}
OURS = {"full_name": "acme/models"}
PULL = {
    "number": 7,
    "user": {"login": "octocat"},
    "head": {"ref": "better", "sha": SHA, "repo": OURS},
    "base": {"ref": "main", "sha": BASE_SHA, "repo": OURS},
}
PAYLOADS: dict[str, dict[str, Any]] = {
    "pull_request": {"action": "opened", "pull_request": PULL, **USUAL},
    "pull_request_review": {
        "action": "submitted",
        "pull_request": PULL,
        "review": {
            "id": 5,
            "user": {"login": "hubot"},
            "state": "APPROVED",
            "body": None,
            "commit_id": SHA,
        },
        **USUAL,
    },
    "issue_comment": {
        "action": "created",
        "issue": {"number": 7, "pull_request": {"url": "https://example.com"}},
        "comment": {
            "id": 11,
            "user": {"login": "octocat"},
            "body": "/interlock help\r\n\U0001f600",
            "created_at": "2026-01-02T03:04:05Z",
            "updated_at": "2026-01-02T03:04:05Z",
        },
        **USUAL,
    },
    "merge_group": {
        "action": "checks_requested",
        "merge_group": {
            "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-a",
            "head_sha": SHA,
            "base_sha": BASE_SHA,
        },
        **USUAL,
    },
    "push": {"ref": "refs/heads/main", "after": SHA, "before": BASE_SHA, **USUAL},
    "schedule": {"schedule": "30 5 * * 1"},
    "workflow_dispatch": {"ref": "refs/heads/main", "inputs": None, **USUAL},
    "repository_dispatch": {"action": "retrain", "branch": "main", **USUAL},
    "workflow_run": {
        "action": "completed",
        "workflow_run": {
            "id": 13,
            "event": "pull_request",
            "actor": {"login": "mallory"},
            "conclusion": "success",
            "head_branch": "better",
            "head_sha": SHA,
            "head_repository": {"full_name": "mallory/models"},
        },
        **USUAL,
    },
}
PULL_NOUN = PullRequest(
    number=7,
    author="octocat",
    head=Head(repository="acme/models", ref="better", sha=SHA),
    base=Head(repository="acme/models", ref="main", sha=BASE_SHA),
)
USUALLY = Event(EventKind.OTHER, repository="acme/models", default_branch="main", sender="octocat")


def read(name: str, payload: object) -> Event:
    return event_payload.read(name, json.dumps(payload).encode())


def changed(name: str, path: str, value: object) -> dict[str, Any]:
    """The payload with another value there."""
    made = copy.deepcopy(PAYLOADS[name])
    *way, last = path.split(".")
    place = made
    for key in way:
        place = place[key]
    place[last] = value
    return made


def test_read__a_pull_request() -> None:
    assert read("pull_request", PAYLOADS["pull_request"]) == replace(
        USUALLY, kind=EventKind.PULL_REQUEST, action="opened", number=7, sha=SHA, pull=PULL_NOUN
    )


def test_read__a_review() -> None:
    review = ReviewEvent(id=5, author="hubot", state="approved", body="", sha=SHA)
    assert read("pull_request_review", PAYLOADS["pull_request_review"]) == replace(
        USUALLY,
        kind=EventKind.REVIEW,
        action="submitted",
        number=7,
        sha=SHA,
        pull=PULL_NOUN,
        review=review,
    )


def test_read__a_comment_on_a_pull_request() -> None:
    time = "2026-01-02T03:04:05Z"
    comment = CommentEvent(
        id=11,
        author="octocat",
        body="/interlock help\r\n\U0001f600",
        created_at=time,
        updated_at=time,
    )
    assert read("issue_comment", PAYLOADS["issue_comment"]) == replace(
        USUALLY, kind=EventKind.COMMENT, action="created", number=7, comment=comment
    )


def test_read__a_comment_on_an_issue_is_another_event() -> None:
    for absent in ({"number": 7}, {"number": 7, "pull_request": None}):
        assert (
            read("issue_comment", changed("issue_comment", "issue", absent)).kind is EventKind.OTHER
        )


def test_read__events_with_a_ref_or_a_commit() -> None:
    events_read = {name: read(name, PAYLOADS[name]) for name in PAYLOADS}
    assert {name: (event.ref, event.sha) for name, event in events_read.items() if event.ref} == {
        "merge_group": ("refs/heads/gh-readonly-queue/main/pr-7-a", SHA),
        "push": ("refs/heads/main", SHA),
        "workflow_dispatch": ("refs/heads/main", ""),
    }
    assert events_read["merge_group"].base == BASE_SHA
    assert [event.kind.value for event in events_read.values()] == list(PAYLOADS)


def test_read__a_push_that_deletes_has_no_commit() -> None:
    assert read("push", changed("push", "after", "0" * 40)).sha == ""


def test_read__a_finished_run() -> None:
    event = read("workflow_run", PAYLOADS["workflow_run"])
    head = Head(repository="mallory/models", ref="better", sha=SHA)
    assert event.run == RunEvent(13, "pull_request", "mallory", "success", head)
    assert event.sha == SHA


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("pull_request", "pull_request.head.repo"),
        ("pull_request", "pull_request.user"),
        ("pull_request", "sender"),
        ("issue_comment", "comment.user"),
        ("pull_request_review", "review.user"),
        ("workflow_run", "workflow_run.head_repository"),
        ("workflow_run", "workflow_run.head_branch"),
        ("workflow_run", "workflow_run.actor"),
        ("workflow_run", "workflow_run.conclusion"),
    ],
)
def test_read__deleted_objects_are_null(name: str, path: str) -> None:
    """A deleted fork, account or branch; the event is still one."""
    assert read(name, changed(name, path, None)).kind == name


def test_read__a_deleted_fork_has_no_name() -> None:
    event = read("pull_request", changed("pull_request", "pull_request.head.repo", None))
    assert event.pull is not None
    assert event.pull.head == Head(repository="", ref="better", sha=SHA)


@pytest.mark.parametrize("name", ["watch", "pull_request_target", "check_run", "", "\0", "x" * 999])
def test_read__other_events(name: str) -> None:
    assert read(name, {**USUAL, "pull_request": PULL}) == Event(EventKind.OTHER)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("pull_request", "pull_request.number", "7"),
        ("pull_request", "pull_request.number", True),
        ("pull_request", "pull_request.number", 0),
        ("pull_request", "pull_request.number", 7.0),
        ("pull_request", "pull_request", []),
        ("pull_request", "pull_request.head", None),
        ("pull_request", "pull_request.head.sha", "B" * 40),
        ("pull_request", "pull_request.head.sha", f"{SHA}\n"),
        ("pull_request", "pull_request.head.sha", "main"),
        ("pull_request", "pull_request.head.ref", "--upload-pack=x"),
        ("pull_request", "pull_request.head.ref", "a b"),
        ("pull_request", "pull_request.head.ref", "a\nb"),
        ("pull_request", "pull_request.head.ref", ""),
        ("pull_request", "pull_request.head.repo.full_name", "acme/models/../x"),
        ("pull_request", "pull_request.head.repo.full_name", "models"),
        ("pull_request", "pull_request.head.repo", "acme/models"),
        ("pull_request", "pull_request.user.login", "octo cat"),
        ("pull_request", "repository", None),
        ("pull_request", "sender.login", ["octocat"]),
        ("pull_request", "action", "open\nclose"),
        ("push", "ref", None),
        ("push", "after", "HEAD"),
        ("workflow_dispatch", "ref", {"a": 1}),
        ("merge_group", "merge_group", None),
        ("issue_comment", "issue", 7),
        ("issue_comment", "comment.body", ["x"]),
        ("issue_comment", "comment.body", "half a \ud83d"),
        ("issue_comment", "comment.body", "nul \0"),
        ("issue_comment", "comment.id", None),
        ("pull_request_review", "review.commit_id", None),
        ("workflow_run", "workflow_run.head_sha", None),
        ("workflow_run", "workflow_run.head_branch", "-b"),
    ],
)
def test_read__names_an_invalid_field(name: str, path: str, value: object) -> None:
    with pytest.raises(errors.CannotReadDocument) as caught:
        read(name, changed(name, path, value))
    assert f"the event {name} is malformed: {path.rsplit('.', 1)[0]}" in caught.value.message
    assert "GITHUB_EVENT_PATH" in caught.value.hint
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b'{"a": "\xff"}', "is not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "is not UTF-8"),
        (b"\xef\xbb\xbf{}", "is not JSON"),
        (b'{"a":' * 100_000, "is not JSON"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "is not JSON"),
    ],
    ids=["empty", "cut", "list", "null", "latin", "utf-16", "bom", "deep", "digits"],
)
@pytest.mark.parametrize("name", ["pull_request", "watch"])
def test_read__invalid_payloads(name: str, payload: bytes, words: str) -> None:
    with pytest.raises(errors.CannotReadDocument, match=words):
        event_payload.read(name, payload)


def test_read__limit() -> None:
    payload = json.dumps(PAYLOADS["push"]).encode()
    assert event_payload.read("push", payload, limit=len(payload)).kind is EventKind.PUSH
    with pytest.raises(errors.CannotReadDocument, match="more than"):
        event_payload.read("push", payload, limit=len(payload) - 1)


def test_read_file__limit_and_unreadable_files(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(PAYLOADS["push"]))
    assert event_payload.read_file(path, name="push") == read("push", PAYLOADS["push"])
    with pytest.raises(errors.CannotReadDocument, match="more than 10 bytes"):
        event_payload.read_file(path, name="push", limit=10)
    for wrong in (tmp_path, tmp_path / "none"):
        with pytest.raises(errors.CannotReadDocument, match="cannot be read"):
            event_payload.read_file(wrong, name="push")


@given(name=st.sampled_from([*PAYLOADS, "watch"]), payload=st.binary(max_size=200))
def test_read__any_bytes_are_read_or_refused(name: str, payload: bytes) -> None:
    _read_or_refuse(name, payload)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data(), name=st.sampled_from(sorted(PAYLOADS)), value=_JSON)
def test_read__anything_in_any_place_is_read_or_refused(
    data: st.DataObject, name: str, value: object
) -> None:
    payload = copy.deepcopy(PAYLOADS[name])
    place: dict[str, Any] = payload
    key = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)))
    place[key] = value
    _read_or_refuse(name, json.dumps(payload).encode())


def _read_or_refuse(name: str, payload: bytes) -> None:
    with contextlib.suppress(errors.CannotReadDocument):
        assert isinstance(event_payload.read(name, payload), Event)
