"""The table of who may have what done, and how a run's trust follows from its event."""

from __future__ import annotations

from itertools import pairwise

import pytest

from interlock.domain.access import permissions
from interlock.domain.access.event import Event, EventKind, Head, PullRequest
from interlock.domain.access.permissions import JobKind, Trust

OURS = "acme/models"
BASE = Head(repository=OURS, ref="main", sha="a" * 40)
# Written out once more: a change of the table is made in both places, on purpose.
MAY = [
    # plan, report, command, train, evaluate, promote, retrain
    (Trust.FORK, "p......"),
    (Trust.BOT, "p......"),
    (Trust.OUTSIDER, "prc...."),
    (Trust.BRANCH, "prcte.."),
    (Trust.MAIN, "prctePR"),
]
JOBS = list(JobKind)


def pull_event(
    head: str, *, sender: str = "octocat", kind: EventKind = EventKind.PULL_REQUEST
) -> Event:
    pull = PullRequest(
        number=1,
        author="octocat",
        head=Head(repository=head, ref="better", sha="b" * 40),
        base=BASE,
    )
    return Event(kind, repository=OURS, default_branch="main", sender=sender, pull=pull)


def ref_event(
    kind: EventKind, ref: str, *, sender: str = "octocat", default: str = "main"
) -> Event:
    return Event(kind, repository=OURS, default_branch=default, sender=sender, ref=ref)


def test_may__is_the_table() -> None:
    cells = [(row, job, mark) for row, marks in MAY for job, mark in zip(JOBS, marks, strict=True)]
    assert len(cells) == len(Trust) * len(JobKind) == 35
    for row, job, mark in cells:
        assert permissions.may(row, job) is (mark != "."), (row, job)


def test_table__each_row_includes_the_rows_above_it() -> None:
    assert list(permissions.TABLE) == list(Trust)
    for less, more in pairwise(permissions.TABLE.values()):
        assert less <= more


def test_table__only_main_promotes_and_only_our_own_code_trains() -> None:
    assert [t for t in Trust if permissions.may(t, JobKind.PROMOTE)] == [Trust.MAIN]
    assert [t for t in Trust if permissions.may(t, JobKind.TRAIN)] == [Trust.BRANCH, Trust.MAIN]


@pytest.mark.parametrize("kind", [EventKind.PULL_REQUEST, EventKind.REVIEW])
@pytest.mark.parametrize(
    ("head", "sender", "expected"),
    [
        (OURS, "octocat", Trust.BRANCH),
        ("Acme/Models", "octocat", Trust.BRANCH),  # GitHub's names differ by more than case
        ("mallory/models", "mallory", Trust.FORK),
        ("acme/models-2", "mallory", Trust.FORK),
        ("", "mallory", Trust.FORK),  # a fork that was deleted
        (OURS, "dependabot[bot]", Trust.BOT),
        ("mallory/models", "dependabot[bot]", Trust.FORK),
        (OURS, "acme-interlock[bot]", Trust.BRANCH),  # an App that may push
    ],
)
def test_trust_of__a_pull_request(kind: EventKind, head: str, sender: str, expected: Trust) -> None:
    assert permissions.trust_of(pull_event(head, sender=sender, kind=kind)) is expected


def test_trust_of__an_empty_pull_request() -> None:
    assert permissions.trust_of(Event(EventKind.PULL_REQUEST, repository=OURS)) is Trust.FORK
    nowhere = Event(EventKind.PULL_REQUEST, pull=pull_event("").pull)
    assert permissions.trust_of(nowhere) is Trust.FORK


