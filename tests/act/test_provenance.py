"""Attacks on candidates and records, against the jobs of the workflow files.

Mallory may write to MLflow and to every branch. One session meets all attacks, in this order.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from interlock.demo.project import MODELS, REPOSITORY
from interlock.demo.state import LEDGER
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion
from interlock.ledger import lookup, records
from tests.act import by_hand, hostile, planting, pushing
from tests.act.conftest import ActSession, failed, jobs
from tests.act.pushing import LedgerClone
from tests.act.triggers import WorkflowRun

pytestmark = pytest.mark.timeout(1200)
TRAINED = ("plan", "train", "attest", "evaluate", "report", "gate")


@dataclass(frozen=True, slots=True)
class Scene:
    """`planted` is the document of Mallory's run for the commit of a pull request, `reasons` why
    the records that she pushed do not count; `runs` are those of the pull request's workflows."""

    session: ActSession
    pull: int
    planted: Mapping[str, Any]
    reasons: Mapping[str, str]
    runs: list[WorkflowRun]

    @property
    def output(self) -> str:
        return "".join(run.output for run in self.runs)

    @property
    def evidence(self) -> str:
        return lookup.evidence_path("digits", self.planted["fingerprint"])


@pytest.fixture(scope="module")
def ledger(session: ActSession) -> LedgerClone:
    return pushing.clone(session)


@pytest.fixture(scope="module")
def scene(session: ActSession, ledger: LedgerClone) -> Scene:
    """A pull request of octocat, for which Mallory plants a run and records before its jobs run."""
    head = hostile.change(session, "stronger", before="1.0", after="100.0")
    fingerprint = by_hand.fingerprint(session, "digits", head)
    planted = planting.run(session, fingerprint, head)
    ledger.push_with_copy(
        planting.evidence(session, planted) | planting.promotion(session, planted)
    )
    own = pushing.own_key(ledger.first_attestation().token, **pushing.COMMENT)
    ledger.push_attested(planting.hold(session), own)
    ledger.push({"attestations/jwks.json": own.key_set})
    reasons = by_hand.ignored(session)
    pull = hostile.open_pull(session, "stronger", base="main")
    return Scene(session, pull, planted, reasons, session.run_pending())


def test_run__planted_for_a_commit_is_passed_over(scene: Scene) -> None:
    """Without provenance the first complete run of a fingerprint is its candidate: the jobs would
    train nothing, and evaluate and promote Mallory's bytes."""
    ended = jobs(scene.runs)
    assert {name: ended.get(name) for name in TRAINED} == dict.fromkeys(TRAINED, "success"), failed(
        scene.runs
    )
    run = scene.planted["run_id"]
    assert f"digits: run {run} does not count: it has no attestation.json" in scene.output
    candidate = scene.session.state.record(scene.evidence)["candidate"]
    assert candidate["run_id"] != run
    comment = scene.session.state.comment(scene.pull)
    assert comment.startswith("✅ **digits** passes"), comment[:400]
    assert candidate["model"]["sha256"] in comment
    assert scene.planted["model"]["sha256"] not in comment


def test_record__with_a_copied_attestation_is_absent_and_its_path_is_free(scene: Scene) -> None:
    """Without provenance nothing would train, since there is evidence; and the promotion would name
    the production model, with which all later candidates are compared."""
    copied = {path: why for path, why in scene.reasons.items() if path.startswith(("ev", "prom"))}
    assert len(copied) == 3
    assert set(copied.values()) == {"its attestation is of another commit"}
    assert f"{scene.evidence} does not count: its attestation is of another commit" in scene.output
    counting = by_hand.records(scene.session, "digits")
    assert counting & set(copied) == {scene.evidence}


def test_record__with_a_planted_key_is_absent(scene: Scene) -> None:
    """Without provenance, or with the key beside the token, the hold would stop the promotion."""
    (hold,) = (path for path in scene.reasons if path.startswith(records.folder(Hold)))
    assert scene.reasons[hold] == "its token does not count: Signature verification failed"
    assert hold not in by_hand.records(scene.session, "digits")


