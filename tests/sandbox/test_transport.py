"""Git over HTTP: permissions of fetch and push, and the events of a push."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from .scene import REPOSITORY, Clone, Scene


def test_push__emits_an_event_with_its_commits(scene: Scene) -> None:
    before = scene.clone.head()
    after = scene.clone.commit({"b.txt": "b\n", "a.txt": "changed\n"}, "Second")
    scene.clone.push("main")
    [event] = scene.events
    assert (event.name, event.repository, event.actor_is_bot) == ("push", REPOSITORY, False)
    assert event.payload["ref"] == "refs/heads/main"
    assert (event.payload["before"], event.payload["after"]) == (before, after)
    [commit] = event.payload["commits"]
    assert (commit["added"], commit["modified"], commit["removed"]) == (["b.txt"], ["a.txt"], [])
    assert event.payload["pusher"]["name"] == "octocat"


def test_push__of_a_new_branch_lists_only_its_own_commits(scene: Scene) -> None:
    scene.clone.branch("topic")
    sha = scene.clone.commit({"b.txt": "b\n"}, "On topic")
    scene.clone.push("topic")
    payload = scene.events[0].payload
    assert payload["created"] is True
    assert [commit["id"] for commit in payload["commits"]] == [sha]


def test_push__of_commits_without_messages_is_accepted(scene: Scene) -> None:
    """An empty message is valid at every place of a push."""
    silent = ("commit", "--quiet", "--allow-empty", "--allow-empty-message", "--message", "")
    scene.clone.git(*silent)
    scene.clone.commit({"b.txt": "b\n"}, "Say it")
    scene.clone.git(*silent)
    scene.clone.push("main")
    payload = scene.events[-1].payload
    assert [commit["message"] for commit in payload["commits"]] == ["", "Say it", ""]
    assert payload["head_commit"]["id"] == scene.clone.head()
    assert [c["commit"]["message"] for c in scene.get("/commits")][:3] == ["", "Say it", ""]
    assert scene.get(f"/commits/{scene.clone.head()}")["commit"]["message"] == ""
    for page in ("", f"/commit/{scene.clone.head()}"):
        assert scene.http.get(f"/{REPOSITORY}{page}").status_code == 200


@pytest.mark.parametrize(
    "who",
    [
        " <octocat@users.noreply.github.com> 1700000000 +0000",
        "octocat <> 1700000000 +0000",
        " <> 1700000000 +0000",
        "Mona \udcff <mona@example.com> 1700000000 +0530",
    ],
    ids=["no name", "no address", "neither", "not UTF-8"],
)
def test_push__of_a_commit_without_an_author_is_accepted(
    scene: Scene, who: str, tmp_path: Path
) -> None:
    tree, parent = scene.clone.git("rev-parse", "HEAD^{tree}"), scene.clone.head()
    text = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n"
    raw = tmp_path / "commit"
    raw.write_bytes(text.encode("utf-8", "surrogateescape"))
    made = scene.clone.git("hash-object", "-t", "commit", "-w", "--literally", str(raw))
    scene.clone.push(f"{made}:refs/heads/odd")
    assert scene.events[-1].payload["after"] == made
    assert scene.get(f"/commits/{made}")["sha"] == made


def test_push__with_force_and_deletion_sets_its_fields(scene: Scene) -> None:
    scene.clone.branch("topic")
    scene.clone.commit({"b.txt": "b\n"}, "One")
    scene.clone.push("topic")
    scene.clone.git("commit", "--quiet", "--amend", "--message", "Other")
    scene.clone.push("+topic")
    scene.clone.push(":topic")
    events = [
        (e.payload["created"], e.payload["forced"], e.payload["deleted"]) for e in scene.events
    ]
    assert events == [(True, False, False), (False, True, False), (False, False, True)]


def test_push__large_and_chunked_arrives_whole(scene: Scene) -> None:
    # Over http.postBuffer (1 MiB) git sends chunks of unknown total length.
    noise = "\n".join(f"{i * 7919 % 1000003:x}{i * 104729 % 999983:x}" for i in range(400_000))
    sha = scene.clone.commit({"big.txt": noise}, "Big")
    scene.clone.push("main")
    assert scene.get("/commits/main")["sha"] == sha


def test_push__without_a_token_is_refused(scene: Scene) -> None:
    scene.clone.git("remote", "set-url", "origin", scene.hub.git_url(REPOSITORY))
    scene.clone.commit({"b.txt": "b\n"}, "Second")
    scene.clone.push("main", ok=False)
    assert scene.events == []


def test_push__with_a_read_only_token_is_refused(scene: Scene) -> None:
    token = scene.hub.create_token("octocat", {"contents": "read"})
    scene.clone.git("remote", "set-url", "origin", scene.hub.git_url(REPOSITORY, token))
    scene.clone.commit({"b.txt": "b\n"}, "Second")
    assert "403" in scene.clone.push("main", ok=False)
    scene.clone.git("fetch", "--quiet", "origin")
    assert scene.events == []


def test_push__by_a_user_without_write_access_is_refused(scene: Scene) -> None:
    scene.hub.create_user("mona", repository=REPOSITORY, permission="read")
    url = scene.hub.git_url(REPOSITORY, scene.hub.create_token("mona"))
    scene.clone.git("remote", "set-url", "origin", url)
    scene.clone.commit({"b.txt": "b\n"}, "Second")
    assert "403" in scene.clone.push("main", ok=False)


def test_clone__of_a_private_repository_needs_access(scene: Scene, tmp_path: Path) -> None:
    scene.hub.create_repository("acme/secret", private=True)
    scene.hub.create_user("mona")
    outside = Clone(tmp_path)
    for token in ("", scene.hub.create_token("mona"), "wrong"):
        url = scene.hub.git_url("acme/secret", token)
        outside.git("clone", "--quiet", url, "secret", ok=False)
    url = scene.hub.git_url("acme/secret", scene.hub.create_token("acme"))
    outside.git("clone", "--quiet", url, "secret")


def test_clone__of_a_public_repository_needs_no_token(scene: Scene, tmp_path: Path) -> None:
    Clone(tmp_path).git("clone", "--quiet", scene.hub.git_url(REPOSITORY), "copy")
    assert (tmp_path / "copy" / "a.txt").read_text() == "one\ntwo\nthree\n"


def test_clone__shallow_and_partial_work(scene: Scene, tmp_path: Path) -> None:
    url = scene.hub.git_url(REPOSITORY)
    Clone(tmp_path).git("clone", "--quiet", "--depth=1", "--filter=blob:none", url, "copy")
    assert Clone(tmp_path / "copy").head() == scene.clone.head()


def test_push__to_pull_refs_is_refused(scene: Scene) -> None:
    number = scene.open_pull()["number"]
    scene.clone.push(f"+main:refs/pull/{number}/head", ok=False)
    scene.clone.push("main:refs/pull/99/head", ok=False)


def test_push__cannot_rewrite_or_delete_a_protected_branch(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY)
    scene.clone.commit({"b.txt": "b\n"}, "Second")
    scene.clone.push("main")
    scene.clone.git("reset", "--quiet", "--hard", "HEAD~1")
    scene.clone.commit({"c.txt": "c\n"}, "Instead")
    assert "GH006" in scene.clone.push("+main", ok=False)
    scene.clone.push(":main", ok=False)
    assert scene.names() == ["push"]


def test_push__cannot_delete_a_protected_branch_that_is_not_the_default(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY, branch="release")
    scene.clone.push("main:release")
    assert "GH006" in scene.clone.push(":release", ok=False)


def test_push__that_is_partly_refused_emits_the_other_events(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY)
    scene.clone.git("checkout", "--quiet", "--orphan", "other")
    scene.clone.commit({"c.txt": "c\n"}, "Apart")
    scene.clone.push("+other:main", "other:fine", ok=False)
    assert [event.payload["ref"] for event in scene.events] == ["refs/heads/fine"]


def test_pushes__at_the_same_time_emit_one_event_each(scene: Scene, tmp_path: Path) -> None:
    clones = []
    for number in range(6):
        folder = tmp_path / f"racer-{number}"
        Clone(tmp_path).git(
            "clone", "--quiet", scene.hub.git_url(REPOSITORY, scene.token), str(folder)
        )
        racer = Clone(folder)
        racer.branch(f"racer-{number}")
        racer.commit({f"{number}.txt": "x\n"}, f"Racer {number}")
        clones.append(racer)
    threads = [
        threading.Thread(target=racer.push, args=(f"racer-{number}",))
        for number, racer in enumerate(clones)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = sorted(event.payload["ref"] for event in scene.events)
    assert events == [f"refs/heads/racer-{number}" for number in range(6)]
    after = {event.payload["ref"]: event.payload["after"] for event in scene.events}
    assert all(after[f"refs/heads/racer-{n}"] == racer.head() for n, racer in enumerate(clones))


def test_pushes__racing_to_one_branch_let_one_win(scene: Scene, tmp_path: Path) -> None:
    clones = []
    for number in range(4):
        folder = tmp_path / f"racer-{number}"
        Clone(tmp_path).git(
            "clone", "--quiet", scene.hub.git_url(REPOSITORY, scene.token), str(folder)
        )
        racer = Clone(folder)
        racer.commit({f"{number}.txt": "x\n"}, f"Racer {number}")
        clones.append(racer)
    threads = [threading.Thread(target=_push_anyhow, args=(racer,)) for racer in clones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [event] = scene.events
    assert scene.get("/commits/main")["sha"] == event.payload["after"]


def _push_anyhow(racer: Clone) -> None:
    try:
        racer.push("main")
    except AssertionError:
        return
