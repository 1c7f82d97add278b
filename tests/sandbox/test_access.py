"""Tokens, scopes, permissions, and the headers of the rate limit."""

from __future__ import annotations

import pytest

from github_sandbox import errors

from .scene import REPOSITORY, Scene

READ_ONLY = {"contents": "read", "pull_requests": "read", "checks": "read", "issues": "read"}


def test_read_only_token__gets_403_for_every_write(scene: Scene) -> None:
    sha = scene.open_pull()["head"]["sha"]
    reader = scene.bearer(scene.hub.create_token("octocat", READ_ONLY))
    scene.events.clear()
    for method, path in (
        ("POST", "/pulls"),
        ("PATCH", "/pulls/1"),
        ("PUT", "/pulls/1/merge"),
        ("POST", "/issues/1/comments"),
        ("POST", "/issues/1/labels"),
        ("POST", "/check-runs"),
        ("POST", f"/statuses/{sha}"),
        ("POST", "/deployments"),
        ("POST", "/git/refs"),
        ("POST", "/dispatches"),
    ):
        answer = scene.send(method, path, json={}, headers=reader)
        assert answer.status_code == 403, path
        assert answer.json()["message"] == "Resource not accessible by integration"
    assert scene.send("GET", "/pulls/1", headers=reader).status_code == 200
    assert scene.events == []


def test_scope__allows_only_its_own_writes(scene: Scene) -> None:
    scene.open_pull()
    token = scene.bearer(scene.hub.create_token("octocat", {"issues": "write"}))
    body = {"body": "Hi."}
    assert scene.send("POST", "/issues/1/comments", json=body, headers=token).status_code == 201
    assert scene.send("PUT", "/pulls/1/merge", json={}, headers=token).status_code == 403


def test_user_without_write_access__gets_403_with_any_token(scene: Scene) -> None:
    sha = scene.open_pull()["head"]["sha"]
    scene.hub.create_user("mona", repository=REPOSITORY, permission="triage")
    mona = scene.bearer(scene.hub.create_token("mona"))
    body = {"state": "success"}
    assert scene.send("POST", f"/statuses/{sha}", json=body, headers=mona).status_code == 403
    assert scene.send("PUT", "/pulls/1/merge", json={}, headers=mona).status_code == 403
    labels = {"labels": ["ok"]}
    assert scene.send("POST", "/issues/1/labels", json=labels, headers=mona).status_code == 200


def test_request_without_a_token__can_read_and_not_write(scene: Scene) -> None:
    scene.open_pull()
    nobody = {"Authorization": ""}
    assert scene.send("GET", "/pulls/1", headers=nobody).status_code == 200
    answer = scene.send("POST", "/issues/1/comments", json={"body": "Hi."}, headers=nobody)
    assert answer.status_code == 401


def test_unknown_token__is_401_even_to_read(scene: Scene) -> None:
    answer = scene.send("GET", "/pulls", headers=scene.bearer("wrong"))
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_private_repository__is_404_to_strangers(scene: Scene) -> None:
    scene.hub.create_repository("acme/secret", private=True)
    assert scene.send("GET", "/api/repos/acme/secret").status_code == 404
    scene.hub.create_user("octocat", repository="acme/secret", permission="read")
    assert scene.send("GET", "/api/repos/acme/secret").status_code == 200


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        ("admin", "admin"),
        ("maintain", "write"),
        ("write", "write"),
        ("triage", "read"),
        ("read", "read"),
        ("none", "none"),
    ],
)
def test_permission__has_a_legacy_word_and_a_role(scene: Scene, role: str, permission: str) -> None:
    scene.hub.create_user("mona", repository=REPOSITORY, permission=role)
    shown = scene.get("/collaborators/mona/permission")
    assert (shown["permission"], shown["role_name"]) == (permission, role)
    assert scene.github().get_collaborator_permission("mona") == permission


def test_permission__of_an_app_or_a_stranger_is_404(scene: Scene) -> None:
    scene.hub.create_token("interlock", bot=True)
    for login in ("interlock[bot]", "nobody-here"):
        assert scene.send("GET", f"/collaborators/{login}/permission").status_code == 404


def test_user__is_the_account_of_the_token_except_for_a_bot(scene: Scene) -> None:
    assert scene.get("/api/user")["login"] == "octocat"
    bot = scene.bearer(scene.hub.create_token("interlock", bot=True))
    assert scene.send("GET", "/api/user", headers=bot).status_code == 403


def test_bot__comments_as_a_bot_and_starts_nothing(scene: Scene) -> None:
    scene.open_pull()
    bot = scene.bearer(scene.hub.create_token("interlock", bot=True))
    made = scene.send("POST", "/issues/1/comments", json={"body": "Hi."}, headers=bot).json()
    assert (made["user"]["login"], made["user"]["type"]) == ("interlock[bot]", "Bot")
    assert scene.events[-1].actor_is_bot is True
    assert scene.events[-1].starts_workflows is False
    assert scene.events[-2].starts_workflows is True


def test_rate_limit__is_in_every_response_and_enforced(scene: Scene) -> None:
    first = scene.send("GET", "").headers
    second = scene.send("GET", "").headers
    assert int(first["x-ratelimit-remaining"]) - int(second["x-ratelimit-remaining"]) == 1
    assert int(second["x-ratelimit-reset"]) > 0
    scene.hub.instance.meter.limit = int(second["x-ratelimit-used"])
    over = scene.send("GET", "")
    assert (over.status_code, over.headers["x-ratelimit-remaining"]) == (403, "0")
    assert "rate limit" in over.json()["message"]
    assert scene.get("/api/rate_limit")["rate"]["remaining"] == 0


def test_etag__gives_304_without_a_change(scene: Scene) -> None:
    scene.open_pull()
    etag = scene.send("GET", "/pulls/1").headers["etag"]
    known = {"If-None-Match": etag}
    same = scene.send("GET", "/pulls/1", headers=known)
    assert (same.status_code, same.content) == (304, b"")
    scene.post("/issues/1/comments", body="Hi.")
    assert scene.send("GET", "/pulls/1", headers=known).status_code == 200


def test_body__that_is_not_json_is_400(scene: Scene) -> None:
    for content in (b"{", b'"text"', b"\xff"):
        assert scene.send("POST", "/pulls", content=content).status_code == 400


def test_unknown_address__is_githubs_404(scene: Scene) -> None:
    for path in ("/nothing", "/api/nothing", "/api/repos/acme/nothing"):
        answer = scene.send("GET", path)
        assert answer.status_code == 404
        assert answer.json()["message"] == "Not Found"


def test_sandbox__refuses_arguments_that_are_not_valid(scene: Scene) -> None:
    with pytest.raises(errors.InvalidCall):
        scene.hub.create_repository("no-slash")
    with pytest.raises(errors.InvalidCall):
        scene.hub.create_repository("../escape")
    with pytest.raises(errors.InvalidCall):
        scene.hub.create_repository(REPOSITORY)
    with pytest.raises(errors.InvalidCall):
        scene.hub.create_user("mona", repository=REPOSITORY, permission="everything")
    with pytest.raises(errors.InvalidCall):
        scene.hub.create_token("octocat", {"everything": "write"})
    with pytest.raises(errors.UnknownName):
        scene.hub.create_token("mona")
    with pytest.raises(errors.UnknownName):
        scene.hub.require_check("acme/nothing")