def test_promotion__is_of_the_attested_bytes(scene: Scene) -> None:
    session = scene.session
    evaluated = session.state.record(scene.evidence)["candidate"]
    assert session.project.user.merge(scene.pull, method="squash").status == 200
    ran = session.run_pending()
    assert jobs(ran)["promote"] == "success", failed(ran)
    assert session.state.is_deployed("digits", 2)
    assert session.state.versions("digits")[2] == evaluated["model"]["sha256"]
    assert session.state.last_promotion("digits")["run_id"] == evaluated["run_id"]
    # The job recorded at the paths of Mallory's promotion, and its verification ended the list.
    forged = {path for path in scene.reasons if path.startswith(records.folder(Promotion))}
    assert len(forged) == 2
    assert forged <= by_hand.records(session, "digits")
    assert by_hand.ignored(session) == {}


def test_caller__of_a_pull_request_writes_nothing_that_counts(
    session: ActSession, ledger: LedgerClone
) -> None:
    """The change replaces the workflow file. Its own job, and one of an imposter's commit, get
    tokens of GitHub for planted runs and records; then our evaluation is called with the inputs of
    another commit. Without provenance all of them count, and the imposter's if the name of our
    repository is enough."""
    before = by_hand.records(session, "digits")
    attack = hostile.replace_caller(session, ledger)
    ran = session.run_pending()
    assert ran[0].succeeded, failed(ran)
    own = f"its workflow file acme/models/{hostile.CALLER}@refs/pull/{attack.pull}/merge"
    imposter = f"its workflow file acme/interlock/{hostile.TRAIN}@{hostile.IMPOSTER}"
    for run, why in ((attack.run, own), (attack.imposters, imposter)):
        assert f"run {run} does not count: {why}" in ran[0].output
    reasons = set(by_hand.ignored(session).values())
    assert {reason.partition(" (")[0] for reason in reasons} == {own, imposter}
    assert by_hand.records(session, "digits") == before
    session.project.user.close(attack.pull)
    session.run_pending()


def push_branch(session: ActSession) -> str:
    session.project.user.git("push", "--quiet", "origin", "direct")
    return "no reader would accept verdicts/digits/.*: a push of refs/heads/direct never counts"


def push_tag(session: ActSession) -> str:
    session.project.user.git("push", "--quiet", "origin", "direct:refs/tags/v3")
    return "no reader would accept verdicts/digits/.*: a push of refs/tags/v3 never counts"


def open_pull_into_own_base(session: ActSession) -> str:
    """The policy of its base requires no provenance, but a change must not bring its own rules."""
    hostile.open_pull(session, "direct", base=hostile.BASE)
    return "is attested for .*, and only a report may show it"


@pytest.mark.parametrize("start", [push_tag, push_branch, open_pull_into_own_base])
def test_called_files__started_by_a_file_of_a_branch_write_nothing_that_counts(
    session: ActSession, start: Callable[[ActSession], str]
) -> None:
    """Without provenance the run and the verdict of a branch count for main, before any review. The
    program that trains looks for a token on the way. Into another base a report may show the
    results: the jobs succeed."""
    before = [by_hand.records(session, model) for model in MODELS]
    if start is push_tag:
        hostile.write_direct_calls(session)
    reason = start(session)
    ran = session.run_pending()
    ended, output = jobs(ran), "".join(run.output for run in ran)
    ending = "success" if start is open_pull_into_own_base else "failure"
    assert (ended["train"], ended["attest"], ended["evaluate"]) == ("success", ending, ending)
    assert "promote" not in ended
    assert "search: found []" in output
    assert re.search(reason, output)
    assert [by_hand.records(session, model) for model in MODELS] == before


def test_ledger__without_its_rules_stops_promotions(
    session: ActSession, ledger: LedgerClone
) -> None:
    """A rewound ledger is whole in itself, so its records would count: only GitHub's rules stop the
    push, and only their presence shows that there was none."""
    rewind = ("push", "--quiet", "--force", "origin", f"HEAD~1:{LEDGER}")
    ledger.git("pull", "--quiet", "--ff-only")
    with pytest.raises(subprocess.CalledProcessError):
        ledger.git(*rewind)
    session.project.hub.protect_branch(REPOSITORY, LEDGER, rules=())
    ledger.git(*rewind)
    serving = session.state.alias("digits", "production")
    user = session.project.user
    user.start_branch("words")
    user.replace("README.md", "and how.", "and why.")
    user.commit_and_push("main", "Say why")
    ran = session.run_pending()
    assert jobs(ran)["promote"] == "failure"
    assert f"GitHub does not protect the branch {LEDGER}" in "".join(run.output for run in ran)
    assert session.state.alias("digits", "production") == serving
