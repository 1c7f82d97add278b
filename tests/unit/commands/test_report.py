"""What a pull request is told, from the first plan to what shipped; real Git, nothing passed in."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import yaml

from interlock import documents, errors, rendering
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.promotion.promotion import PromotionKind
from interlock.domain.reporting.model_status import MergeStatus, ModelStage
from interlock.domain.training.dvc_lock import LockFate
from interlock.ledger import lookup
from interlock.ports.github import Conclusion, Review
from tests.fakes.github import FakeGitHub
from tests.report_stage import ENTRY, LOCK, LockedScene, Stage

WORKFLOW = ".github/workflows/evil.yml"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> LockedScene:
    folder = tmp_path_factory.mktemp("scene")
    scene = LockedScene(folder)
    scene.create("digits", "diabetes")
    scene.write("model-manifests/diabetes/params.yaml", "train: {c: 1}\n")
    return scene


@pytest.fixture
def stage(empty: LockedScene, tmp_path: Path) -> Stage:
    empty.copy(tmp_path / "scene")
    return Stage(LockedScene(tmp_path / "scene"))


@pytest.fixture
def opened(stage: Stage) -> Stage:
    """Version 1 is served; `better` has a better parameter and nobody trained it yet."""
    stage.serve_first()
    stage.branch()
    return stage


def test_life_of_a_pull_request__is_one_comment_and_one_check_a_commit(opened: Stage) -> None:
    head = opened.pull().head_sha
    assert opened.status().stage is ModelStage.TRAINING
    assert opened.check(head).conclusion is None
    opened.judge(head)
    assert opened.status().stage is ModelStage.EVALUATED
    assert opened.check(head).conclusion is Conclusion.SUCCESS
    pull = opened.merge()
    assert opened.status(pull).stage is ModelStage.MERGED
    opened.promote(pull.merge_commit_sha)
    report_result = opened.report(pull)
    assert report_result.report.models[0].stage is ModelStage.PROMOTED
    assert opened.comment().startswith("🚀 **digits** was promoted as version 2")
    assert len(opened.hub.comments[1]) == 1
    assert opened.check(pull.head_sha).conclusion is Conclusion.SUCCESS


@pytest.mark.parametrize("times", [2, 3])
def test_report__again_writes_nothing(opened: Stage, times: int) -> None:
    opened.judge(opened.pull().head_sha)
    opened.report()
    writes, head = opened.hub.writes, opened.pull().head_sha
    opened.report()  # now on the commit that recorded the lock
    again = opened.hub.writes
    assert again <= writes + 1
    for _ in range(times):
        opened.report()
    assert opened.hub.writes == again
    assert opened.pull().head_sha == head


def test_report__by_the_plan_of_before_the_lock_changes_no_word(opened: Stage) -> None:
    pull = opened.pull()
    plan = opened.plan(pull)
    opened.judge(pull.head_sha)
    opened.report(pull, plan=plan)
    comment, writes = opened.comment(), opened.hub.writes
    report_result = opened.report(plan=plan)
    assert not report_result.is_outdated
    assert opened.comment() == comment
    assert opened.hub.writes == writes


def test_nothing_touched__is_green(stage: Stage) -> None:
    stage.serve_first()
    stage.git("switch", "--quiet", "--create", "better")
    stage.scene.write("README.md", "# Models\n")
    head = stage.push(1.0)
    report_result = stage.report()
    assert report_result.report.models == ()
    assert report_result.report.unaffected == ("diabetes", "digits")
    assert stage.check(head).conclusion is Conclusion.SUCCESS
    assert stage.comment().startswith("✅ No model is affected")


@pytest.mark.parametrize(
    ("outcome", "conclusion"),
    [
        (Outcome.PASS, Conclusion.SUCCESS),
        (Outcome.FAIL, Conclusion.FAILURE),
        (Outcome.SKIPPED, Conclusion.FAILURE),
        (Outcome.INCONCLUSIVE, Conclusion.ACTION_REQUIRED),
    ],
)
def test_verdict__decides_the_check(
    opened: Stage, outcome: Outcome, conclusion: Conclusion
) -> None:
    head = opened.pull().head_sha
    opened.judge(head, outcome)
    opened.report()
    assert opened.check(head).conclusion is conclusion


def test_acceptance__of_this_verdict_at_this_commit_turns_it_green(opened: Stage) -> None:
    head = opened.pull().head_sha
    opened.scene.accept(opened.judge(head, Outcome.INCONCLUSIVE), opened.ledger)
    report_result = opened.report()
    assert opened.check(head).conclusion is Conclusion.SUCCESS
    assert "octocat" in opened.comment()
    assert report_result.lock is None  # an approval is for one commit: none is added to it
    assert opened.pull().head_sha == head


def test_acceptance__at_another_commit_does_not_count(opened: Stage) -> None:
    opened.scene.accept(opened.judge(opened.pull().head_sha, Outcome.INCONCLUSIVE), opened.ledger)
    opened.scene.write("README.md", "# Models\n")
    head = opened.push(2.0)
    opened.report()
    assert opened.check(head).conclusion is Conclusion.ACTION_REQUIRED


def test_failed_training__says_so_with_the_end_of_its_log(opened: Stage) -> None:
    head = opened.pull().head_sha
    opened.fail(head)
    assert opened.status().stage is ModelStage.FAILED
    assert opened.check(head).conclusion is Conclusion.FAILURE
    assert "boom" in opened.comment()
    notes = opened.check(head).annotations
    assert ("model-manifests/digits/model.yaml", 5, "failure") in [
        (n.path, n.line, n.level) for n in notes
    ]


def test_blocked__is_red(opened: Stage) -> None:
    path = opened.scene.checkout / "model-manifests/digits/train.py"
    path.unlink()
    head = opened.push(3.0)
    assert opened.status().stage is ModelStage.BLOCKED
    assert opened.check(head).conclusion is Conclusion.FAILURE


def test_verdict__against_yesterdays_champion_waits_for_todays(opened: Stage) -> None:
    head = opened.pull().head_sha
    opened.judge(head)
    opened.git("switch", "--quiet", "main")
    newer = opened.scene.commit(5.0)
    opened.judge(newer)
    opened.promote(newer)
    status = opened.status()
    assert (status.stage, status.merge_status) == (ModelStage.TRAINED, MergeStatus.WAITING)
    assert opened.check(head).conclusion is None
    assert "version 2 is in production now" in opened.comment()


def test_changed_parameter__is_annotated_on_its_line_once_it_is_judged(opened: Stage) -> None:
    head = opened.pull().head_sha
    opened.report()
    assert opened.check(head).annotations == ()
    opened.judge(head)
    opened.report()
    notes = [(n.path, n.line, n.level) for n in opened.check(head).annotations]
    assert ("model-manifests/digits/params.yaml", 1, "notice") in notes


def test_relaxed_gate__is_reported_and_annotated_even_when_the_verdict_is_found_again(
    stage: Stage,
) -> None:
    base = stage.serve_first()
    stage.git("switch", "--quiet", "--create", "better")
    stage.scene.declare(floor=0.8)
    head = stage.push(1.0)
    stage.judge(head)
    status = stage.status()
    assert base != head
    assert status.stage is ModelStage.EVALUATED
    assert status.facts.relaxed == ("f1_macro: min lowered from 0.9 to 0.8",)
    assert "relaxes its own gates" in stage.comment()
    notes = [n for n in stage.check(head).annotations if n.level == "warning"]
    assert [(n.path, n.line) for n in notes] == [("model-manifests/digits/model.yaml", 10)]


def test_rollback__is_reported_before_and_after_the_merge(opened: Stage) -> None:
    pull = opened.pull()
    opened.judge(pull.head_sha)
    merged = opened.merge()
    opened.promote(merged.merge_commit_sha)
    opened.git("switch", "--quiet", "--create", "back")
    opened.git("revert", "--no-edit", "HEAD")
    opened.git("push", "--quiet", "--force", "origin", "HEAD:refs/heads/better")
    opened.judge(opened.pull().head_sha)
    assert opened.status().merge_status is MergeStatus.PASSED
    assert "Merging rolls back to version 1; nothing trains." in opened.comment()
    again = opened.merge()
    opened.promote(again.merge_commit_sha, kind=PromotionKind.ROLLBACK, version=1)
    opened.report(again)
    assert opened.comment().startswith(
        "⏪ **digits** was rolled back to version 1, nothing trained"
    )


def test_later_promotions__leave_the_comment_of_an_earlier_merge_alone(opened: Stage) -> None:
    opened.judge(opened.pull().head_sha)
    pull = opened.merge()
    opened.promote(pull.merge_commit_sha)
    opened.report(pull)
    comment = opened.comment()
    later = opened.scene.commit(7.0)
    opened.judge(later)
    opened.promote(later)
    opened.report(pull)
    assert opened.comment() == comment


# The lock file


def test_lock__of_what_passed_is_committed_over_the_head(opened: Stage) -> None:
    head = opened.pull().head_sha
    opened.judge(head)
    report_result = opened.report()
    new = opened.pull().head_sha
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.RECORDED
    assert opened.git("fetch", "--quiet", "origin") == ""
    assert opened.git("rev-parse", f"{new}^") == head
    assert opened.git("diff", "--name-only", head, new) == LOCK
    assert opened.git("log", "-1", "--format=%s", new) == "Record the lock of digits"
    document = yaml.safe_load(opened.git("show", f"{new}:{LOCK}"))
    assert document == {"schema": "2.0", "stages": {"train": ENTRY}}
    assert [c.head_sha for c in report_result.checks] == [new, head]
    assert opened.check(new).conclusion is Conclusion.SUCCESS
    assert opened.scene.fingerprint(new) == opened.scene.fingerprint(head)


def test_lock__is_left_to_a_later_report_where_requested(opened: Stage) -> None:
    head = opened.pull().head_sha
    opened.judge(head)
    report_result = opened.report(no_lock=True)
    assert (report_result.lock, [c.head_sha for c in report_result.checks]) == (None, [head])
    assert opened.pull().head_sha == head
    assert opened.report().lock is not None
    assert opened.pull().head_sha != head


@pytest.mark.parametrize("is_workflow_token", [True, False])
def test_lock__by_a_workflow_says_that_other_checks_wait(
    opened: Stage, is_workflow_token: bool
) -> None:
    opened.judge(opened.pull().head_sha)
    for _ in range(2):  # the commit is made by the first, and there for the second
        opened.report(is_workflow_token=is_workflow_token)
        has_note = "GitHub starts no workflow for it" in opened.comment()
        assert has_note == is_workflow_token


def test_lock__by_a_person_says_nothing_of_workflows(opened: Stage) -> None:
    opened.judge(opened.pull().head_sha)
    opened.scene.write(LOCK, yaml.safe_dump({"schema": "2.0", "stages": {"train": ENTRY}}))
    opened.push(2.0)
    report_result = opened.report(is_workflow_token=True)
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.RECORDED
    assert "GitHub starts no workflow" not in opened.comment()


def test_lock__keeps_what_is_not_of_this_target(opened: Stage) -> None:
    other = {"schema": "2.0", "stages": {"other": {"cmd": "true"}, "train": {"cmd": "old"}}}
    opened.scene.write(LOCK, yaml.safe_dump(other))
    opened.judge(opened.push(2.0))
    opened.report()
    opened.git("fetch", "--quiet", "origin")
    document = yaml.safe_load(opened.git("show", f"origin/better:{LOCK}"))
    assert document["stages"] == {"other": {"cmd": "true"}, "train": ENTRY}
    assert list(document["stages"]) == ["other", "train"]


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.SKIPPED])
def test_lock__of_what_did_not_pass_is_not_recorded(opened: Stage, outcome: Outcome) -> None:
    head = opened.pull().head_sha
    opened.judge(head, outcome)
    assert opened.report().lock is None
    assert opened.pull().head_sha == head


def test_lock__of_a_fork_is_left_with_what_to_type(opened: Stage) -> None:
    pull = opened.pull(head_repository="octocat/models")
    opened.judge(pull.head_sha)
    report_result = opened.report(pull)
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.FORK
    assert opened.pull().head_sha == pull.head_sha
    assert "dvc repro --pull model-manifests/digits/dvc.yaml:train" in opened.comment()
    assert opened.check(pull.head_sha).conclusion is Conclusion.SUCCESS


@pytest.mark.parametrize(
    "untrusted", [{"head_repository": "octocat/models"}, {"author": "dependabot[bot]"}]
)
def test_fork__that_nobody_trained_says_who_has_to_ask(
    opened: Stage, untrusted: dict[str, str]
) -> None:
    """And Dependabot, whose runs have no secrets: what it changes does not train by itself."""
    assert opened.status(opened.pull(**untrusted)).stage is ModelStage.ON_REQUEST


def test_model__that_the_run_has_no_job_for_waits_for_the_next_one_and_passes_nothing(
    opened: Stage,
) -> None:
    report_result = opened.report(waiting=frozenset({"digits"}))
    (status,) = report_result.report.models
    assert status.stage is ModelStage.QUEUED
    assert "1 model waits for the next run" in opened.comment()
    assert opened.check(opened.pull().head_sha).conclusion is None
    assert opened.status().stage is ModelStage.TRAINING


def test_lock__is_left_where_the_policy_of_the_base_says_so(stage: Stage) -> None:
    stage.scene.write(".github/interlock.yml", "version: 1\ndvc_lock: leave\n")
    stage.serve_first()
    head = stage.branch()
    stage.judge(head)
    report_result = stage.report()
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.LEFT
    assert stage.pull().head_sha == head


def test_policy__of_the_head_loosens_nothing(stage: Stage) -> None:
    stage.scene.write(".github/interlock.yml", "version: 1\ndvc_lock: leave\n")
    stage.serve_first()
    stage.git("switch", "--quiet", "--create", "better")
    stage.scene.write(".github/interlock.yml", "version: 1\ndvc_lock: commit\n")
    head = stage.push(2.0)
    stage.judge(head)
    report_result = stage.report()
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.LEFT


def test_policy__is_that_of_the_default_branch_today_and_named(opened: Stage) -> None:
    """Also of a pull request that was opened before it was another, and does not have it."""
    head = opened.pull().head_sha
    opened.judge(head)
    assert opened.status().is_stale is False
    assert "Evaluated with the default policy: `main` has no policy file." in opened.comment()
    opened.git("switch", "--quiet", "main")
    opened.scene.write(".github/interlock.yml", "version: 1\ninconclusive: fail\n")
    commit = opened.scene.commit(1.0)
    base = opened.pull().base_sha
    pull = opened.pull(base_sha=opened.git("rev-parse", f"{base}^"))
    report_result = opened.report(pull)
    assert report_result.report.request.policy_commit == commit
    assert f"Evaluated with the policy of `main` at `{commit[:7]}`." in opened.comment()
    assert opened.status(pull).is_stale
    # What else happens on the branch is no news of its policy.
    opened.scene.commit(1.5)
    assert opened.report(pull).report.request.policy_commit == commit


@pytest.mark.parametrize(("line", "sentence"), [("provenance: none", True), ("", False)])
def test_policy__without_provenance_is_named(opened: Stage, line: str, sentence: bool) -> None:
    opened.git("switch", "--quiet", "main")
    opened.scene.write(".github/interlock.yml", f"version: 1\n{line}\n")
    opened.scene.commit(1.0)
    opened.report(opened.pull())
    text = "Nobody attests records and candidates: it has `provenance: none`."
    assert (text in opened.comment()) is sentence


def test_policy__that_cannot_be_read_lets_nothing_pass(opened: Stage) -> None:
    head = opened.pull().head_sha
    opened.judge(head)
    opened.git("switch", "--quiet", "main")
    opened.scene.write(".github/interlock.yml", "inconclusive: perhaps\n")
    opened.scene.commit(1.0)
    report_result = opened.report()
    assert report_result.conclusion is not Conclusion.SUCCESS
    assert "**No verdict counts**: the policy of `main` cannot be read." in opened.comment()


def test_pull__into_another_branch_gets_a_report_that_does_not_count(opened: Stage) -> None:
    """Else it could pass there under rules of its own, and its commit would bring the check along
    to the default branch."""
    opened.git("push", "--quiet", "origin", "origin/main:refs/heads/develop")
    pull = opened.pull(base_ref="develop")
    opened.judge(pull.head_sha)
    opened.hub.permissions["mona"] = "write"
    report_result = opened.report(pull)
    assert (report_result.checks, report_result.conclusion, opened.hub.checks) == ((), None, [])
    assert report_result.lock is None
    assert opened.pull().head_sha == pull.head_sha
    text = "**This report does not count**: the pull request targets `develop`"
    assert text in opened.comment()
    assert "Merging it promotes nothing, and a pull request into `main` evaluates" in (
        opened.comment()
    )
    # Sent to the default branch, it is judged as any other.
    report_result = opened.report(opened.pull())
    assert report_result.conclusion is Conclusion.SUCCESS
    assert "does not count" not in opened.comment()


def test_review__of_a_pull_request_into_another_branch_accepts_nothing(opened: Stage) -> None:
    pull = opened.pull(base_ref="develop")
    opened.judge(pull.head_sha, Outcome.INCONCLUSIVE)
    opened.hub.permissions["mona"] = "write"
    opened.hub.reviews[1] = [Review(1, "mona", "APPROVED", pull.head_sha, "2030-01-01T00:00:00Z")]
    assert opened.status(pull).acceptance is None
    assert opened.status(opened.pull()).acceptance is not None


def test_lock__gives_way_to_somebody_who_pushed_meanwhile(opened: Stage) -> None:
    pull = opened.pull()
    plan = opened.plan(pull)
    opened.judge(pull.head_sha)
    opened.scene.write("README.md", "# Models\n")
    theirs = opened.push(2.0)
    report_result = opened.report(pull, plan=plan)  # what the event of the earlier push still says
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.MOVED
    assert opened.pull().head_sha == theirs


@pytest.mark.parametrize(
    "path", [WORKFLOW, "../dvc.lock", "/dvc.lock", ".git/dvc.lock", "a/../dvc.lock", "dvc.lock/x"]
)
def test_lock__writes_no_other_file_whatever_the_training_job_names(
    opened: Stage, path: str
) -> None:
    opened.scene.locks = {path: {"train": {"cmd": "evil"}}}
    head = opened.pull().head_sha
    opened.judge(head)
    report_result = opened.report()
    assert report_result.lock is None
    assert opened.pull().head_sha == head


@pytest.mark.parametrize("text", ["<<<<<<< ours\n", "[]\n", "schema: '3.0'\n", "\x00"])
def test_lock__that_is_none_is_left_as_it_is(opened: Stage, text: str) -> None:
    opened.scene.write(LOCK, text)
    head = opened.push(2.0)
    opened.judge(head)
    report_result = opened.report()
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.UNREADABLE
    assert opened.pull().head_sha == head


def test_lock__of_a_closed_pull_request_is_not_pushed(opened: Stage) -> None:
    head = opened.pull().head_sha
    opened.judge(head)
    opened.report(opened.pull(state="closed"))
    assert opened.pull().head_sha == head


# What is held back


def test_dry_run__says_the_same_and_writes_nothing(opened: Stage) -> None:
    head = opened.pull().head_sha
    opened.judge(head)
    report_result = opened.report(dry_run=True)
    assert report_result.comment.startswith("✅ **digits** passes")
    assert (opened.hub.writes, opened.pull().head_sha) == (0, head)


def test_plan__of_a_head_that_has_moved_on_leaves_the_comment_to_the_next(opened: Stage) -> None:
    old = opened.pull()
    plan = opened.plan(old)
    opened.push(9.0)
    report_result = opened.report(plan=plan)
    assert report_result.is_outdated
    assert opened.hub.comments == {}
    assert [c.head_sha for c in opened.hub.checks] == [old.head_sha]


def test_merged__leaves_the_checks_as_they_were(opened: Stage) -> None:
    opened.judge(opened.pull().head_sha)
    opened.report()
    before = list(opened.hub.checks)
    pull = opened.merge()
    report_result = opened.report(pull)
    assert report_result.checks == ()
    assert report_result.conclusion is Conclusion.SUCCESS
    assert opened.hub.checks == before


def spoil(stage: Stage, verdict: Verdict) -> str:
    """Write a record beside a verdict that no version of today's reads."""
    path = lookup.path_of(dataclasses.replace(verdict, key="f" * 64))
    stage.ledger.append({path: {"schema": "interlock/verdict/v9"}}, message="From the future")
    return path


