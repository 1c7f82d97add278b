"""What every GitHub keeps of what we open ourselves: one issue a marker, one pull a branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

import github_sandbox
from interlock import errors
from interlock.adapters.git import open_repository
from interlock.ports.github import VERDICT, Draft, GitHub
from tests import github_pulls
from tests.fakes.github import FakeGitHub, Hub
from tests.github_pulls import ServedPull

MARKER = "<!-- interlock:data digits -->"
WORKFLOW = "pull-request.yml"


@dataclass
class Place:
    """A GitHub with a branch that no pull request is of, and one with a workflow in it."""

    us: GitHub
    stranger: GitHub
    branch: str
    writes: Callable[[], int]
    reviewers: Callable[[int], list[str]]
    dispatched: Callable[[], list[tuple[str, dict[str, str]]]]
    demand: Callable[[], None]
    allow_auto_merge: Callable[[], None]
    workflow: str = ""


def in_memory(_: Callable[[], ServedPull]) -> Place:
    hub = Hub(branches={"topic": "c" * 40}, permissions={"mona": "write"})
    hub.workflows = (WORKFLOW,)

    def demand() -> None:
        hub.required["main"] = frozenset({VERDICT})

    def allow() -> None:
        hub.allows_auto_merge = True

    return Place(
        us=FakeGitHub(hub),
        stranger=FakeGitHub(hub, login="mallory"),
        branch="topic",
        writes=lambda: hub.writes,
        reviewers=lambda number: hub.reviewers.get(number, []),
        dispatched=lambda: [(name, inputs) for name, _, inputs in hub.dispatched],
        workflow="topic",
        demand=demand,
        allow_auto_merge=allow,
    )


def on_loopback(open_pull: Callable[[], ServedPull]) -> Place:
    world = open_pull()
    for login in ("mallory", "mona"):
        world.hub.create_user(login, repository=github_pulls.REPOSITORY, permission="write")
    world.hub.require_check(github_pulls.REPOSITORY, contexts=())
    world.hub.allow_auto_merge(github_pulls.REPOSITORY, is_allowed=False)
    # The branch of the pull request that came with the world is free once that is closed.
    value = world.get(f"/pulls/{world.number}")
    world.send("PATCH", f"/pulls/{world.number}", {"state": "closed"})
    with_workflow = _push_workflow(world)
    started: list[tuple[str, dict[str, str]]] = []

    def hear(event: github_sandbox.Event) -> None:
        if event.name == "workflow_dispatch":
            name = event.payload["workflow"].rpartition("/")[2]
            started.append((name, event.payload["inputs"]))

    world.hub.on_event(hear)
    token = world.hub.create_token("interlock", bot=True)

    def writes() -> int:
        methods = ("POST", "PATCH", "PUT", "DELETE")
        return sum(world.hub.count(method=each, path_pattern="/api/") for each in methods)

    return Place(
        us=world.adapter(token=token, login="interlock[bot]"),
        stranger=world.adapter(token=world.hub.create_token("mallory"), login="mallory"),
        branch=value["head"]["ref"],
        writes=writes,
        reviewers=lambda number: _reviewers(world, number),
        dispatched=lambda: started,
        workflow=with_workflow,
        demand=lambda: world.hub.require_check(github_pulls.REPOSITORY),
        allow_auto_merge=lambda: world.hub.allow_auto_merge(github_pulls.REPOSITORY),
    )


def _push_workflow(world: ServedPull) -> str:
    """A branch with the workflow in it; its name."""
    repository = open_repository(world.hub.instance.git(github_pulls.REPOSITORY).path)
    files = {f".github/workflows/{WORKFLOW}": b"on: workflow_dispatch"}
    commit = repository.commit(world.head_sha, files, message="A workflow")
    branch = f"flow-{world.number}"
    assert repository.push(commit, f"refs/heads/{branch}", expected=None)
    return branch


def _reviewers(world: ServedPull, number: int) -> list[str]:
    pull = world.get(f"/pulls/{number}")
    people = [user["login"] for user in pull["requested_reviewers"]]
    return people + [team["slug"] for team in pull["requested_teams"]]


@pytest.fixture(scope="module")
def open_pull(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ServedPull]]:
    with github_pulls.serve(tmp_path_factory.mktemp("github")) as made:
        yield made


@pytest.fixture(params=[in_memory, on_loopback], ids=["fake", "pygithub"])
def place(request: pytest.FixtureRequest, open_pull: Callable[[], ServedPull]) -> Iterator[Place]:
    made: Place = request.param(open_pull)
    yield made
    for account in (made.us, made.stranger):
        account.close_issue(marker=MARKER, body="Without a marker it is found no more.")


def issue_of(place: Place, text: str = "Column age is gone.", title: str = "digits: broken") -> int:
    body = f"{text}\n{MARKER}"
    labels = ("interlock", "data")
    url = place.us.upsert_issue(marker=MARKER, title=title, body=body, labels=labels)
    return int(url.rpartition("/")[2])


def test_upsert_issue__is_created_then_updated_in_place(place: Place) -> None:
    assert place.us.find_issue(MARKER) is None
    first = issue_of(place)
    assert issue_of(place, "Columns age and sex are gone.", "digits: still broken") == first
    issue = place.us.find_issue(MARKER)
    assert issue is not None
    assert (issue.number, issue.title, issue.is_open) == (first, "digits: still broken", True)
    assert issue.body.startswith("Columns age and sex")
    assert set(issue.labels) == {"interlock", "data"}
    assert issue.author == "interlock[bot]"
    assert str(first) in issue.url


def test_upsert_issue__the_same_words_write_nothing(place: Place) -> None:
    issue_of(place)
    before = place.writes()
    issue_of(place)
    assert place.writes() == before


def test_upsert_issue__marker_of_another_author_is_left_alone(place: Place) -> None:
    forged = place.stranger.upsert_issue(marker=MARKER, title="Forged", body=f"No. {MARKER}")
    assert issue_of(place) != int(forged.rpartition("/")[2])
    again = place.stranger.find_issue(MARKER)
    assert again is not None
    assert again.title == "Forged"


def test_close_issue__once_and_the_next_time_it_is_opened_again(place: Place) -> None:
    assert place.us.close_issue(marker=MARKER) is None
    number = issue_of(place)
    closed = place.us.close_issue(marker=MARKER, body=f"Mended. {MARKER}")
    assert closed is not None
    assert (closed.number, closed.state, closed.body) == (number, "closed", f"Mended. {MARKER}")
    before = place.writes()
    place.us.close_issue(marker=MARKER, body=f"Mended. {MARKER}")
    assert place.writes() == before
    assert issue_of(place) == number
    again = place.us.find_issue(MARKER)
    assert again is not None
    assert again.is_open


def test_upsert_issue__is_commented_on_like_a_pull_request(place: Place) -> None:
    number = issue_of(place)
    url = place.us.upsert_comment(number, marker="<!-- window -->", body="Seen. <!-- window -->")
    before = place.writes()
    place.us.upsert_comment(number, marker="<!-- window -->", body="Seen. <!-- window -->")
    assert place.writes() == before
    assert url


def draft(place: Place) -> Draft:
    return Draft(head=place.branch, base="main", title="Retrain digits", body="Why.")


def test_open_pull__once_for_a_branch(place: Place) -> None:
    made = place.us.open_pull(draft(place))
    before = place.writes()
    assert place.us.open_pull(draft(place)).number == made.number
    assert place.writes() == before
    assert (made.title, made.base_ref, made.head_ref) == ("Retrain digits", "main", place.branch)
    assert made.is_open
    assert made.closed_at == ""
    mine = [pull.number for pull in place.us.pulls_of_branch(place.branch) if pull.is_open]
    assert mine == [made.number]
    assert place.us.pulls_of_branch("no-such-branch") == ()


def test_edit_pull__says_something_else_and_closes(place: Place) -> None:
    made = place.us.open_pull(draft(place))
    place.us.edit_pull(made.number, title="Retrain digits now", body="Because.")
    pull = place.us.find_pull(made.number)
    assert pull is not None
    assert (pull.title, pull.body, pull.is_open) == ("Retrain digits now", "Because.", True)
    place.us.edit_pull(made.number, title="Retrain digits", body="Over.", state="closed")
    last = place.us.pulls_of_branch(place.branch)[-1]
    assert (last.number, last.is_open, last.merged) == (made.number, False, False)
    assert last.closed_at
    assert place.us.open_pull(draft(place)).number != made.number


@pytest.mark.parametrize("body", ["Because.", "Two\nlines.\n", ""])
def test_edit_pull__that_says_so_already_writes_nothing(place: Place, body: str) -> None:
    made = place.us.open_pull(draft(place))
    place.us.edit_pull(made.number, title="Retrain digits now", body=body)
    before = place.writes()
    place.us.edit_pull(made.number, title="Retrain digits now", body=body)
    assert place.writes() == before
    place.us.edit_pull(made.number, title="Retrain digits now", body=body, state="closed")
    assert place.writes() == before + 1
    place.us.edit_pull(made.number, title="Retrain digits now", body=body, state="closed")
    assert place.writes() == before + 1


def test_labels_and_reviewers__that_are_there_write_nothing(place: Place) -> None:
    made = place.us.open_pull(draft(place))

    def bring() -> int:
        place.us.add_labels(made.number, ("interlock", "retraining"))
        place.us.request_reviews(made.number, people=("mona",), teams=("vision",))
        return place.writes()

    assert bring() == bring()
    assert place.reviewers(made.number) == ["mona", "vision"]


def test_add_labels__and_reviewers(place: Place) -> None:
    made = place.us.open_pull(draft(place))
    place.us.add_labels(made.number, ("interlock", "retraining"))
    place.us.add_labels(made.number, ("interlock",))
    pull = place.us.find_pull(made.number)
    assert pull is not None
    assert sorted(pull.labels) == ["interlock", "retraining"]
    place.us.request_reviews(made.number, people=("mona",), teams=("vision",))
    assert place.reviewers(made.number) == ["mona", "vision"]


def test_request_reviews__of_a_stranger_is_refused(place: Place) -> None:
    made = place.us.open_pull(draft(place))
    with pytest.raises(errors.CannotReachGitHub):
        place.us.request_reviews(made.number, people=("nobody-at-all",), teams=())
    assert place.reviewers(made.number) == []


def test_dispatch__starts_a_workflow_that_is_there(place: Place) -> None:
    place.us.dispatch(WORKFLOW, ref=place.workflow, inputs={"pull-request": "7"})
    assert place.dispatched() == [(WORKFLOW, {"pull-request": "7"})]
    with pytest.raises(errors.CannotReachGitHub):
        place.us.dispatch("no-such.yml", ref=place.workflow, inputs={})


def test_enable_auto_merge__refused_then_on_once(place: Place) -> None:
    made = place.us.open_pull(draft(place))
    with pytest.raises(errors.CannotReachGitHub, match="Auto merge is not allowed"):
        place.us.enable_auto_merge(made.number, head=made.head_sha)
    place.allow_auto_merge()
    with pytest.raises(errors.CannotReachGitHub, match="Pull request is in clean status"):
        place.us.enable_auto_merge(made.number, head=made.head_sha)
    place.demand()
    with pytest.raises(errors.CannotReachGitHub, match="expectedHeadOid"):
        place.us.enable_auto_merge(made.number, head="f" * 40)
    assert not made.has_auto_merge
    place.us.enable_auto_merge(made.number, head=made.head_sha)
    before = place.writes()
    place.us.enable_auto_merge(made.number, head=made.head_sha)
    assert place.writes() == before
    (pull,) = (p for p in place.us.pulls_of_branch(place.branch) if p.is_open)
    assert pull.has_auto_merge


def test_disable_auto_merge__takes_back_our_own_alone(place: Place) -> None:
    place.demand()
    place.allow_auto_merge()
    made = place.us.open_pull(draft(place))
    assert place.us.disable_auto_merge(made.number) is False
    place.stranger.enable_auto_merge(made.number, head=made.head_sha)
    assert place.us.disable_auto_merge(made.number) is False
    assert place.stranger.disable_auto_merge(made.number) is True
    place.us.enable_auto_merge(made.number, head=made.head_sha)
    assert place.us.disable_auto_merge(made.number) is True
    pull = place.us.find_pull(made.number)
    assert pull is not None
    assert not pull.has_auto_merge


def test_required_checks__of_a_branch(place: Place) -> None:
    place.demand()
    assert place.us.required_checks("main") == {VERDICT}
    assert place.us.required_checks("no-such-branch") == frozenset()
