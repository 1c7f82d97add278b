"""Rules of a branch: listed for everyone, and refused by pushes, the API and merges."""

from __future__ import annotations

import pytest

import github_sandbox

from .scene import REPOSITORY, Scene

LEDGER = "interlock-ledger"
APP = {"actor_id": 7, "actor_type": "Integration", "bypass_mode": "always"}


def start_ledger(scene: Scene) -> str:
    """Push a protected branch with two commits; return the second."""
    scene.hub.protect_branch(REPOSITORY, LEDGER)
    scene.clone.branch(LEDGER)
    scene.clone.commit({"one.json": "{}\n"}, "One")
    head = scene.clone.commit({"two.json": "{}\n"}, "Two")
    scene.clone.push(LEDGER)
    return head


def merge_other(scene: Scene) -> str:
    """Merge another branch into the local ledger; return the merge commit."""
    scene.clone.branch("other", start="main")
    scene.clone.commit({"other.json": "{}\n"}, "Other")
    scene.clone.push("other")
    scene.clone.git("checkout", "--quiet", LEDGER)
    scene.clone.git("merge", "--quiet", "--no-ff", "--no-edit", "other")
    return scene.clone.head()


def types(scene: Scene, branch: str) -> list[str]:
    return [rule["type"] for rule in scene.get(f"/rules/branches/{branch}")]


def test_rules__of_a_branch_are_listed_for_it_alone(scene: Scene) -> None:
    start_ledger(scene)
    assert types(scene, LEDGER) == ["non_fast_forward", "deletion", "required_linear_history"]
    assert types(scene, "main") == []
    scene.hub.protect_branch(REPOSITORY, LEDGER, rules=["deletion"])
    scene.hub.require_check(REPOSITORY, LEDGER, by_ruleset=True)
    assert types(scene, LEDGER) == ["deletion", "required_status_checks"]
    scene.hub.protect_branch(REPOSITORY, LEDGER, rules=())
    assert types(scene, LEDGER) == ["required_status_checks"]


def test_push__that_breaks_a_rule_is_refused(scene: Scene) -> None:
    head = start_ledger(scene)
    refused = {
        "Cannot force-push to this branch": f"+{head}~1:{LEDGER}",
        "Cannot delete this branch": f":{LEDGER}",
        "This branch must not contain merge commits": f"{merge_other(scene)}:{LEDGER}",
    }
    for reason, words in refused.items():
        output = scene.clone.push(words, ok=False)
        assert f"GH013: Repository rule violations found for refs/heads/{LEDGER}" in output
        assert reason in output
    assert scene.get(f"/git/ref/heads/{LEDGER}")["object"]["sha"] == head
    scene.clone.git("reset", "--quiet", "--hard", head)
    scene.clone.commit({"three.json": "{}\n"}, "Three")
    scene.clone.push(LEDGER)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("non_fast_forward", "+interlock-ledger~1:interlock-ledger"),
        ("deletion", ":interlock-ledger"),
        ("required_linear_history", "other-merge:interlock-ledger"),
    ],
)
def test_push__that_another_rule_would_refuse_is_accepted(
    scene: Scene, rule: str, words: str
) -> None:
    head = start_ledger(scene)
    scene.clone.git("branch", "other-merge", merge_other(scene))
    scene.clone.git("reset", "--quiet", "--hard", head)
    others = [other for other in types(scene, LEDGER) if other != rule]
    scene.hub.protect_branch(REPOSITORY, LEDGER, rules=others)
    scene.clone.push(words)


def test_first_push__of_a_linear_branch_may_not_contain_a_merge(scene: Scene) -> None:
    start_ledger(scene)
    scene.hub.protect_branch(REPOSITORY, "linear")
    assert "merge commits" in scene.clone.push(f"{merge_other(scene)}:refs/heads/linear", ok=False)
    scene.clone.push("other:linear")


def test_api__refuses_what_a_push_may_not(scene: Scene) -> None:
    head = start_ledger(scene)
    merge = merge_other(scene)
    scene.clone.push(f"{merge}:refs/heads/place")
    path = f"/git/refs/heads/{LEDGER}"
    older = scene.clone.git("rev-parse", f"{head}~1")
    answers = [
        scene.send("PATCH", path, json={"sha": older, "force": True}),
        scene.send("PATCH", path, json={"sha": merge}),
        scene.send("DELETE", path),
    ]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert all("rule violations" in answer.json()["message"] for answer in answers)
    assert scene.get(f"/git/ref/heads/{LEDGER}")["object"]["sha"] == head


def test_merge__into_a_linear_branch_needs_another_method(scene: Scene) -> None:
    scene.hub.protect_branch(REPOSITORY, "main")
    number = scene.open_pull()["number"]
    refused = scene.merge(number)
    assert refused.status_code == 405
    assert "must not contain merge commits" in refused.json()["message"]
    assert scene.merge(number, merge_method="squash").status_code == 200


def test_ruleset__shows_who_may_bypass_it_to_an_administrator_only(scene: Scene) -> None:
    scene.hub.protect_branch(REPOSITORY, LEDGER, bypass_actors=[APP])
    [listed] = scene.get("/rulesets")
    ruleset = scene.get(f"/rulesets/{listed['id']}")
    assert ruleset["conditions"]["ref_name"]["include"] == [f"refs/heads/{LEDGER}"]
    assert [rule["type"] for rule in ruleset["rules"]] == types(scene, LEDGER)
    assert {rule["ruleset_id"] for rule in scene.get(f"/rules/branches/{LEDGER}")} == {listed["id"]}
    assert "bypass_actors" not in listed
    assert "bypass_actors" not in ruleset
    headers = scene.bearer(scene.hub.create_token("acme"))
    shown = scene.send("GET", f"/rulesets/{listed['id']}", headers=headers).json()
    assert shown["bypass_actors"] == [APP]
    assert scene.send("GET", "/rulesets/99").status_code == 404


def test_ruleset__keeps_its_id(scene: Scene) -> None:
    scene.hub.protect_branch(REPOSITORY, LEDGER)
    scene.hub.protect_branch(REPOSITORY, "main")
    before = {each["id"] for each in scene.get("/rulesets")}
    scene.hub.protect_branch(REPOSITORY, LEDGER, rules=["deletion"])
    assert {each["id"] for each in scene.get("/rulesets")} == before
    assert len(before) == 2


def test_protect_branch__knows_its_rules(scene: Scene) -> None:
    with pytest.raises(github_sandbox.SandboxError, match="tidy is not a rule"):
        scene.hub.protect_branch(REPOSITORY, LEDGER, rules=["tidy"])
