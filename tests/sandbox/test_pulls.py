"""Pull requests: open, list, update after pushes, close, reopen."""

from __future__ import annotations

from pathlib import Path

import pytest

from .scene import REPOSITORY, Clone, Scene


def test_create__keeps_head_and_merge_refs(scene: Scene) -> None:
    pull = scene.open_pull()
    scene.clone.git("fetch", "--quiet", "origin", "+refs/pull/*:refs/pull/*")
    head = scene.clone.git("rev-parse", "refs/pull/1/head")
    assert head == pull["head"]["sha"] == scene.clone.head()
    parents = scene.clone.git("log", "-1", "--format=%P", "refs/pull/1/merge").split()
    assert parents == [scene.clone.git("rev-parse", "main"), head]
    assert pull["merge_commit_sha"] == scene.clone.git("rev-parse", "refs/pull/1/merge")
    assert (pull["mergeable"], pull["mergeable_state"]) == (True, "clean")
    assert (pull["commits"], pull["additions"], pull["changed_files"]) == (1, 1, 1)


def test_create__with_a_conflict_has_no_merge_ref(scene: Scene) -> None:
    scene.clone.branch("topic")
    scene.clone.commit({"a.txt": "mine\n"}, "Mine")
    scene.clone.push("topic")
    scene.clone.git("checkout", "--quiet", "main")
    scene.clone.commit({"a.txt": "theirs\n"}, "Theirs")
    scene.clone.push("main")
    pull = scene.post("/pulls", title="Clash", head="topic", base="main").json()
    assert (pull["mergeable"], pull["mergeable_state"]) == (False, "dirty")
    assert "refs/pull/1/merge" not in scene.clone.git("ls-remote", "origin")
    assert scene.events[-1].starts_workflows is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"head": "topic", "base": "main"}, "title"),
        ({"title": "t", "head": "topic", "base": "nowhere"}, "base"),
        ({"title": "t", "head": "nowhere", "base": "main"}, "head"),
        ({"title": "t", "head": "mona:topic", "base": "main"}, "head"),
        ({"title": "x" * 257, "head": "topic", "base": "main"}, "title"),
        ({"title": "t", "body": "x" * 65_537, "head": "topic", "base": "main"}, "body"),
        ({"title": ["t"], "head": "topic", "base": "main"}, "title"),
    ],
)
def test_create__with_a_wrong_field_is_422(
    scene: Scene, body: dict[str, object], field: str
) -> None:
    scene.clone.branch("topic")
    scene.clone.commit({"b.txt": "b\n"}, "Topic")
    scene.clone.push("topic")
    answer = scene.post("/pulls", **body)
    assert answer.status_code == 422
    assert answer.json()["message"] == "Validation Failed"
    assert answer.json()["errors"][0]["field"] == field


def test_create__twice_from_one_branch_is_refused(scene: Scene) -> None:
    scene.open_pull()
    answer = scene.post("/pulls", title="Again", head="acme:topic", base="main")
    assert answer.status_code == 422
    message = answer.json()["errors"][0]["message"]
    assert message == "A pull request already exists for acme:topic."


def test_create__without_commits_or_history_is_refused(scene: Scene) -> None:
    scene.clone.push("main:same")
    answer = scene.post("/pulls", title="Nothing", head="same", base="main")
    assert answer.json()["errors"][0]["message"] == "No commits between main and same"
    scene.clone.git("checkout", "--quiet", "--orphan", "apart")
    scene.clone.commit({"b.txt": "b\n"}, "Apart")
    scene.clone.push("apart")
    answer = scene.post("/pulls", title="Apart", head="apart", base="main")
    assert "no history in common" in answer.json()["errors"][0]["message"]


def test_list__filters_by_head_base_and_state(scene: Scene) -> None:
    for branch in ("one", "two", "three"):
        scene.open_pull(branch)
    scene.send("PATCH", "/pulls/2", json={"state": "closed"})

    def numbers(**query: str) -> list[int]:
        return [pull["number"] for pull in scene.get("/pulls", **query)]

    assert numbers() == [3, 1]
    assert numbers(state="all", direction="asc") == [1, 2, 3]
    assert numbers(state="closed") == [2]
    assert numbers(head="acme:one") == [1]
    assert numbers(head="mona:one") == []
    assert numbers(base="elsewhere") == []


def test_push__to_the_head_synchronizes(scene: Scene) -> None:
    before = scene.open_pull()["head"]["sha"]
    after = scene.clone.commit({"more.txt": "more\n"}, "More")
    scene.clone.push("topic")
    event = scene.events[-1]
    assert (event.name, event.action) == ("pull_request", "synchronize")
    assert (event.payload["before"], event.payload["after"]) == (before, after)
    assert event.payload["number"] == 1
    pull = scene.get("/pulls/1")
    assert (pull["head"]["sha"], pull["commits"]) == (after, 2)


def test_push__to_the_base_creates_a_new_merge_commit(scene: Scene) -> None:
    first = scene.open_pull()["merge_commit_sha"]
    scene.clone.git("checkout", "--quiet", "main")
    scene.clone.commit({"other.txt": "x\n"}, "Main moves")
    scene.clone.push("main")
    pull = scene.get("/pulls/1")
    assert pull["mergeable"] is True
    assert pull["merge_commit_sha"] != first
    assert "pull_request.synchronize" not in scene.names()


