"""A job finds no token of another job, and the ID token that it requests describes it.

act runs all jobs as one user on one machine, so some holes of this test's machine do not exist on
GitHub, and are not searched here: the memory of act, files and processes of jobs that run at the
same time, the state of the local GitHub, and `${{ toJSON(vars) }}` in a workflow file.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
import requests

from tests.act import tokens
from tests.act.conftest import ActSession, empty_session, failed
from tests.act.triggers import WorkflowRun

CALLER = """\
name: probe
on: push
permissions: {}
jobs:
  first:
    permissions: {contents: read, id-token: write}
    uses: acme/interlock/.github/workflows/called.yml@v1
  own:
    needs: first
    runs-on: ubuntu-latest
    permissions: {contents: read}
    env: {SEEN: "${{ vars.PLANTED }}${{ secrets.PLANTED }}"}
    steps: [{uses: acme/interlock/actions/probe@v1, with: {token: "${{ github.token }}"}}]
"""
CALLED = """\
on: {workflow_call: {}}
permissions: {}
jobs:
  attest:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    steps:
      - {uses: acme/interlock/actions/probe@v1, with: {token: "${{ github.token }}"}}
      - run: |
          curl --silent --header "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
            "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sha256:1"
  train:
    needs: attest
    runs-on: ubuntu-latest
    permissions: {contents: read}
    steps: [{uses: acme/interlock/actions/probe@v1, with: {token: "${{ github.token }}"}}]
"""
# It prints the environment of the job, of a child and of its parent, and the tokens in all files
# below the home of all jobs.
PROBE = """\
name: probe
inputs: {token: {required: true}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {TOKEN: "${{ inputs.token }}"}
      run: |
        env
        sleep 60 &
        tr '\\0' '\\n' < /proc/$!/environ
        kill $!
        tr '\\0' '\\n' < /proc/$PPID/environ
        grep -r --text --only-matching --no-filename 'sandbox_[0-9a-z_]*' "$HOME" . || true
"""
CALLED_PATH = ".github/workflows/called.yml"
TOKEN = re.compile(r"sandbox_(?:job_)?[0-9a-f]{40}")


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ActSession, WorkflowRun]]:
    """A run of a workflow of this test, which calls another one."""
    folder = tmp_path_factory.mktemp("tokens").resolve()
    with empty_session(folder) as session:
        _install(session, folder / "probe")
        user = session.project.user
        workflows = user.folder / ".github" / "workflows"
        shutil.rmtree(workflows)
        workflows.mkdir()
        (workflows / "probe.yml").write_text(CALLER)
        (user.folder / ".actrc").write_text("--env PLANTED=planted-value\n")
        for name in (".env", ".vars", ".secrets", ".input"):
            (user.folder / name).write_text("PLANTED=planted-value\n")
        user.commit_and_push("main", "Probe")
        (run,) = session.run_pending()
        yield session, run


def _install(session: ActSession, place: Path) -> None:
    workflow, action = place / CALLED_PATH, place / "actions" / "probe" / "action.yml"
    for file, text in ((workflow, CALLED), (action, PROBE)):
        file.parent.mkdir(parents=True)
        file.write_text(text)
    tokens.rewrite_file(workflow, called=CALLED_PATH)
    session.act.installed = dataclasses.replace(
        session.act.installed, folder=place, places=(f"acme/interlock@v1={place}",)
    )


def printed(run: WorkflowRun, job: str) -> str:
    lines = (line.partition("]") for line in run.output.splitlines())
    return "\n".join(text for place, _, text in lines if place.rstrip().endswith(f"/{job}"))


def tokens_of(run: WorkflowRun, job: str) -> set[str]:
    """The tokens that a job printed."""
    return set(TOKEN.findall(printed(run, job)))


def test_job__finds_only_its_own_tokens(probed: tuple[ActSession, WorkflowRun]) -> None:
    _, run = probed
    assert run.succeeded, failed([run])
    by_job = {job: tokens_of(run, job) for job in ("attest", "train", "own")}
    assert {job: len(each) for job, each in by_job.items()} == {
        "attest": 2,
        "train": 1,
        "own": 1,
    }
    assert len(set.union(*by_job.values())) == 4
    assert "ACTIONS_ID_TOKEN_REQUEST_TOKEN" in printed(run, "attest")
    assert "ACTIONS_ID_TOKEN" not in printed(run, "train") + printed(run, "own")


def test_id_token__describes_the_job_and_ends_with_it(
    probed: tuple[ActSession, WorkflowRun],
) -> None:
    session, run = probed
    (answer,) = re.findall(r"\{\"count\".*\}", printed(run, "attest"))
    issuer = session.project.hub.issuer
    keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks")
    token = json.loads(answer)["value"]
    key = keys.get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="sha256:1", issuer=issuer)
    head = session.project.user.git("rev-parse", "HEAD")
    environment = dict(re.findall(r"\| (GITHUB_\w+)=(.*)", printed(run, "attest")))
    assert claims["sha"] == claims["workflow_sha"] == environment["GITHUB_SHA"] == head
    assert claims["run_id"] == environment["GITHUB_RUN_ID"]
    assert claims["run_attempt"] == environment["GITHUB_RUN_ATTEMPT"] == "1"
    assert claims["workflow_ref"] == "acme/models/.github/workflows/probe.yml@refs/heads/main"
    assert claims["job_workflow_ref"] == f"acme/interlock/{CALLED_PATH}@refs/tags/v1"
    assert claims["job_workflow_sha"] == session.act.installed.commit
    request = dict(re.findall(r"\| ACTIONS_ID_TOKEN_REQUEST_(\w+)=(\S+)", printed(run, "attest")))
    bearer = {"Authorization": f"bearer {request['TOKEN']}"}
    assert requests.get(request["URL"], headers=bearer, timeout=30).status_code == 403


def test_act__reads_no_settings_of_the_change(probed: tuple[ActSession, WorkflowRun]) -> None:
    _, run = probed
    assert "GITHUB_RUN_ID" in run.output
    assert "planted-value" not in run.output
