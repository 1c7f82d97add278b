"""The issuer of ID tokens: its keys, the tokens of jobs, and who gets none."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

import github_sandbox
from github_sandbox import Event, JobAccess, WorkflowJob

from .scene import REPOSITORY, Scene

CALLER = ".github/workflows/models.yml"
CALLED = "acme/interlock/.github/workflows/models-train.yml@refs/tags/v1"
JOB = WorkflowJob(
    workflow_path=CALLER,
    run_id=17,
    run_number=5,
    run_attempt=2,
    workflow_name="models",
    job_workflow_ref=CALLED,
    job_workflow_sha="c" * 40,
)


def request(access: JobAccess, audience: str = "", token: str | None = None) -> httpx.Response:
    secret = access.token if token is None else token
    address = f"{access.url}&audience={audience}" if audience else access.url
    return httpx.get(address, headers={"Authorization": f"bearer {secret}"} if secret else {})


def key_of(issuer: str, token: str) -> Any:
    """The published key of a token, claimed as a verifier does."""
    about = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
    assert about["issuer"] == issuer
    published = jwt.PyJWKSet.from_dict(httpx.get(about["jwks_uri"]).json())
    return published[jwt.get_unverified_header(token)["kid"]].key


def verify(scene: Scene, token: str, audience: str) -> dict[str, Any]:
    issuer = f"{scene.url}/_services/token"
    key = key_of(issuer, token)
    return jwt.decode(token, key, algorithms=["RS256"], audience=audience, issuer=issuer)


def claims(scene: Scene, event: Event, job: WorkflowJob = JOB) -> dict[str, Any]:
    answer = request(scene.hub.open_job(event, job), "me").json()
    assert answer["count"] == len(answer["value"])
    return verify(scene, answer["value"], "me")


def push(scene: Scene) -> Event:
    scene.clone.commit({"b.txt": "b\n"}, "Second")
    scene.clone.push("main")
    return scene.events[-1]


def made(name: str, **payload: object) -> Event:
    return Event(name, "", {"sender": {"login": "octocat"}, **payload}, REPOSITORY, False)


def test_token__of_a_push_has_every_claim(scene: Scene) -> None:
    event = push(scene)
    repository, head = scene.get(""), scene.clone.head()
    claimed = claims(scene, event)
    now = time.time()
    assert now - 60 < claimed.pop("iat") <= claimed.pop("exp") - 300 <= now
    assert claimed.pop("nbf") < now
    assert len({claimed.pop("jti"), claims(scene, event)["jti"]}) == 2
    assert claimed.pop("check_run_id").isdecimal()
    assert claimed == {
        "iss": scene.hub.issuer,
        "aud": "me",
        "sub": "repo:acme/models:ref:refs/heads/main",
        "event_name": "push",
        "ref": "refs/heads/main",
        "ref_type": "branch",
        "ref_protected": "false",
        "sha": head,
        "head_ref": "",
        "base_ref": "",
        "repository": "acme/models",
        "repository_id": str(repository["id"]),
        "repository_owner": "acme",
        "repository_owner_id": str(repository["owner"]["id"]),
        "repository_visibility": "public",
        "actor": "octocat",
        "actor_id": str(event.payload["sender"]["id"]),
        "workflow": "models",
        "workflow_ref": f"acme/models/{CALLER}@refs/heads/main",
        "workflow_sha": head,
        "job_workflow_ref": CALLED,
        "job_workflow_sha": "c" * 40,
        "run_id": "17",
        "run_number": "5",
        "run_attempt": "2",
        "runner_environment": "github-hosted",
    }


def test_description__names_every_claim(scene: Scene) -> None:
    about = httpx.get(f"{scene.hub.issuer}/.well-known/openid-configuration").json()
    job = WorkflowJob(workflow_path=CALLER, environment="production")
    assert set(about["claims_supported"]) == set(claims(scene, push(scene), job))
    assert about["id_token_signing_alg_values_supported"] == ["RS256"]


def test_job__of_the_calling_file_names_it(scene: Scene) -> None:
    event = push(scene)
    job = WorkflowJob(workflow_path=CALLER, environment="west:1", runner_environment="self-hosted")
    claimed = claims(scene, event, job)
    assert claimed["workflow"] == CALLER
    assert claimed["job_workflow_ref"] == claimed["workflow_ref"]
    assert claimed["job_workflow_sha"] == claimed["workflow_sha"] == claimed["sha"]
    assert claimed["runner_environment"] == "self-hosted"
    assert (claimed["environment"], claimed["sub"]) == (
        "west:1",
        "repo:acme/models:environment:west%3A1",
    )


def test_pull_request__uses_its_merge_commit_and_names_both_branches(scene: Scene) -> None:
    pull = scene.open_pull()
    opened = claims(scene, scene.events[-1])
    merge = scene.get("/pulls/1")["merge_commit_sha"]
    assert merge not in ("", None, pull["head"]["sha"])
    scene.post("/pulls/1/reviews", event="COMMENT", body="Fine.")
    reviewed = claims(scene, scene.events[-1])
    for claimed in (opened, reviewed):
        assert (claimed["ref"], claimed["sha"]) == ("refs/pull/1/merge", merge)
        assert claimed["workflow_sha"] == merge
        assert claimed["workflow_ref"] == f"acme/models/{CALLER}@refs/pull/1/merge"
    assert (opened["head_ref"], opened["base_ref"]) == ("topic", "main")
    assert (reviewed["head_ref"], reviewed["base_ref"]) == ("", "")
    assert opened["sub"] == "repo:acme/models:pull_request"
    assert reviewed["event_name"] == "pull_request_review"


def test_review__of_a_change_with_conflicts_has_no_run(scene: Scene) -> None:
    scene.open_pull(files={"a.txt": "theirs\n"})
    scene.clone.branch("main", start="origin/main")
    scene.clone.commit({"a.txt": "ours\n"}, "Ours")
    scene.clone.push("main")
    scene.post("/pulls/1/reviews", event="COMMENT", body="Fine.")
    with pytest.raises(github_sandbox.SandboxError, match="no refs/pull/1/merge"):
        scene.hub.open_job(scene.events[-1], JOB)


def test_queue__uses_the_head_of_its_group(scene: Scene) -> None:
    ref = f"refs/heads/gh-readonly-queue/main/pr-1-{'b' * 40}"
    group = {"head_sha": "a" * 40, "head_ref": ref, "base_ref": "refs/heads/main"}
    claimed = claims(scene, made("merge_group", merge_group=group))
    assert (claimed["ref"], claimed["sha"]) == (ref, "a" * 40)
    assert (claimed["head_ref"], claimed["base_ref"]) == ("", "")


def test_dispatch__uses_the_tip_of_its_branch(scene: Scene) -> None:
    scene.clone.branch("topic")
    tip = scene.clone.commit({CALLER: "on: workflow_dispatch\n"}, "Add a workflow")
    scene.clone.push("topic")
    answer = scene.post("/actions/workflows/models.yml/dispatches", ref="topic")
    assert answer.status_code == 204
    claimed = claims(scene, scene.events[-1])
    assert (claimed["ref"], claimed["sha"]) == ("refs/heads/topic", tip)


@pytest.mark.parametrize("name", ["issue_comment", "workflow_run", "pull_request_target"])
def test_other_events__use_the_default_branch(scene: Scene, name: str) -> None:
    """Also a comment on the pull request of a fork, whose code such a run may train."""
    scene.hub.require_check(REPOSITORY)
    main = scene.clone.head()
    scene.open_pull()
    foreign = {"number": 1, "head": {"repo": None}}
    claimed = claims(scene, made(name, pull_request=foreign))
    assert (claimed["ref"], claimed["sha"]) == ("refs/heads/main", main)
    assert claimed["ref_protected"] == "true"


def test_schedule__uses_the_default_branch_and_an_actor(scene: Scene) -> None:
    scene.hub.emit_schedule(REPOSITORY, cron="17 * * * *")
    claimed = claims(scene, scene.events[-1])
    assert (claimed["ref"], claimed["sha"]) == ("refs/heads/main", scene.clone.head())
    assert claimed["actor"] == "acme"


def test_tag__is_its_own_type(scene: Scene) -> None:
    scene.clone.git("tag", "v1")
    scene.clone.push("v1")
    assert claims(scene, scene.events[-1])["ref_type"] == "tag"


@pytest.mark.parametrize("name", ["pull_request", "pull_request_review"])
@pytest.mark.parametrize("repository", [None, {"full_name": "mallory/models"}])
def test_fork__gets_no_token(scene: Scene, name: str, repository: dict[str, str] | None) -> None:
    pull = {"number": 1, "head": {"repo": repository, "ref": "x"}, "merge_commit_sha": "a" * 40}
    with pytest.raises(github_sandbox.SandboxError, match="of a fork"):
        scene.hub.open_job(made(name, pull_request=pull), JOB)


@pytest.mark.parametrize("name", ["pull_request", "push"])
def test_dependabot__gets_no_token(scene: Scene, name: str) -> None:
    scene.open_pull()
    event = next(each for each in scene.events if each.name == name)
    event.payload["sender"]["login"] = "dependabot[bot]"
    with pytest.raises(github_sandbox.SandboxError, match="Dependabot"):
        scene.hub.open_job(event, JOB)


def test_request__without_an_audience_names_the_owner(scene: Scene) -> None:
    access = scene.hub.open_job(push(scene), JOB)
    token = request(access).json()["value"]
    assert verify(scene, token, f"{scene.url}/acme")["aud"] == f"{scene.url}/acme"
    assert access.variables == {
        "ACTIONS_ID_TOKEN_REQUEST_URL": access.url,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": access.token,
    }


def test_request__needs_the_token_of_a_running_job(scene: Scene) -> None:
    event = push(scene)
    access, other = scene.hub.open_job(event, JOB), scene.hub.open_job(event, JOB)
    for wrong in ("", "wrong", scene.token):
        assert request(access, token=wrong).status_code == 401
    basic = httpx.get(access.url, headers={"Authorization": f"basic {access.token}"})
    assert basic.status_code == 401
    scene.hub.end_job(access)
    assert request(access).status_code == 403
    assert request(other).status_code == 200
    headers = scene.bearer(access.token)
    assert scene.http.get("/api/user", headers=headers).status_code == 401


def test_keys__survive_a_restart_and_rotate(scene: Scene, tmp_path: Path) -> None:
    event = push(scene)
    access = scene.hub.open_job(event, JOB)
    before = request(access, "me").json()["value"]
    again = github_sandbox.Sandbox(scene.hub.instance.root)
    again.rotate_signing_key()
    again.close()
    after = request(access, "me").json()["value"]
    assert len({jwt.get_unverified_header(each)["kid"] for each in (before, after)}) == 2
    assert verify(scene, before, "me")
    assert verify(scene, after, "me")
    scene.hub.forget_old_signing_keys()
    assert verify(scene, after, "me")
    with pytest.raises(KeyError):
        verify(scene, before, "me")


def test_sign_id_token__signs_any_claims(scene: Scene) -> None:
    token = scene.hub.sign_id_token({"iss": scene.hub.issuer, "aud": "me", "sha": "x"})
    assert verify(scene, token, "me")["sha"] == "x"


def test_open_job__outside_of_serving_is_an_error(tmp_path: Path) -> None:
    hub = github_sandbox.Sandbox(tmp_path)
    hub.create_repository(REPOSITORY)
    with pytest.raises(github_sandbox.SandboxError, match="not serving"):
        hub.open_job(made("push", ref="refs/heads/main", after="a" * 40), JOB)
    hub.close()