def test_push__of_the_head_into_the_base_marks_it_merged(scene: Scene) -> None:
    head = scene.open_pull()["head"]["sha"]
    scene.clone.push("topic:main")
    pull = scene.get("/pulls/1")
    assert (pull["state"], pull["merged"], pull["merge_commit_sha"]) == ("closed", True, head)


def test_push__that_deletes_the_head_closes_it(scene: Scene) -> None:
    scene.open_pull()
    scene.clone.push(":topic")
    pull = scene.get("/pulls/1")
    assert (pull["state"], pull["merged"]) == ("closed", False)
    assert scene.send("PATCH", "/pulls/1", json={"state": "open"}).status_code == 422


def test_update__edits_closes_and_reopens(scene: Scene) -> None:
    scene.open_pull()
    scene.send("PATCH", "/pulls/1", json={"title": "Better", "body": "Because."})
    scene.send("PATCH", "/pulls/1", json={"state": "closed"})
    scene.send("PATCH", "/pulls/1", json={"state": "open"})
    pull = scene.get("/pulls/1")
    assert (pull["title"], pull["body"], pull["state"]) == ("Better", "Because.", "open")
    names = [name for name in scene.names() if name.startswith("pull_request")]
    actions = ("opened", "edited", "closed", "reopened")
    assert names == [f"pull_request.{action}" for action in actions]


def test_update__of_the_base_follows_it(scene: Scene) -> None:
    scene.open_pull()
    scene.clone.push("main:release")
    answer = scene.send("PATCH", "/pulls/1", json={"base": "release"})
    assert answer.json()["base"]["ref"] == "release"
    assert scene.events[-1].payload["changes"]["base"]["ref"] == {"from": "main"}


def test_commits_and_files__are_those_of_the_branch(scene: Scene) -> None:
    scene.open_pull(files={"b.txt": "b\n"})
    scene.clone.git("mv", "a.txt", "renamed.txt")
    scene.clone.commit({}, "Rename")
    scene.clone.push("topic")
    titles = [item["commit"]["message"] for item in scene.get("/pulls/1/commits")]
    assert titles == ["Add topic", "Rename"]
    files = {item["filename"]: item for item in scene.get("/pulls/1/files")}
    assert files["b.txt"]["status"] == "added"
    assert files["b.txt"]["patch"] == "@@ -0,0 +1 @@\n+b"
    assert files["renamed.txt"]["previous_filename"] == "a.txt"


def test_fork__can_open_a_pull_request_and_update_it(scene: Scene, tmp_path: Path) -> None:
    scene.hub.create_fork(REPOSITORY, owner="mona")
    token = scene.hub.create_token("mona")
    folder = tmp_path / "fork"
    Clone(tmp_path).git("clone", "--quiet", scene.hub.git_url("mona/models", token), str(folder))
    fork = Clone(folder)
    fork.branch("idea")
    fork.commit({"idea.txt": "idea\n"}, "Idea")
    fork.push("idea")
    body = {"title": "Idea", "head": "mona:idea", "base": "main"}
    answer = scene.send("POST", "/pulls", json=body, headers=scene.bearer(token))
    assert answer.status_code == 201
    pull = answer.json()
    assert (pull["head"]["repo"]["full_name"], pull["head"]["label"]) == (
        "mona/models",
        "mona:idea",
    )
    after = fork.commit({"idea.txt": "better\n"}, "Better")
    fork.push("idea")
    assert scene.events[-1].repository == REPOSITORY
    assert scene.events[-1].action == "synchronize"
    assert f"{after}\trefs/pull/1/head" in scene.clone.git("ls-remote", "origin")


def test_fork__is_found_by_its_branch_and_not_by_its_commit(scene: Scene, tmp_path: Path) -> None:
    """As GitHub answers: the commit is reachable, and none of the repository's."""
    scene.hub.create_fork(REPOSITORY, owner="mona")
    token = scene.hub.create_token("mona")
    scene.clone.branch("idea")
    head = scene.clone.commit({"idea.txt": "idea\n"}, "Idea")
    scene.clone.git("push", "--quiet", scene.hub.git_url("mona/models", token), "idea")
    body = {"title": "Idea", "head": "mona:idea", "base": "main"}
    assert scene.send("POST", "/pulls", json=body, headers=scene.bearer(token)).status_code == 201
    assert scene.get(f"/commits/{head}/pulls") == []
    assert [pull["number"] for pull in scene.get("/pulls", head="mona:idea")] == [1]
    assert scene.get("/pulls", head="acme:idea") == []


def test_pygithub__reads_what_it_needs(scene: Scene) -> None:
    scene.open_pull()
    repository = scene.github()
    pull = repository.get_pull(1)
    assert pull.user.login == "octocat"
    assert pull.base.repo.full_name == REPOSITORY
    assert [item.filename for item in pull.get_files()] == ["topic.txt"]
    assert pull.as_issue().number == 1
    [pull] = repository.get_pulls(head="acme:topic", state="open")
    assert pull.number == 1
    [of_commit] = repository.get_commit(pull.head.sha).get_pulls()
    assert of_commit.number == 1
