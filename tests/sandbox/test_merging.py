"""The merge: three methods, and every reason for a refusal."""

from __future__ import annotations

import pytest

from .scene import REPOSITORY, Scene


def log(scene: Scene, form: str) -> list[str]:
    scene.clone.git("fetch", "--quiet", "origin")
    return scene.clone.git("log", f"--format={form}", "origin/main").splitlines()


def move_main(scene: Scene) -> None:
    scene.clone.git("checkout", "--quiet", "main")
    scene.clone.commit({"main.txt": "moved\n"}, "Main moves")
    scene.clone.push("main")


def test_merge__by_merge_commit_keeps_both_parents(scene: Scene) -> None:
    head = scene.open_pull(title="Try it")["head"]["sha"]
    move_main(scene)
    base = scene.clone.head()
    answer = scene.merge(1, merge_method="merge", sha=head)
    assert answer.status_code == 200
    assert answer.json()["merged"] is True
    assert log(scene, "%P")[0].split() == [base, head]
    assert log(scene, "%B")[:3] == ["Merge pull request #1 from acme/topic", "", "Try it"]
    assert log(scene, "%an <%ae>")[0] == "octocat <octocat@users.noreply.github.com>"


def test_merge__by_squash_makes_one_commit(scene: Scene) -> None:
    scene.open_pull(title="Try it")
    scene.clone.commit({"more.txt": "more\n"}, "More")
    scene.clone.push("topic")
    sha = scene.merge(1, merge_method="squash").json()["sha"]
    assert log(scene, "%s") == ["Try it (#1)", "Start"]
    assert log(scene, "%b")[0] == "Why."
    scene.clone.git("checkout", "--quiet", sha)
    assert (scene.clone.folder / "more.txt").exists()
    assert (scene.clone.folder / "topic.txt").exists()


def test_merge__by_rebase_replays_each_commit(scene: Scene) -> None:
    scene.open_pull()
    scene.clone.commit({"more.txt": "more\n"}, "More\n\nWith a body.")
    scene.clone.push("topic")
    move_main(scene)
    assert scene.merge(1, merge_method="rebase").status_code == 200
    assert log(scene, "%s") == ["More", "Add topic", "Main moves", "Start"]
    assert "With a body." in "\n".join(log(scene, "%B"))
    assert all(len(parents.split()) <= 1 for parents in log(scene, "%P"))


def test_merge__emits_events_of_pull_request_and_push(scene: Scene) -> None:
    scene.open_pull()
    sha = scene.merge(1, merge_method="squash").json()["sha"]
    closed, push = scene.events[-2:]
    assert (closed.name, closed.action) == ("pull_request", "closed")
    assert closed.payload["pull_request"]["merged"] is True
    assert closed.payload["pull_request"]["merge_commit_sha"] == sha
    assert (push.name, push.payload["after"]) == ("push", sha)
    pull = scene.get("/pulls/1")
    assert (pull["merged_by"]["login"], pull["state"]) == ("octocat", "closed")
    assert scene.send("GET", "/pulls/1/merge").status_code == 204


def test_merge__leaves_the_head_branch_and_its_ref(scene: Scene) -> None:
    head = scene.open_pull()["head"]["sha"]
    scene.merge(1, merge_method="squash")
    refs = scene.clone.git("ls-remote", "origin")
    assert f"{head}\trefs/heads/topic" in refs
    assert f"{head}\trefs/pull/1/head" in refs
    assert "refs/pull/1/merge" not in refs


def test_merge__twice_is_405(scene: Scene) -> None:
    scene.open_pull()
    assert scene.merge(1).status_code == 200
    assert scene.merge(1).status_code == 405


def test_merge__of_a_closed_or_draft_one_is_405(scene: Scene) -> None:
    scene.open_pull()
    scene.send("PATCH", "/pulls/1", json={"state": "closed"})
    assert scene.merge(1).status_code == 405
    scene.clone.branch("draft")
    scene.clone.commit({"d.txt": "d\n"}, "Draft")
    scene.clone.push("draft")
    scene.post("/pulls", title="Draft", head="draft", base="main", draft=True)
    assert scene.merge(2).status_code == 405


def test_merge__of_a_head_that_moved_is_409(scene: Scene) -> None:
    outdated = scene.open_pull()["head"]["sha"]
    scene.clone.commit({"more.txt": "more\n"}, "More")
    scene.clone.push("topic")
    answer = scene.merge(1, sha=outdated)
    assert answer.status_code == 409
    assert "Head branch was modified" in answer.json()["message"]


def test_merge__of_a_conflict_is_409(scene: Scene) -> None:
    scene.open_pull(files={"a.txt": "mine\n"})
    scene.clone.git("checkout", "--quiet", "main")
    scene.clone.commit({"a.txt": "theirs\n"}, "Theirs")
    scene.clone.push("main")
    answer = scene.merge(1)
    assert (answer.status_code, answer.json()["message"]) == (409, "Merge conflict")


def test_merge__without_its_required_check_is_405(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY, contexts=["interlock"])
    pull = scene.open_pull()
    answer = scene.merge(1)
    assert answer.status_code == 405
    assert answer.json()["message"] == 'Required status check "interlock" is expected.'
    assert pull["mergeable_state"] == "blocked"
    scene.pass_check(pull["head"]["sha"])
    assert scene.get("/pulls/1")["mergeable_state"] == "clean"
    assert scene.merge(1).status_code == 200


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", "timed_out", "action_required"])
def test_merge__with_a_red_required_check_is_405(scene: Scene, conclusion: str) -> None:
    scene.hub.require_check(REPOSITORY)
    pull = scene.open_pull()
    scene.pass_check(pull["head"]["sha"], conclusion=conclusion)
    assert scene.merge(1).status_code == 405


@pytest.mark.parametrize("conclusion", ["success", "neutral", "skipped"])
def test_merge__counts_a_skipped_check_as_passed_as_github_does(
    scene: Scene, conclusion: str
) -> None:
    scene.hub.require_check(REPOSITORY)
    pull = scene.open_pull()
    scene.pass_check(pull["head"]["sha"], conclusion=conclusion)
    assert scene.merge(1).status_code == 200


def test_merge__requires_the_check_of_the_new_head(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY)
    pull = scene.open_pull()
    scene.pass_check(pull["head"]["sha"])
    scene.clone.commit({"more.txt": "more\n"}, "More")
    scene.clone.push("topic")
    assert scene.merge(1).status_code == 405


def test_merge__uses_the_latest_result_of_a_check(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY)
    sha = scene.open_pull()["head"]["sha"]
    scene.pass_check(sha, conclusion="failure")
    scene.pass_check(sha)
    assert scene.merge(1).status_code == 200


def test_merge__accepts_a_commit_status_as_a_required_check(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY, contexts=["ci"])
    sha = scene.open_pull()["head"]["sha"]
    scene.post(f"/statuses/{sha}", state="pending", context="ci")
    assert scene.merge(1).status_code == 405
    scene.post(f"/statuses/{sha}", state="success", context="ci")
    assert scene.merge(1).status_code == 200


def test_merge__of_a_branch_that_is_behind_is_405_when_strict(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY, contexts=[], strict=True)
    scene.open_pull()
    move_main(scene)
    assert scene.get("/pulls/1")["mergeable_state"] == "behind"
    assert scene.merge(1).status_code == 405


def test_pygithub__merges(scene: Scene) -> None:
    head = scene.open_pull()["head"]["sha"]
    status = scene.github().get_pull(1).merge(merge_method="squash", sha=head)
    assert status.merged is True
    assert log(scene, "%H")[0] == status.sha
