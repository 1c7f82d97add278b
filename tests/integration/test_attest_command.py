"""Train, attest and evaluate a pull request as its jobs do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests import migrated, pull_jobs, tiny
from tests.docs import documents as printed
from tests.pull_jobs import Jobs


@pytest.fixture
def jobs(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, programs: Path
) -> Iterator[Jobs]:
    uri = migrated.copy(tmp_path_factory, tmp_path / "mlflow")
    with pull_jobs.serve(tmp_path, program=programs / "interlock", uri=uri) as jobs:
        yield jobs


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(done.stdout)
    jsonschema.Draft202012Validator(printed.schema(made["schema"])).validate(made)
    return made


def test_attest__a_pull_request_from_the_training_to_the_evidence(jobs: Jobs) -> None:
    head = jobs.open_pull()
    outputs = jobs.train(head)
    named = ("tiny", "--run", outputs["run"], "--digest", outputs["digest"])
    bare = jobs.bare("attesting")
    missing = jobs.call("attest", *named, at=bare)
    assert missing.returncode == 3
    assert "ACTIONS_ID_TOKEN_REQUEST_URL" in missing.stderr
    before = jobs.call("evaluate", "--rev", head, "--json", at=jobs.repo.root,
                       variables=jobs.request("evaluate").variables)  # fmt: skip
    assert before.returncode == 1, before.stderr
    assert "it has no attestation.json" in before.stdout

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
    outputs = jobs.train(head)
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
    assert "models-train.yml may not write interlock/candidate/v1" in counted.stdout
    planned = jobs.call(
        "plan", "--base", "main", "--head", head, "--json", at=jobs.repo.root, variables=variables
    )
    assert [each["decision"] for each in document(planned)["models"]] == ["train"]


def test_attest__where_no_provenance_is_required(tmp_path: Path, programs: Path) -> None:
    """By hand it is the default: no event, no MLflow and no token is needed."""
    repo = tiny.make(tmp_path)
    run = ("--run", "r", "--digest", "d" * 64, "--json", "--repo", str(repo.root))
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
    outputs = jobs.train(jobs.open_pull())
    named = ("tiny", "--run", outputs["run"], "--digest", outputs["digest"])
    variables = jobs.request("evaluate").variables
    done = jobs.call("attest", *named, at=jobs.bare("attesting"), variables=variables)
    assert done.returncode == 1
    assert "models-evaluate.yml may not write interlock/candidate/v1" in done.stderr