@pytest.mark.parametrize("kind", [EventKind.PUSH, EventKind.DISPATCH])
@pytest.mark.parametrize(
    ("ref", "sender", "default", "expected"),
    [
        ("refs/heads/main", "octocat", "main", Trust.MAIN),
        ("refs/heads/trunk", "octocat", "trunk", Trust.MAIN),
        ("refs/heads/main", "octocat", "trunk", Trust.BRANCH),
        ("refs/heads/topic", "octocat", "main", Trust.BRANCH),
        ("refs/heads/x/main", "octocat", "main", Trust.BRANCH),
        ("refs/tags/main", "octocat", "main", Trust.BRANCH),
        ("main", "octocat", "main", Trust.BRANCH),
        ("refs/heads/", "octocat", "", Trust.BRANCH),
        ("refs/heads/dependabot/pip", "dependabot[bot]", "main", Trust.BOT),
        ("refs/heads/main", "dependabot[bot]", "main", Trust.BOT),  # it gets no secrets there
    ],
)
def test_trust_of__a_push_and_a_dispatch(
    kind: EventKind, ref: str, sender: str, default: str, expected: Trust
) -> None:
    assert permissions.trust_of(ref_event(kind, ref, sender=sender, default=default)) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (EventKind.MERGE_GROUP, Trust.BRANCH),
        (EventKind.SCHEDULE, Trust.MAIN),
        (EventKind.REPOSITORY_DISPATCH, Trust.MAIN),
        (EventKind.RUN_ENDED, Trust.OUTSIDER),
        (EventKind.COMMENT, Trust.OUTSIDER),
        (EventKind.OTHER, Trust.FORK),
    ],
)
def test_trust_of__the_other_kinds(kind: EventKind, expected: Trust) -> None:
    assert permissions.trust_of(Event(kind)) is expected


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("admin", Trust.MAIN),
        ("maintain", Trust.MAIN),
        ("write", Trust.MAIN),
        ("triage", Trust.OUTSIDER),
        ("read", Trust.OUTSIDER),
        ("none", Trust.OUTSIDER),
        ("", Trust.OUTSIDER),
        ("WRITE", Trust.OUTSIDER),
    ],
)
def test_trust_of__a_comment_by_its_authors_permission(permission: str, expected: Trust) -> None:
    assert permissions.trust_of(Event(EventKind.COMMENT), permission=permission) is expected


@pytest.mark.parametrize("kind", list(EventKind))
def test_trust_of__a_permission_changes_only_a_comment(kind: EventKind) -> None:
    lifted = permissions.trust_of(Event(kind), permission="admin") is not permissions.trust_of(
        Event(kind)
    )
    assert lifted is (kind is EventKind.COMMENT)


def test_condition__is_short_enough_to_be_read() -> None:
    branches = permissions.condition(
        JobKind.TRAIN, events=[EventKind.PULL_REQUEST, EventKind.MERGE_GROUP]
    )
    assert branches == (
        "(github.event_name == 'pull_request'"
        " && github.event.pull_request.head.repo.full_name == github.repository"
        " && github.actor != 'dependabot[bot]') || github.event_name == 'merge_group'"
    )
    promoted = permissions.condition(
        JobKind.PROMOTE, events=[EventKind.PUSH, EventKind.DISPATCH, EventKind.SCHEDULE]
    )
    assert promoted == (
        "((github.event_name == 'push' || github.event_name == 'workflow_dispatch')"
        " && github.actor != 'dependabot[bot]' && github.ref == "
        "format('refs/heads/{0}', github.event.repository.default_branch))"
        " || github.event_name == 'schedule'"
    )
    condition = permissions.condition(JobKind.EVALUATE, events=[EventKind.COMMENT])
    assert condition == (
        "github.event_name == 'issue_comment' && github.event.issue.pull_request"
        " && needs.command.outputs.evaluate == 'true'"
    )


def test_condition__always_and_never() -> None:
    assert permissions.condition(JobKind.PLAN) == "true"
    assert (
        permissions.condition(
            JobKind.PROMOTE, events=[EventKind.PULL_REQUEST, EventKind.MERGE_GROUP]
        )
        == "false"
    )
    assert (
        permissions.condition(JobKind.TRAIN, events=[EventKind.RUN_ENDED, EventKind.OTHER])
        == "false"
    )
    assert permissions.condition(JobKind.REPORT, events=[]) == "false"