def test_record__that_cannot_be_read_is_reported_and_no_model_passes_by_it(opened: Stage) -> None:
    path = spoil(opened, opened.judge(opened.pull().head_sha))
    report_result = opened.report()
    (status,) = report_result.report.models
    assert (status.stage, status.merge_status) == (ModelStage.UNREADABLE, MergeStatus.FAILED)
    assert report_result.conclusion is Conclusion.FAILURE
    assert isinstance(report_result.failure, errors.LedgerBroken)
    assert report_result.comment.startswith(f"❌ **digits** cannot be read: `{path}` is")
    assert "digits cannot be read: verdicts/digits/" in opened.hub.checks[-1].title
    assert "cannot be read" in opened.hub.checks[-1].annotations[0].title


def test_record__of_one_model_that_cannot_be_read_hides_no_other(opened: Stage) -> None:
    opened.scene.commit(2.0, model="diabetes", push=False)
    opened.git("push", "--quiet", "origin", "HEAD:refs/heads/better")
    head = opened.pull().head_sha
    spoil(opened, opened.scene.judge(head, opened.ledger, model="diabetes"))
    opened.judge(head)
    report_result = opened.report()
    assert {s.model: s.merge_status for s in report_result.report.models} == {
        "diabetes": MergeStatus.FAILED,
        "digits": MergeStatus.PASSED,
    }
    assert report_result.conclusion is Conclusion.FAILURE
    assert opened.hub.comments


