"""Git data of a repository: commits, comparison, refs, contents, branches."""

from __future__ import annotations

import base64

from .scene import REPOSITORY, Scene


def test_commit__is_shown_with_its_files(scene: Scene) -> None:
    sha = scene.clone.commit({"b.txt": "b\n"}, "Second\n\nBody.")
    scene.clone.push("main")
    shown = scene.get("/commits/main")
    assert (shown["sha"], shown["commit"]["message"]) == (sha, "Second\n\nBody.")
    assert shown["author"]["login"] == "octocat"
    assert shown["stats"] == {"additions": 1, "deletions": 0, "total": 1}
    assert [item["filename"] for item in shown["files"]] == ["b.txt"]
    assert scene.get(f"/commits/{shown['parents'][0]['sha']}")["parents"] == []
    assert [item["sha"] for item in scene.get("/commits", path="b.txt")] == [sha]
    assert scene.send("GET", "/commits/nothing").status_code == 422


def test_compare__counts_both_ways(scene: Scene) -> None:
    scene.open_pull()
    scene.clone.git("checkout", "--quiet", "main")
    scene.clone.commit({"m.txt": "m\n"}, "Main")
    scene.clone.push("main")
    shown = scene.get("/compare/main...topic")
    assert (shown["status"], shown["ahead_by"], shown["behind_by"]) == ("diverged", 1, 1)
    assert [item["filename"] for item in shown["files"]] == ["topic.txt"]
    assert scene.send("GET", "/compare/main...nothing").status_code == 404


def test_pulls_of_a_commit__are_those_that_merged_it(scene: Scene) -> None:
    head = scene.open_pull()["head"]["sha"]
    sha = scene.merge(1, merge_method="squash").json()["sha"]
    for commit in (sha, head):
        assert [pull["number"] for pull in scene.get(f"/commits/{commit}/pulls")] == [1]
    assert scene.get(f"/commits/{scene.clone.git('rev-parse', 'main')}/pulls") == []


def test_ref__is_created_moved_and_deleted(scene: Scene) -> None:
    first = scene.clone.head()
    second = scene.clone.commit({"b.txt": "b\n"}, "Second")
    scene.clone.push("main")
    repository = scene.github()
    ref = repository.create_git_ref("refs/heads/retrain/digits", first)
    assert repository.get_git_ref("heads/retrain/digits").object.sha == first
    ref.edit(second)
    assert scene.post("/git/refs", ref="refs/heads/retrain/digits", sha=first).status_code == 422
    back = scene.send("PATCH", "/git/refs/heads/retrain/digits", json={"sha": first})
    assert back.status_code == 422
    ref.edit(first, force=True)
    ref.delete()
    assert scene.send("GET", "/git/ref/heads/retrain/digits").status_code == 404
    assert scene.names()[-4:] == ["push"] * 4


def test_ref__with_a_wrong_name_or_object_is_422(scene: Scene) -> None:
    sha = scene.clone.head()
    for ref in ("heads/x", "refs/heads/a..b", "refs/x", "refs/pull/9/head"):
        assert scene.post("/git/refs", ref=ref, sha=sha).status_code == 422
    assert scene.post("/git/refs", ref="refs/heads/x", sha="0" * 40).status_code == 422


def test_ref__move_of_the_head_synchronizes_its_pull_request(scene: Scene) -> None:
    scene.open_pull()
    scene.clone.branch("next", start="topic")
    sha = scene.clone.commit({"n.txt": "n\n"}, "Next")
    scene.clone.push("next")
    scene.send("PATCH", "/git/refs/heads/topic", json={"sha": sha})
    assert scene.get("/pulls/1")["head"]["sha"] == sha


def test_contents__are_shown_at_a_ref(scene: Scene) -> None:
    first = scene.clone.head()
    scene.clone.commit({"a.txt": "new\n", "folder/b.txt": "b\n"}, "Second")
    scene.clone.push("main")
    shown = scene.get("/contents/a.txt", ref=first)
    assert base64.b64decode(shown["content"]) == b"one\ntwo\nthree\n"
    assert scene.github().get_contents("a.txt").decoded_content == b"new\n"
    kinds = {item["path"]: item["type"] for item in scene.get("/contents")}
    assert kinds == {"a.txt": "file", "folder": "dir"}
    assert [item["path"] for item in scene.get("/contents/folder")] == ["folder/b.txt"]
    raw = scene.send("GET", "/contents/a.txt", headers={"Accept": "application/vnd.github.raw"})
    assert raw.content == b"new\n"
    assert scene.send("GET", "/contents/nothing").status_code == 404
    assert scene.send("GET", "/contents/a.txt", params={"ref": "nothing"}).status_code == 404


def test_branches__have_their_protection(scene: Scene) -> None:
    scene.clone.push("main:release/1")
    scene.hub.require_check(REPOSITORY)
    branches = {item["name"]: item["protected"] for item in scene.get("/branches")}
    assert branches == {"main": True, "release/1": False}
    assert scene.get("/branches/release/1")["commit"]["sha"] == scene.clone.head()


def test_names_that_look_like_options__are_only_names(scene: Scene) -> None:
    for path in ("/commits/--all", "/contents/--help", "/compare/--a...--b", "/git/ref/--x"):
        assert scene.send("GET", path).status_code in (404, 422)
