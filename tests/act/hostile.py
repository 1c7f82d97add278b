"""Changes that a hostile author pushes: a calling file, a base branch, calls of our files."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlock import documents
from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.demo.pull_request_steps import PARAMS
from interlock.domain.model.evidence import Candidate
from interlock.services import attested_runs, run_documents, run_measurement
from tests.act import by_hand, forging, grants, planting, tokens
from tests.act.conftest import ActSession
from tests.act.pushing import LedgerClone

CALLER = ".github/workflows/models-pull-request.yml"
TRAIN = ".github/workflows/models-train.yml"
BASE, IMPOSTER = "hostile", "d" * 40
_FILES = Path(__file__).parent / "hostile_files"
_POLICY = ".github/interlock.yml"
_GATES = "model-manifests/digits/model.yaml"
_TRAINING = "model-manifests/diabetes/train.py"


@dataclass(frozen=True, slots=True)
class CallerAttack:
    """`run` is the planted run of the caller's own job, `imposters` that of the imposter's job."""

    pull: int
    run: str
    imposters: str


def change(session: ActSession, branch: str, *, before: str, after: str) -> str:
    """Commit another parameter of digits to a new branch, and return the commit."""
    user = session.project.user
    user.start_branch(branch)
    user.replace(PARAMS, f"c: {before} ", f"c: {after} ")
    user.commit_and_push(branch, "Fit digits otherwise")
    return user.git("rev-parse", "HEAD")


def amend(session: ActSession, branch: str) -> str:
    """Push the edited files of a branch, too."""
    session.project.user.commit_and_push(branch, "Add files")
    return session.project.user.git("rev-parse", "HEAD")


def open_pull(session: ActSession, branch: str, *, base: str) -> int:
    request = {"title": "Fit digits otherwise", "body": "", "head": branch, "base": base}
    answer = session.project.user.request("POST", "pulls", request)
    assert answer.status == 201, answer.body
    return int(answer.body["number"])


def replace_caller(session: ActSession, ledger: LedgerClone) -> CallerAttack:
    """Open a pull request that replaces the calling file. Its own job attests a planted run and
    evidence; a job of an imposter's file attests another run and a promotion."""
    user, plans = session.project.user, [session.project.folder / f"{n}.json" for n in range(2)]
    change(session, "caller", before="100.0", after="30.0")
    own, imposter = (forging.command(plan) for plan in plans)
    _install_imposter(session, imposter)
    words = {"FORGE": own, "IMPOSTER": IMPOSTER, "MAIN": user.git("rev-parse", "origin/main")}
    (user.folder / CALLER).write_text(_read("caller.yml", words))
    head = amend(session, "caller")
    fingerprint = by_hand.fingerprint(session, "digits", head)
    planted = [planting.run(session, fingerprint, head) for _ in plans]
    pull = open_pull(session, "caller", base="main")
    forged = (planting.evidence(session, planted[0]), planting.promotion(session, planted[1]))
    for plan, run, records in zip(plans, planted, forged, strict=True):
        subject = subject_of(session, run, merge=_merge(session, pull))
        forging.write(plan, session.project, ledger, subject=subject, records=records)
    return CallerAttack(pull, *(run["run_id"] for run in planted))


def _install_imposter(session: ActSession, command: str) -> None:
    folder = grants.version(session.act.installed.folder, IMPOSTER)
    file = folder / TRAIN
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_read("imposter.yml", {"FORGE": command}))
    tokens.rewrite_file(file, called=TRAIN)
    places = (*session.act.installed.places, f"acme/interlock@{IMPOSTER}={folder}")
    session.act.installed = dataclasses.replace(session.act.installed, places=places)


def _read(name: str, words: Mapping[str, str]) -> str:
    text = (_FILES / name).read_text()
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _merge(session: ActSession, pull: int) -> str:
    return str(session.project.user.request("GET", f"pulls/{pull}").body["merge_commit_sha"])


def subject_of(
    session: ActSession, planted: Mapping[str, Any], *, merge: str | None
) -> dict[str, Any]:
    """The document that an attestation of the planted run would have."""
    candidate = documents.load(planted, Candidate, where="candidate.json")
    runs = MlflowRuns(session.project.mlflow_uri)
    folder = session.project.folder / "measured" / candidate.run_id
    return attested_runs.subject_of(
        candidate,
        commit=candidate.revision,
        merge=merge,
        document=run_documents.digest(candidate),
        files=run_measurement.measure(candidate, runs, folder=folder),
    ).audience_of


def write_direct_calls(session: ActSession) -> None:
    """Push a branch BASE whose policy requires no provenance, and make a commit over it whose own
    workflow file calls our files: they train diabetes, with a program that searches for tokens,
    and evaluate digits with a weaker gate."""
    user = session.project.user
    user.start_branch("direct")
    user.replace(_POLICY, "provenance: required", "provenance: none")
    user.commit_and_push(BASE, "Require nothing")
    user.git("rm", "--quiet", CALLER)
    (user.folder / CALLER).with_name("direct.yml").write_text((_FILES / "direct.yml").read_text())
    user.replace(_GATES, "{metric: model_size_mb, max: 20}", "{metric: model_size_mb, max: 30}")
    start, search = "def main() -> None:\n", (_FILES / "search.py").read_text()
    user.replace(_TRAINING, start, f"{search}\n\n{start}    search()\n")
    user.git("add", "--all")
    user.git("commit", "--quiet", "--message", "Start the jobs directly")


def dispatch_direct_calls(session: ActSession) -> None:
    """Start the same calls by a dispatch of the branch: its file has a name that main knows."""
    user = session.project.user
    write_direct_calls(session)
    user.git("mv", str(Path(CALLER).with_name("direct.yml")), CALLER)
    user.replace(CALLER, "on: [push, pull_request]", "on: workflow_dispatch")
    amend(session, "direct")
    dispatch(session, Path(CALLER).name, "direct")


def dispatch(session: ActSession, workflow: str, branch: str) -> None:
    path = f"actions/workflows/{workflow}/dispatches"
    assert session.project.user.request("POST", path, {"ref": branch}).status == 204