def test_command__that_cannot_be_read_is_left_out_and_fails_in_the_end(opened: Stage) -> None:
    opened.judge(opened.pull().head_sha)
    path = "commands/pull-1/comment-7.json"
    opened.ledger.append(
        {path: {"schema": "interlock/comment-command/v9"}}, message="From the future"
    )
    report_result = opened.report()
    assert report_result.conclusion is Conclusion.SUCCESS
    assert isinstance(report_result.failure, errors.LedgerBroken)
    assert report_result.report.commands == ()


def test_evidence__trained_before_on_main_is_not_claimed(stage: Stage) -> None:
    stage.serve_first()
    earlier = stage.scene.commit(2.0)
    stage.judge(earlier)
    stage.scene.commit(1.0)
    stage.git("switch", "--quiet", "--create", "better")
    stage.scene.write("README.md", "# Models\n")
    stage.push(2.0)
    assert stage.status().facts.is_trained_here is False
    assert "Nothing trained" in stage.comment()


def test_plan__survives_its_way_through_a_file(opened: Stage) -> None:
    plan = opened.plan(opened.pull())
    text = json.dumps({"schema": "interlock/plan/v1", **dataclasses.asdict(plan)})
    from interlock.domain.training.plan import Plan  # noqa: PLC0415

    assert documents.load(json.loads(text), Plan, where="plan.json") == plan


@pytest.mark.parametrize("is_there", [True, False])
def test_comment__is_cmls_where_the_policy_of_the_base_says_so(
    stage: Stage, is_there: bool
) -> None:
    stage.scene.write(".github/interlock.yml", "commenter: cml\n")
    stage.serve_first()
    stage.branch()
    theirs = FakeGitHub(login="cml")

    def find() -> FakeGitHub:
        if is_there:
            return theirs
        raise errors.MissingSetting("there is no program cml")

    report_result = stage.report(cml=find)
    assert stage.hub.comments == {}
    assert [check.conclusion for check in stage.hub.checks] == [None]
    if is_there:
        assert theirs.hub.comments == {1: [["cml", report_result.comment]]}
        assert report_result.failure is None
        assert rendering.watermark.end() in report_result.comment
    else:
        assert isinstance(report_result.failure, errors.MissingSetting)
