"""Auto-merge: enable, refuse, disable and merge."""

from __future__ import annotations

from typing import Any

from .scene import REPOSITORY, Scene


def ask(
    scene: Scene, verb: str = "enable", *, number: int = 1, token: str = "", head: str = ""
) -> dict[str, Any]:
    """Enable or disable auto-merge; return the whole response."""
    pull = scene.get(f"/pulls/{number}")
    more = f', mergeMethod: SQUASH, expectedHeadOid: "{head or pull["head"]["sha"]}"'
    mutation = f'pullRequestId: "{pull["node_id"]}"{more if verb == "enable" else ""}'
    text = (
        f"mutation {{ {verb}PullRequestAutoMerge(input: {{{mutation}}}) {{ clientMutationId }} }}"
    )
    headers = scene.bearer(token or scene.token)
    answer = scene.http.post("/api/graphql", json={"query": text}, headers=headers)
    assert answer.status_code == 200
    return dict(answer.json())


def refusal(answer: dict[str, Any]) -> str:
    (error,) = answer["errors"]
    return str(error["message"])


def waiting(scene: Scene, *, strict: bool = False) -> dict[str, Any]:
    """A pull request with a missing required check, in a repository with auto-merge."""
    scene.hub.allow_auto_merge(REPOSITORY)
    scene.hub.require_check(REPOSITORY, strict=strict)
    return scene.open_pull()


def test_auto_merge__merges_after_the_required_check(scene: Scene) -> None:
    sha = waiting(scene)["head"]["sha"]
    assert "errors" not in ask(scene)
    shown = scene.get("/pulls/1")["auto_merge"]
    assert (shown["enabled_by"]["login"], shown["merge_method"]) == ("octocat", "squash")
    scene.pass_check(sha, conclusion="failure")
    scene.pass_check(sha, "lint")
    assert scene.get("/pulls/1")["merged"] is False
    scene.pass_check(sha)
    pull = scene.get("/pulls/1")
    assert (pull["merged"], pull["merged_by"]["login"]) == (True, "octocat")
    scene.clone.git("fetch", "--quiet", "origin")
    assert scene.clone.git("log", "--format=%s", "origin/main") == "Try (#1)\nStart"
    events = [(e.name, e.action) for e in scene.events]
    assert ("pull_request", "auto_merge_enabled") in events
    assert events[-2:] == [("pull_request", "closed"), ("push", "")]
    assert scene.events[-1].starts_workflows


def test_auto_merge__by_a_workflows_token_starts_no_workflow(scene: Scene) -> None:
    sha = waiting(scene)["head"]["sha"]
    ask(scene, token=scene.hub.create_token("github-actions", bot=True))
    scene.post(f"/statuses/{sha}", state="success", context="interlock")
    assert scene.get("/pulls/1")["merged_by"]["login"] == "github-actions[bot]"
    assert scene.events[-1].name == "push"
    assert not scene.events[-1].starts_workflows


def test_auto_merge__where_the_repository_does_not_allow_it(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY)
    scene.open_pull()
    assert refusal(ask(scene)) == "Auto merge is not allowed for this repository"
    assert scene.get("")["allow_auto_merge"] is False


def test_auto_merge__of_a_pull_request_that_is_ready(scene: Scene) -> None:
    scene.hub.allow_auto_merge(REPOSITORY)
    scene.open_pull()
    assert refusal(ask(scene)) == "Pull request Pull request is in clean status"
    assert scene.get("")["allow_auto_merge"] is True


def test_auto_merge__of_an_outdated_head(scene: Scene) -> None:
    waiting(scene)
    assert "expectedHeadOid" in refusal(ask(scene, head="a" * 40))
    assert scene.get("/pulls/1")["auto_merge"] is None


def test_auto_merge__without_write_access(scene: Scene) -> None:
    waiting(scene)
    scopes = {"pull_requests": "write", "contents": "read"}
    bot = scene.hub.create_token("interlock", scopes, bot=True)
    assert refusal(ask(scene, token=bot)) == "Resource not accessible by integration"
    scene.hub.create_user("mallory")
    stranger = scene.hub.create_token("mallory")
    assert "permissions" in refusal(ask(scene, token=stranger))


def test_auto_merge__can_be_disabled(scene: Scene) -> None:
    sha = waiting(scene)["head"]["sha"]
    assert "Can't disable" in refusal(ask(scene, "disable"))
    ask(scene)
    assert "errors" not in ask(scene, "disable")
    assert scene.names()[-1] == "pull_request.auto_merge_disabled"
    scene.pass_check(sha)
    assert scene.get("/pulls/1")["merged"] is False
    page = scene.http.get(f"/{REPOSITORY}/pull/1").text
    assert "enabled auto-merge" in page
    assert "disabled auto-merge" in page


def test_auto_merge__ends_when_the_pull_request_is_closed(scene: Scene) -> None:
    waiting(scene)
    ask(scene)
    for state in ("closed", "open"):
        scene.send("PATCH", "/pulls/1", json={"state": state})
    assert scene.get("/pulls/1")["auto_merge"] is None


def test_auto_merge__ends_when_a_stranger_pushes(scene: Scene) -> None:
    waiting(scene)
    scene.hub.create_fork(REPOSITORY, owner="mallory")
    token = scene.hub.create_token("mallory")
    fork = scene.hub.git_url("mallory/models", token)
    scene.clone.branch("evil")
    scene.clone.commit({"one.txt": "new\n"}, "One")
    scene.clone.git("push", "--quiet", fork, "evil")
    pull = {"title": "From afar", "head": "mallory:evil", "base": "main"}
    number = scene.send("POST", "/pulls", json=pull, headers=scene.bearer(token)).json()["number"]
    ask(scene, number=number)
    assert scene.get(f"/pulls/{number}")["auto_merge"]
    scene.clone.commit({"two.txt": "new\n"}, "Two")
    scene.clone.git("push", "--quiet", fork, "evil")
    assert scene.get(f"/pulls/{number}")["auto_merge"] is None


def test_auto_merge__of_two_merges_the_one_that_is_up_to_date(scene: Scene) -> None:
    heads = [waiting(scene, strict=True)["head"]["sha"]]
    scene.clone.git("checkout", "--quiet", "main")
    heads.append(scene.open_pull("other")["head"]["sha"])
    for number in (1, 2):
        ask(scene, number=number)
    for sha in heads:
        scene.pass_check(sha)
    assert [scene.get(f"/pulls/{number}")["merged"] for number in (1, 2)] == [True, False]


def test_rules__of_a_ruleset_are_separate_from_a_protected_branch(scene: Scene) -> None:
    def protections() -> tuple[bool, list[str], list[str]]:
        branch = scene.get("/branches/main")
        rules = scene.get("/rules/branches/main")
        required = [c["context"] for r in rules for c in r["parameters"]["required_status_checks"]]
        classic = branch["protection"]["required_status_checks"]["contexts"]
        return branch["protected"], classic, required

    assert protections() == (False, [], [])
    scene.hub.require_check(REPOSITORY)
    assert protections() == (True, ["interlock"], [])
    scene.hub.require_check(REPOSITORY, by_ruleset=True)
    assert protections() == (True, [], ["interlock"])
