"""Auto-merge as GitHub has it: one mutation, refused with a reason, required in two places."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from github_sandbox import Fault
from interlock import errors
from tests import github_pulls
from tests.github_pulls import REPOSITORY, ServedPull

MUTATION = r"/graphql$"


@pytest.fixture(scope="module")
def open_pull(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ServedPull]]:
    with github_pulls.serve(tmp_path_factory.mktemp("github")) as made:
        yield made


@pytest.fixture
def world(open_pull: Callable[[], ServedPull]) -> ServedPull:
    made = open_pull()
    made.hub.require_check(REPOSITORY)
    made.hub.allow_auto_merge(REPOSITORY)
    return made


def mutations(world: ServedPull) -> int:
    return world.hub.count(method="POST", path_pattern=MUTATION)


def test_enable__though_the_answer_is_lost_is_sent_once(world: ServedPull) -> None:
    world.hub.faults.add(Fault("POST", MUTATION, "reset_after"))
    github = world.adapter(login="octocat")
    github.enable_auto_merge(world.number, head=world.head_sha)
    assert world.get(f"/pulls/{world.number}")["auto_merge"]["enabled_by"]["login"] == "octocat"
    assert mutations(world) == 1


def test_disable__though_the_answer_is_lost_is_sent_once(world: ServedPull) -> None:
    github = world.adapter(login="octocat")
    github.enable_auto_merge(world.number, head=world.head_sha)
    world.hub.faults.add(Fault("POST", MUTATION, "reset_after"))
    assert github.disable_auto_merge(world.number) is True
    assert world.get(f"/pulls/{world.number}")["auto_merge"] is None
    assert mutations(world) == 2


def test_enable__then_the_check_merges_it(world: ServedPull) -> None:
    world.adapter(login="octocat").enable_auto_merge(world.number, head=world.head_sha)
    body = {"name": "interlock", "head_sha": world.head_sha, "conclusion": "success"}
    world.send("POST", "/check-runs", body)
    pull = world.adapter().find_pull(world.number)
    assert pull is not None
    assert pull.merged


def test_enable__without_the_right_says_githubs_words(world: ServedPull) -> None:
    scopes = {"pull_requests": "write", "contents": "read"}
    token = world.hub.create_token("interlock", scopes, bot=True)
    github = world.adapter(token=token, login="interlock[bot]")
    with pytest.raises(errors.CannotReachGitHub) as refused:
        github.enable_auto_merge(world.number, head=world.head_sha)
    assert refused.value.message == (
        "GitHub refused POST /graphql (403): Resource not accessible by integration"
    )


def test_enable__of_a_pull_request_that_is_not_there(world: ServedPull) -> None:
    with pytest.raises(errors.CannotReachGitHub, match="no pull request #999"):
        world.adapter(login="octocat").enable_auto_merge(999, head=world.head_sha)


def test_required_checks__of_a_ruleset(world: ServedPull) -> None:
    github = world.adapter()
    world.hub.require_check(REPOSITORY, contexts=["lint"], by_ruleset=True)
    assert github.required_checks("main") == {"lint"}
    world.hub.require_check(REPOSITORY, contexts=["lint", "interlock"])
    assert github.required_checks("main") == {"lint", "interlock"}
