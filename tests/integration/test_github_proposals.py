"""What we open ourselves on GitHub's bad days: once, however often an answer is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from github_sandbox import Fault, faults
from interlock.ports.github import Draft
from tests import github_pulls
from tests.github_pulls import ServedPull

MARKER = "<!-- interlock:data digits -->"
LOST: list[faults.Kind] = ["error_after", "reset_after", "lag"]


@pytest.fixture(scope="module")
def open_pull(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ServedPull]]:
    with github_pulls.serve(tmp_path_factory.mktemp("github")) as made:
        yield made


@pytest.fixture
def world(open_pull: Callable[[], ServedPull]) -> ServedPull:
    return open_pull()


@pytest.mark.parametrize("kind", LOST)
def test_issue__is_opened_once_though_the_answer_is_lost(
    world: ServedPull, kind: faults.Kind
) -> None:
    marker = f"{MARKER} {kind}"
    world.hub.faults.add(Fault("POST", r"/issues$", kind))
    github = world.adapter(login="octocat")
    # A list may lag behind what was written: a second one is closed when both are seen.
    for _ in range(3):
        github.upsert_issue(marker=marker, title="Broken", body=f"Why. {marker}", labels=("data",))
    issues = world.get("/issues?state=all&per_page=100")
    matching = [issue for issue in issues if marker in (issue["body"] or "")]
    assert [issue["state"] for issue in matching if issue["state"] == "open"] == ["open"]
    assert [label["name"] for label in matching[-1]["labels"]] == ["data"]


@pytest.mark.parametrize("kind", LOST[:2])
def test_pull__is_opened_once_though_the_answer_is_lost(
    world: ServedPull, kind: faults.Kind
) -> None:
    branch = world.get(f"/pulls/{world.number}")["head"]["ref"]
    world.send("PATCH", f"/pulls/{world.number}", {"state": "closed"})
    world.hub.faults.add(Fault("POST", r"/pulls$", kind))
    github = world.adapter()
    made = github.open_pull(Draft(branch, "main", "Retrain digits", "Why."))
    pulls = github.pulls_of_branch(branch)
    assert [pull.number for pull in pulls if pull.is_open] == [made.number]


def test_pulls_of_branch__closed_ones_say_when(world: ServedPull) -> None:
    branch = world.get(f"/pulls/{world.number}")["head"]["ref"]
    world.send("PATCH", f"/pulls/{world.number}", {"state": "closed"})
    (pull,) = world.adapter().pulls_of_branch(branch)
    assert (pull.state, pull.merged) == ("closed", False)
    assert pull.closed_at.endswith("Z")
