"""Train, attest and evaluate a pull request as its jobs do: processes, real DVC and MLflow, and the
local GitHub as the issuer of tokens."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from github_sandbox import Event, JobAccess, WorkflowJob
from tests import migrated, tiny
from tests.docs import documents as printed
from tests.sandbox import scene
from tests.sandbox.scene import REPOSITORY, Scene
from tests.tiny import Tiny

INTERLOCK = "acme/interlock/.github/workflows/models-{}.yml@refs/tags/v1"
POLICY = tiny.POLICY + "provenance: required\n"


@dataclass
class Jobs:
    """The jobs of one event. Each has the variables that GitHub gives to its steps."""

    origin: Scene
    repo: Tiny
    uri: str
    program: Path
    event: Event = field(init=False)

    def open_pull(self, *, into: str = "main") -> str:
        """Change the model in a pull request; return its head."""
        self.repo.git("checkout", "--quiet", "-b", "change")
        head = self.repo.commit(params_yaml="size: 7\n")
        self.repo.git("push", "--quiet", "origin", "change")
        made = self.origin.post("/pulls", title="Grow", body="", head="change", base=into)
        assert made.status_code == 201, made.text
        self._read_event()
        return head

    def retarget(self, *, into: str) -> None:
        """Send the pull request to another base."""
        number = self.event.payload["pull_request"]["number"]
        sent = self.origin.send("PATCH", f"/pulls/{number}", json={"base": into})
        assert sent.status_code == 200, sent.text
        self._read_event()

    def _read_event(self) -> None:
        self.event = next(e for e in reversed(self.origin.events) if e.name == "pull_request")

    def request(self, verb: str) -> JobAccess:
        """A job of models-<verb>.yml with `id-token: write`."""
        job = WorkflowJob(
            workflow_path=".github/workflows/models.yml",
            job_workflow_ref=INTERLOCK.format(verb),
            job_workflow_sha="c" * 40,
        )
        return self.origin.hub.open_job(self.event, job)

    def call(
        self, *arguments: str, at: Path, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        payload = self.repo.root.parent / "event.json"
        payload.write_text(json.dumps(self.event.payload))
        pull = self.event.payload["pull_request"]
        job = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": self.origin.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REPOSITORY_ID": str(self.event.payload["repository"]["id"]),
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": str(payload),
            "GITHUB_REF": f"refs/pull/{pull['number']}/merge",
            "GITHUB_BASE_REF": pull["base"]["ref"],
            "GITHUB_SHA": pull["merge_commit_sha"],
            "GITHUB_OUTPUT": str(self.repo.root.parent / "outputs"),
        }
        env = tiny.environment(self.repo, self.repo.root.parent / "home", self.uri)
        return subprocess.run(
            [self.program, *arguments, "--repo", at],
            capture_output=True,
            text=True,
            check=False,
            env=env | job | dict(variables or {}),
        )

    def bare(self, name: str) -> Path:
        folder = self.repo.root.parent / name
        url = self.repo.git("remote", "get-url", "origin")
        subprocess.run(["git", "clone", "--quiet", "--bare", url, folder], check=True)
        return folder


@pytest.fixture
def jobs(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, programs: Path
) -> Iterator[Jobs]:
    with scene.serve(tmp_path / "github") as origin:
        repo = tiny.make(tmp_path)
        (repo.root / ".github" / "interlock.yml").write_text(POLICY)
        repo.commit()
        url = origin.hub.git_url(REPOSITORY, origin.token)
        repo.git("remote", "add", "origin", url)
        repo.git("push", "--quiet", "--force", "origin", "main")
        repo.git("fetch", "--quiet", "origin")
        uri = migrated.copy(tmp_path_factory, tmp_path / "mlflow")
        yield Jobs(origin, repo, uri, programs / "interlock")


def trained(jobs: Jobs, head: str) -> dict[str, str]:
    """The outputs of the job that trains; it can request no token."""
    done = jobs.call("train", "tiny", "--rev", head, at=jobs.repo.root)
    assert done.returncode == 0, done.stderr
    lines = (jobs.repo.root.parent / "outputs").read_text().splitlines()
    pairs = zip(lines[::3], lines[1::3], strict=True)
    return {name.partition("<<")[0]: value for name, value in pairs}


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(done.stdout)
    jsonschema.Draft202012Validator(printed.schema(made["schema"])).validate(made)
    return made


def test_attest__a_pull_request_from_the_training_to_the_evidence(jobs: Jobs) -> None:
    head = jobs.open_pull()
    outputs = trained(jobs, head)
    named = ("tiny", "--run", outputs["run"], "--digest", outputs["digest"])
    bare = jobs.bare("attesting")
    missing = jobs.call("attest", *named, at=bare)
    assert missing.returncode == 3
    assert "ACTIONS_ID_TOKEN_REQUEST_URL" in missing.stderr
    before = jobs.call("evaluate", "--rev", head, "--json", at=jobs.repo.root,
                       variables=jobs.request("evaluate").variables)  # fmt: skip
    assert before.returncode == 1, before.stderr
    assert "it has no attestation.json" in before.stderr

    access = jobs.request("train")
    done = jobs.call("attest", *named, "--json", at=bare, variables=access.variables)
    assert done.returncode == 0, done.stderr
    attested = document(done)
    merge = jobs.event.payload["pull_request"]["merge_commit_sha"]
    assert (attested["outcome"], attested["commit"], attested["merge"]) == ("attested", head, merge)

    after = jobs.call("evaluate", "--rev", head, "--json", at=jobs.repo.root,
                      variables=jobs.request("evaluate").variables)  # fmt: skip
    assert after.returncode == 0, after.stderr
    (model,) = document(after)["models"]
    assert model["outcome"] == "pass"
    again = jobs.call("attest", *named, "--json", at=bare, variables=access.variables)
    assert again.returncode == 0, again.stderr
    assert document(again)["outcome"] == "not_needed"


def test_attest__a_pull_request_into_another_branch_is_evaluated_and_counts_for_nothing(
    jobs: Jobs,
) -> None:
    jobs.repo.git("push", "--quiet", "origin", "main:release")
    head = jobs.open_pull(into="release")
    outputs = trained(jobs, head)
    named = ("tiny", "--run", outputs["run"], "--digest", outputs["digest"])
    evaluate = ("evaluate", "--rev", head, "--json")
    variables = jobs.request("train").variables
    done = jobs.call("attest", *named, at=jobs.bare("attesting"), variables=variables)
    assert done.returncode == 0, done.stderr
    assert "only a report may show it" in done.stdout
    variables = jobs.request("evaluate").variables
    shown = jobs.call(*evaluate, at=jobs.repo.root, variables=variables)
    assert shown.returncode == 0, shown.stderr

    jobs.retarget(into="main")
    variables = jobs.request("evaluate").variables
    counted = jobs.call(*evaluate, at=jobs.repo.root, variables=variables)
    assert counted.returncode == 1, counted.stderr
    assert "models-train.yml may not write interlock/candidate/v1" in counted.stderr
    planned = jobs.call(
        "plan", "--base", "main", "--head", head, "--json", at=jobs.repo.root, variables=variables
    )
    assert [each["decision"] for each in document(planned)["models"]] == ["train"]


def test_attest__where_no_provenance_is_required(tmp_path: Path, programs: Path) -> None:
    """By hand it is the default: no event, no MLflow and no token is needed."""
    repo = tiny.make(tmp_path)
    run = ("--run", "r", "--digest", "d", "--json", "--repo", str(repo.root))
    done = subprocess.run(
        [programs / "interlock", "attest", "tiny", *run],
        capture_output=True,
        text=True,
        check=False,
        env=tiny.environment(repo, tmp_path / "home", ""),
    )
    assert done.returncode == 0, done.stderr
    assert document(done)["outcome"] == "not_needed"


def test_attest__a_job_of_another_workflow_file_attests_nothing(jobs: Jobs) -> None:
    outputs = trained(jobs, jobs.open_pull())
    named = ("tiny", "--run", outputs["run"], "--digest", outputs["digest"])
    variables = jobs.request("evaluate").variables
    done = jobs.call("attest", *named, at=jobs.bare("attesting"), variables=variables)
    assert done.returncode == 1
    assert "models-evaluate.yml may not write interlock/candidate/v1" in done.stderr
