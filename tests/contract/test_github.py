"""What every GitHub keeps, in memory or over REST: one comment, one check, nothing said twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from interlock.ports.github import (
    Annotation,
    Check,
    Comment,
    Conclusion,
    Deployment,
    GitHub,
    Pull,
    Reaction,
    Review,
)
from tests import github_pulls
from tests.fakes.github import FakeGitHub, Hub
from tests.github_pulls import ServedPull

MARKER = "<!-- marker -->"
AT = "2030-01-01T12:00:00Z"
RULES = frozenset({"non_fast_forward", "deletion", "required_linear_history"})


@dataclass
class Place:
    """A GitHub with one open pull request, seen by us, by a stranger, and from outside."""

    us: GitHub
    stranger: GitHub
    pull: Pull
    comments: Callable[[], list[tuple[str, str]]]
    checks: Callable[[], list[Check]]
    deployments: Callable[[], list[Deployment]]
    writes: Callable[[], int]
    say: Callable[[str], int]
    """A comment by octocat; its id."""
    approve: Callable[[], int]
    """An approving review of the head by mona; its id."""
    reactions: Callable[[int], list[tuple[str, str]]]
    protect: Callable[[str], None]
    """Add the three rules of a ledger to a branch."""


def in_memory(_: Callable[[], ServedPull]) -> Place:
    pull = Pull(
        number=1,
        title="Better parameters",
        body="",
        author="octocat",
        state="open",
        head_sha="b" * 40,
        head_ref="better-0",
        head_repository="acme/models",
        base_ref="main",
        base_sha="a" * 40,
        base_repository="acme/models",
    )
    hub = Hub(pulls={1: pull}, permissions={"octocat": "write"}, committers={1: ["hubber"]})

    def say(text: str) -> int:
        hub.posted[7] = Comment(7, 1, "octocat", text, AT, AT)
        return 7

    def approve() -> int:
        hub.reviews.setdefault(1, []).append(Review(8, "mona", "APPROVED", pull.head_sha, AT))
        return 8

    return Place(
        us=FakeGitHub(hub),
        stranger=FakeGitHub(hub, login="mallory"),
        pull=pull,
        comments=lambda: [(author, body) for author, body in hub.comments.get(1, [])],
        checks=lambda: list(hub.checks),
        deployments=lambda: list(hub.deployments),
        writes=lambda: hub.writes,
        say=say,
        approve=approve,
        reactions=lambda comment: [(who, what.value) for who, what in hub.reactions[comment]],
        protect=lambda branch: hub.rules.update({branch: RULES}),
    )


def on_loopback(open_pull: Callable[[], ServedPull]) -> Place:
    world = open_pull()
    world.hub.create_user("hubber")
    world.hub.create_user("mallory", repository=github_pulls.REPOSITORY, permission="write")
    token = world.hub.create_token("interlock", bot=True)
    us = world.adapter(token=token, login="interlock[bot]")
    pull = us.find_pull(world.number)
    assert pull is not None
    return Place(
        us=us,
        stranger=world.adapter(token=world.hub.create_token("mallory"), login="mallory"),
        pull=pull,
        comments=world.comments,
        checks=lambda: _checks(world),
        deployments=lambda: _deployments(world),
        writes=lambda: sum(
            world.hub.count(method=method, path_pattern="/api/")
            for method in ("POST", "PATCH", "PUT", "DELETE")
        ),
        say=lambda text: world.send("POST", f"/issues/{world.number}/comments", {"body": text})[
            "id"
        ],
        approve=lambda: _approve(world),
        reactions=lambda comment: [
            (each["user"]["login"], each["content"])
            for each in world.get(f"/issues/comments/{comment}/reactions")
        ],
        protect=lambda branch: world.hub.protect_branch(github_pulls.REPOSITORY, branch),
    )


def _approve(world: ServedPull) -> int:
    world.hub.create_user("mona", repository=github_pulls.REPOSITORY, permission="write")
    mona = {"Authorization": f"Bearer {world.hub.create_token('mona')}"}
    path = f"/api/repos/{github_pulls.REPOSITORY}/pulls/{world.number}/reviews"
    answer = world.client.post(path, json={"event": "APPROVE"}, headers=mona)
    return int(answer.json()["id"])


def _checks(world: ServedPull) -> list[Check]:
    checks = []
    for run in world.check_runs():
        annotations = world.get(f"/check-runs/{run['id']}/annotations?per_page=100")
        checks.append(
            Check(
                name=run["name"],
                head_sha=run["head_sha"],
                conclusion=Conclusion(run["conclusion"]) if run["conclusion"] else None,
                title=run["output"]["title"],
                summary=run["output"]["summary"],
                text=run["output"]["text"] or "",
                annotations=tuple(
                    Annotation(
                        i["path"], i["start_line"], i["annotation_level"], i["title"], i["message"]
                    )
                    for i in annotations
                ),
            )
        )
    return checks


def _deployments(world: ServedPull) -> list[Deployment]:
    deployments = []
    for item in world.get(f"/deployments?sha={world.head_sha}"):
        states = world.get(f"/deployments/{item['id']}/statuses")
        deployments.append(
            Deployment(
                key=item["payload"]["interlock"],
                sha=item["sha"],
                environment=item["environment"],
                description=item["description"],
                state=states[0]["state"],
                url=states[0].get("log_url") or "",
            )
        )
    return deployments


@pytest.fixture(scope="module")
def open_pull(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ServedPull]]:
    with github_pulls.serve(tmp_path_factory.mktemp("github")) as made:
        yield made


@pytest.fixture(params=[in_memory, on_loopback], ids=["fake", "pygithub"])
def place(request: pytest.FixtureRequest, open_pull: Callable[[], ServedPull]) -> Place:
    made: Place = request.param(open_pull)
    return made


def check(place: Place) -> Check:
    return Check(
        name="interlock",
        head_sha=place.pull.head_sha,
        conclusion=Conclusion.FAILURE,
        title="digits fails",
        summary="It fails.",
        text="Details.",
        annotations=(Annotation("params.yaml", 1, "failure", "digits", "c changed"),),
    )


def test_find_pull__tells_an_open_pull_request(place: Place) -> None:
    assert (place.pull.title, place.pull.base_ref) == ("Better parameters", "main")
    assert place.pull.head_ref.startswith("better-")
    assert not place.pull.is_fork
    assert not place.pull.merged
    assert place.pull.merge_commit_sha == ""


def test_find_pull__unknown_number_is_none(place: Place) -> None:
    assert place.us.find_pull(4711) is None


def test_pulls_of_commit__finds_the_one_whose_head_it_is(place: Place) -> None:
    assert [p.number for p in place.us.pulls_of_commit(place.pull.head_sha)] == [place.pull.number]


def test_open_issues__are_ours(place: Place) -> None:
    assert place.us.open_issues() == ()
    markers = (MARKER, MARKER.replace("marker", "other"))
    for marker in markers:
        place.us.upsert_issue(marker=marker, title="One", body=f"text\n{marker}")
    place.us.close_issue(marker=markers[0])
    (issue,) = place.us.open_issues()
    assert markers[1] in issue.body


def test_open_pulls__are_those_of_every_branch(place: Place) -> None:
    assert place.pull.number in [pull.number for pull in place.us.open_pulls()]
    assert all(pull.is_open for pull in place.us.open_pulls())


def test_pulls_from__finds_the_open_one_of_a_branch(place: Place) -> None:
    pulls = place.us.pulls_from(f"acme:{place.pull.head_ref}")
    assert [p.number for p in pulls] == [place.pull.number]
    assert place.us.pulls_from(f"mallory:{place.pull.head_ref}") == ()
    assert place.us.pulls_from("acme:main") == ()


def test_upsert_comment__is_created_then_updated_in_place(place: Place) -> None:
    for text in ("planned", "judged"):
        place.us.upsert_comment(place.pull.number, marker=MARKER, body=f"{text} {MARKER}")
    assert place.comments() == [("interlock[bot]", f"judged {MARKER}")]


def test_upsert_comment__the_same_text_writes_nothing(place: Place) -> None:
    url = place.us.upsert_comment(place.pull.number, marker=MARKER, body=f"same {MARKER}\n")
    before = place.writes()
    again = place.us.upsert_comment(place.pull.number, marker=MARKER, body=f"same {MARKER}\n")
    assert place.writes() == before
    assert again == url


def test_upsert_comment__marker_of_another_author_is_left_alone(place: Place) -> None:
    place.stranger.upsert_comment(place.pull.number, marker=MARKER, body=f"forged {MARKER}")
    place.us.upsert_comment(place.pull.number, marker=MARKER, body=f"true {MARKER}")
    place.us.upsert_comment(place.pull.number, marker=MARKER, body=f"truer {MARKER}")
    assert place.comments() == [
        ("mallory", f"forged {MARKER}"),
        ("interlock[bot]", f"truer {MARKER}"),
    ]


def test_upsert_comment__takes_over_a_comment_of_another_tool_of_ours(place: Place) -> None:
    place.us.upsert_comment(place.pull.number, marker="<!-- cml -->", body="plots <!-- cml -->")
    place.us.upsert_comment(
        place.pull.number, marker=MARKER, body=f"report {MARKER}", adopted=("<!-- cml -->",)
    )
    assert place.comments() == [("interlock[bot]", f"report {MARKER}")]


def test_upsert_check__is_created_then_updated_in_place(place: Place) -> None:
    waiting = replace(check(place), conclusion=None, title="digits trains", annotations=())
    for each in (waiting, check(place)):
        place.us.upsert_check(each)
    assert place.checks() == [check(place)]


def test_upsert_check__the_same_words_write_nothing(place: Place) -> None:
    place.us.upsert_check(check(place))
    before = place.writes()
    place.us.upsert_check(replace(check(place), details_url="https://example.com/another-run"))
    assert place.writes() == before


def test_upsert_check__other_names_and_commits_are_other_checks(place: Place) -> None:
    place.us.upsert_check(check(place))
    place.us.upsert_check(replace(check(place), name="other"))
    assert sorted(c.name for c in place.checks()) == ["interlock", "other"]


def test_upsert_check__many_annotations_all_arrive(place: Place) -> None:
    many = tuple(Annotation("params.yaml", n, "notice", f"n{n}", "why") for n in range(1, 121))
    place.us.upsert_check(replace(check(place), annotations=many))
    (actual,) = place.checks()
    assert len(actual.annotations) in {100, 120}  # what one page of a look from outside shows
    before = place.writes()
    place.us.upsert_check(replace(check(place), annotations=many))
    assert place.writes() == before


def test_upsert_deployment__is_recorded_once_per_key_and_environment(place: Place) -> None:
    record = Deployment(
        key="digits/abc", sha=place.pull.head_sha, environment="staging", description="digits 2"
    )
    place.us.upsert_deployment(record)
    before = place.writes()
    place.us.upsert_deployment(record)
    assert place.writes() == before
    place.us.upsert_deployment(replace(record, environment="production"))
    place.us.upsert_deployment(replace(record, key="diabetes/def"))
    actual = [(d.key, d.environment, d.state) for d in place.deployments()]
    assert sorted(actual) == [
        ("diabetes/def", "staging", "success"),
        ("digits/abc", "production", "success"),
        ("digits/abc", "staging", "success"),
    ]


def test_deployments__of_the_commits_that_are_named(place: Place) -> None:
    sha = place.pull.head_sha
    record = Deployment("digits:1:abc:staging", sha, "staging", "digits version 1")
    other = replace(record, key="digits:1:abc:production", environment="production")
    assert place.us.deployments({sha}) == ()
    place.us.upsert_deployment(record)
    place.us.upsert_deployment(other)
    place.us.upsert_deployment(replace(record, state="inactive"))
    deployments = place.us.deployments({sha, "f" * 40})
    assert set(deployments) == {replace(record, state="inactive"), other}
    assert place.us.deployments({"f" * 40}) == ()


def test_upsert_deployment__a_new_state_is_added_to_the_same_record(place: Place) -> None:
    record = Deployment(
        key="digits/abc",
        sha=place.pull.head_sha,
        environment="staging",
        description="digits 2",
        state="in_progress",
    )
    place.us.upsert_deployment(record)
    place.us.upsert_deployment(replace(record, state="success"))
    assert [d.state for d in place.deployments()] == ["success"]


def test_repository__has_a_number_and_a_default_branch(place: Place) -> None:
    facts = place.us.repository()
    assert facts.id.isdecimal()
    assert facts.default_branch == "main"


def test_branch_rules__of_one_branch(place: Place) -> None:
    place.protect("audit/ledger")
    assert place.us.branch_rules("audit/ledger") == RULES
    assert place.us.branch_rules("audit/other") == frozenset()
    assert place.us.bypass_actors("audit/other") is None


def test_permission__of_a_writer_and_of_a_stranger(place: Place) -> None:
    assert place.us.permission("octocat") == "write"
    assert place.us.permission("nobody-at-all") == "none"


def test_find_comment__as_it_is_now(place: Place) -> None:
    comment = place.us.find_comment(place.say("/interlock plan"))
    assert comment is not None
    assert (comment.pull, comment.author, comment.body) == (
        place.pull.number,
        "octocat",
        "/interlock plan",
    )
    assert comment.created_at == comment.updated_at
    assert place.us.find_comment(4711) is None


def test_react__once_however_often(place: Place) -> None:
    comment = place.say("/interlock train 89abcde")
    for reaction in (Reaction.STARTED, Reaction.STARTED, Reaction.LAUNCHED):
        place.us.react(comment, reaction)
    place.stranger.react(comment, Reaction.REFUSED)
    assert place.reactions(comment) == [
        ("interlock[bot]", "eyes"),
        ("interlock[bot]", "rocket"),
        ("mallory", "confused"),
    ]


def test_reviews__have_author_state_and_commit(place: Place) -> None:
    assert place.us.reviews(place.pull.number) == ()
    made = place.approve()
    (review,) = place.us.reviews(place.pull.number)
    assert review == Review(made, "mona", "APPROVED", place.pull.head_sha, review.at)
    assert datetime.fromisoformat(review.at).tzinfo is not None


def test_change_authors__of_the_pull_request_and_its_commits(place: Place) -> None:
    change_authors = place.us.change_authors(place.pull.number)
    assert (change_authors.users, change_authors.is_complete) == (
        frozenset({"octocat", "hubber"}),
        True,
    )
