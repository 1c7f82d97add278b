"""`retrain` with a real Git: one pull request, kept in place, and never over anybody's work."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from interlock import errors
from interlock.commands import retrain
from interlock.commands.retrain import RetrainOutcome, RetrainResult
from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import Cause, RetrainingStep
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.hold import HoldStep as Turn
from interlock.domain.retraining import hidden_marks
from interlock.domain.retraining.data_difference import DataShape
from interlock.ledger import lookup
from interlock.ports.github import Draft
from interlock.ports.refreshing import Refreshed, RefreshJob
from tests import retrain_cases as cases
from tests import tiny
from tests.fakes.github import FakeGitHub
from tests.fakes.refreshing import FakeRefreshing
from tests.retrain_stage import BRANCH, GROWN, POINTER, WATCH, Stage, pointer
from tests.tiny import DATA, md5


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("begun")).begin()


@pytest.fixture(params=[False, True], ids=["whole", "parts"])
def stage(request: pytest.FixtureRequest, begun: Stage, tmp_path: Path) -> Stage:
    copied = begun.copy(tmp_path)
    copied.in_parts = request.param
    return copied


def summary(result: RetrainResult) -> tuple[RetrainOutcome, Cause, int | None]:
    return (result.decision, result.cause, result.pull)


def steps(stage: Stage) -> list[tuple[RetrainingStep, int | None]]:
    records = lookup.retrainings(stage.ledger, model="tiny")
    return [(r.step, r.pull) for r in sorted(records, key=lambda r: (r.at, r.pull or 0))]


def test_retrain__data_drift_opens_one_pull_request(stage: Stage) -> None:
    stage.window(2, DriftStatus.WARNING)
    stage.window(3)
    stage.refreshing.before, stage.refreshing.after = DataShape(3), DataShape(4)
    result = stage.run()
    assert summary(result) == (RetrainOutcome.OPEN, Cause.COVARIATE_SHIFT, 1)
    pull = stage.pull
    assert (pull.title, pull.head_ref, pull.base_ref) == (
        "Retrain tiny: data drift",
        BRANCH,
        "main",
    )
    assert set(pull.labels) == {"interlock", "retraining"}
    assert stage.hub.reviewers[1] == ["mona", "vision"]
    assert "`age` drifted" in pull.body
    old, new = (md5(text)[:12] for text in (DATA, GROWN))
    row = f"| `tiny/data.csv` | 3 rows, 22 B, `md5:{old}` | 4 rows, 26 B, `md5:{new}` |"
    assert row in pull.body
    assert "- `tiny/data.csv.dvc`: 4 rows, 1 more; the same columns" in pull.body
    assert stage.on_branch(POINTER).encode() == pointer(GROWN, rows=4).strip()
    parents = stage.tiny.git("log", "--format=%P", "-1", stage.branches()[BRANCH])
    assert parents == stage.tiny.git("rev-parse", "main")
    assert steps(stage) == [(RetrainingStep.OPENED, None), (RetrainingStep.OPENED, 1)]


def test_retrain__a_second_run_does_nothing(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    before = (stage.hub.writes, stage.ledger.head, stage.branches())
    result = stage.run(day=4.1)
    assert summary(result) == (RetrainOutcome.NOTHING, Cause.NONE, 1)
    assert result.sentence == "#1 is up to date"
    assert (stage.hub.writes, stage.ledger.head, stage.branches()) == before
    assert len(stage.refreshing.errands) == 1


def test_retrain__refresh_gets_the_window_and_no_token(stage: Stage) -> None:
    stage.window(2, DriftStatus.STABLE)
    stage.window(3)
    stage.run()
    (errand,) = stage.refreshing.errands
    assert errand.command == "python refresh.py"
    assert (errand.folder, errand.pointers, errand.timeout_seconds) == ("tiny", (POINTER,), 300)
    assert errand.home == stage.tiny.root
    assert errand.env["INTERLOCK_MODEL"] == "tiny"
    assert errand.env["INTERLOCK_WINDOW_START"] == cases.day(2)
    assert errand.env["INTERLOCK_WINDOW_END"] == cases.day(3)
    assert errand.env["INTERLOCK_WINDOWS"].count('"verdict"') == 2


def test_retrain__a_newer_window_updates_in_place(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    stage.window(4, diagnosis=cases.PERFORMANCE_LOSS)
    stage.refreshing.brings[POINTER] = pointer(GROWN + "5,a\n", rows=5)
    result = stage.run(day=5)
    assert summary(result) == (RetrainOutcome.UPDATE, Cause.CONCEPT_DRIFT, 1)
    assert stage.pull.title == "Retrain tiny: performance loss"
    assert "`f1_macro` fell" in stage.pull.body
    assert stage.on_branch(POINTER).encode() == pointer(GROWN + "5,a\n", rows=5).strip()
    assert steps(stage)[-1] == (RetrainingStep.UPDATED, 1)


def test_retrain__commits_of_users_get_one_comment_per_window(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    theirs = stage.commit_by_user()
    stage.window(4)
    for _ in range(2):
        stage.run(day=5)
    assert stage.branches()[BRANCH] == theirs
    ((author, body),) = stage.hub.comments[1]
    assert (author, "`age` drifted" in body) == ("interlock[bot]", True)
    assert steps(stage)[-1] == (RetrainingStep.COMMENTED, 1)
    assert len(stage.refreshing.errands) == 1


def test_retrain__a_push_during_the_refresh_is_not_overwritten(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    stage.window(4)
    theirs: list[str] = []

    class Meanwhile(FakeRefreshing):
        def refresh(self, errand: RefreshJob, *, say: Callable[[str], None]) -> Refreshed:
            theirs.append(stage.commit_by_user())
            return super().refresh(errand, say=say)

    stage.refreshing = Meanwhile({POINTER: pointer(GROWN + "5,a\n")})
    result = stage.run(day=5)
    if stage.in_parts:  # The part `write` reads the branch again.
        assert summary(result)[0] is RetrainOutcome.COMMENT
        assert [stage.branches()[BRANCH]] == theirs
        return
    assert (result.decision, result.exit_code) == (RetrainOutcome.FAILED, errors.EXIT_OUTSIDE)
    assert "was changed by another user during this run" in result.sentence
    assert [stage.branches()[BRANCH]] == theirs
    assert summary(stage.run(day=5.01))[0] is RetrainOutcome.COMMENT


def test_retrain__a_committed_lock_file_is_not_a_commit_of_a_user(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    head = stage.branches()[BRANCH]
    commit = stage.repository.commit(head, {"tiny/dvc.lock": b"schema: '2.0'\n"}, message="Lock")
    stage.repository.push(commit, f"refs/heads/{BRANCH}", expected=head)
    stage.window(4)
    stage.refreshing.brings[POINTER] = pointer(GROWN + "5,a\n")
    assert summary(stage.run(day=5))[0] is RetrainOutcome.UPDATE


def test_retrain__a_conflict_updates_the_branch(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    (stage.tiny.root / POINTER).write_bytes(pointer(DATA + "9,b\n"))
    stage.tiny.commit()
    stage.push()
    # What is served stays what it is: the window was held against it.
    result = stage.run(day=4.5)
    assert summary(result)[0] is RetrainOutcome.UPDATE
    assert stage.repository.merges("main", stage.branches()[BRANCH])
    assert stage.on_branch(POINTER).encode() == pointer(GROWN, rows=4).strip()


def test_retrain__closing_it_snoozes_the_cause(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    stage.close()
    assert stage.run(day=5).sentence.startswith("#1 was closed: this cause is snoozed until")
    worse = dataclasses.replace(cases.RETRAIN, severity=0.61)
    stage.window(5, diagnosis=worse)
    assert summary(stage.run(day=6)) == (RetrainOutcome.OPEN, Cause.COVARIATE_SHIFT, 2)


def test_retrain__commits_of_users_on_the_branch_block_it(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    theirs = stage.commit_by_user()
    stage.close()
    result = stage.run(day=30)
    assert "the branch has commits of other users" in result.sentence
    assert stage.branches()[BRANCH] == theirs


def test_retrain__a_merge_starts_monitoring_again(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    stage.close(merged=True)
    assert stage.run(day=5).sentence == "#1 is merged but not in production yet"
    (stage.tiny.root / POINTER).write_bytes(pointer(GROWN, rows=4))
    stage.tiny.commit()
    stage.push()
    stage.promote(position=4)
    assert stage.run(day=6).sentence == "no reason to retrain"
    stage.window(6)
    stage.refreshing.brings[POINTER] = pointer(GROWN + "5,a\n")
    assert summary(stage.run(day=7)) == (RetrainOutcome.OPEN, Cause.COVARIATE_SHIFT, 2)


def test_retrain__the_end_of_drift_closes_it(stage: Stage) -> None:
    stage.window(3)
    stage.run()
    stage.window(4, DriftStatus.STABLE)
    result = stage.run(day=5)
    assert summary(result) == (RetrainOutcome.CLOSE, Cause.COVARIATE_SHIFT, 1)
    assert stage.pull.state == "closed"
    assert stage.pull.body.startswith("Closed: the drift is over in the window until")
    stage.window(5)
    assert summary(stage.run(day=6))[0] is RetrainOutcome.OPEN, (
        "closing it ourselves snoozes nothing"
    )


def test_retrain__a_failed_pipeline_gets_an_issue_and_no_pull_request(stage: Stage) -> None:
    stage.window(3, DriftStatus.BROKEN)
    result = stage.run()
    assert summary(result) == (RetrainOutcome.NOTHING, Cause.NONE, None)
    assert result.issue is not None
    issue = stage.hub.issues[result.issue]
    assert issue.title == "tiny: upstream data pipeline failed"
    assert "`age` is gone" in issue.body
    assert set(issue.labels) == {"interlock", "data"}
    assert stage.hub.pulls == {}
    assert BRANCH not in stage.branches()
    stage.window(4, DriftStatus.STABLE)
    assert stage.run(day=5).issue == result.issue
    assert not stage.hub.issues[result.issue].is_open
    assert stage.run(day=5).issue is None
    stage.window(5, DriftStatus.BROKEN)
    stage.run(day=6)
    assert [i.is_open for i in stage.hub.issues.values()] == [True]


def test_retrain__unreadable_files_open_one_issue_after_three_windows(
    stage: Stage,
) -> None:
    torn = ("live/part.parquet cannot be read: truncated",)
    for number in (3, 4):
        stage.window(number, DriftStatus.BROKEN, unread=torn, problems=torn)
        assert stage.run(day=number + 1).issue is None
    stage.window(5, DriftStatus.BROKEN, unread=torn, problems=torn)
    result = stage.run(day=6)
    assert result.issue is not None
    body = stage.hub.issues[result.issue].body
    assert "cannot be read completely" in body
    assert "cannot be read: truncated" in body
    stage.window(6, DriftStatus.BROKEN, unread=torn, problems=torn)
    assert stage.run(day=7).issue == result.issue
    assert list(stage.hub.issues) == [result.issue]
    assert not stage.hub.pulls
    stage.window(7, DriftStatus.STABLE)
    stage.run(day=8)
    assert not stage.hub.issues[result.issue].is_open


def test_retrain__a_model_without_a_rule_still_gets_the_issue(tmp_path: Path) -> None:
    stage = Stage(tmp_path).begin(WATCH.partition("  retrain:")[0])
    stage.window(3, DriftStatus.BROKEN)
    result = stage.run()
    assert result.issue is not None
    assert "`monitor.retrain` is not in the manifest" in result.sentence


def test_retrain__a_failed_refresh_opens_nothing(stage: Stage) -> None:
    stage.window(3)
    stage.refreshing.fails = "no rows today"
    result = stage.run()
    assert result.decision is RetrainOutcome.FAILED
    assert result.sentence == (
        "the refresh failed: 'python refresh.py' ended with status 3; "
        "last line of its log: no rows today"
    )
    assert stage.hub.pulls == {}
    stage.refreshing.fails = ""
    assert summary(stage.run(day=4.01))[0] is RetrainOutcome.OPEN
    assert steps(stage) == [(RetrainingStep.OPENED, None), (RetrainingStep.OPENED, 1)]


def test_retrain__no_new_data_opens_nothing(stage: Stage) -> None:
    stage.window(3)
    stage.refreshing.brings.clear()
    result = stage.run()
    assert result.decision is RetrainOutcome.NOTHING
    assert result.sentence == "the refresh brought no new data"
    assert stage.hub.pulls == {}


def test_retrain__user_request(stage: Stage) -> None:
    result = stage.run(models=("tiny",), reason="new labels")
    assert summary(result) == (RetrainOutcome.OPEN, Cause.NONE, 1)
    assert stage.pull.title == "Retrain tiny: user request"
    assert "new labels" in stage.pull.body


def test_retrain__a_repeated_user_request_writes_nothing_on_github(stage: Stage) -> None:
    stage.run(models=("tiny",), reason="new labels")
    before = stage.hub.writes
    result = stage.run(models=("tiny",), reason="new labels")
    assert result.pull == 1
    assert stage.hub.writes == before


def test_retrain__a_hold_blocks_it(stage: Stage) -> None:
    stage.window(3)
    stage.record(Hold("tiny", 1, Turn.HOLD, "octocat", "broken camera", cases.day(3)))
    assert stage.run().sentence.startswith("held by octocat")
    assert stage.hub.pulls == {}


def test_retrain__limit_per_hour(stage: Stage) -> None:
    stage.window(3)
    at = timestamps.write(cases.NOON + 4 * 86_400 - 60)
    others = [
        cases.request(RetrainingStep.OPENED, model=f"other-{number}", at=at) for number in range(5)
    ]
    stage.record(*others)
    assert "5 retraining requests in the last hour" in stage.run().sentence
    assert summary(stage.run(day=4.1))[0] is RetrainOutcome.OPEN


def test_retrain__limit_of_open_pull_requests(stage: Stage) -> None:
    """Other models' count as GitHub has them: of these twelve the last two are closed there."""
    stage.window(3)
    mine = FakeGitHub(stage.hub)
    for number in range(12):
        made = mine.open_pull(Draft(f"interlock/retrain/other-{number}", "main", "Retrain", ""))
        if number >= 10:
            mine.edit_pull(made.number, title="", body="", state="closed")
        stage.record(
            cases.request(RetrainingStep.OPENED, model=f"other-{number}", pull=made.number)
        )
    assert "10 retraining pull requests are open" in stage.run().sentence
    stage.record(cases.request(RetrainingStep.CLOSED, 4, model="other-0", pull=1))
    assert summary(stage.run())[0] is RetrainOutcome.OPEN


def test_retrain__a_reason_of_a_user_is_escaped(stage: Stage) -> None:
    mark = hidden_marks.write("retrain", "tiny", cases.mark())
    stage.run(models=("tiny",), reason=f"@octocat says {mark}")
    written = hidden_marks.read(stage.pull.body, kind="retrain", model="tiny")
    assert written is not None
    assert (written.cause, written.window_end) == (Cause.NONE, "")
    assert stage.pull.body.count("<!--") == 1
    assert " @octocat" not in stage.pull.body


def test_retrain__upstream_model(tmp_path: Path) -> None:
    stage = Stage(tmp_path).begin(WATCH + "    after: [base.csv.dvc]\n", base=DATA)
    assert "no reason to retrain" in stage.run().sentence
    (stage.tiny.root / "tiny" / "base.csv.dvc").write_bytes(pointer(GROWN, path="base.csv"))
    stage.tiny.commit()
    stage.push()
    result = stage.run(day=5)
    assert summary(result)[0] is RetrainOutcome.OPEN
    assert "tiny/base.csv.dvc changed" in result.sentence
    assert stage.pull.title == "Retrain tiny: upstream model"


def test_retrain__dispatch_starts_the_workflow(stage: Stage) -> None:
    stage.window(3)
    stage.hub.workflows = ("pull-request.yml",)
    stage.run(dispatch="pull-request.yml")
    assert stage.hub.dispatched == [("pull-request.yml", BRANCH, {"pull": "1"})]
    assert "Interlock started `pull-request.yml` for this branch" in stage.pull.body


def test_retrain__continues_if_the_workflow_cannot_start(stage: Stage) -> None:
    stage.window(3)
    result = stage.run(dispatch="no-such.yml")
    assert summary(result)[0] is RetrainOutcome.OPEN
    assert "no-such.yml is not started" in result.sentence
    assert "started by hand" not in stage.pull.body


def test_retrain__continues_with_unknown_reviewers(tmp_path: Path) -> None:
    stage = Stage(tmp_path).begin(WATCH.replace("@mona", "@nobody"))
    stage.window(3)
    result = stage.run()
    assert "no review is requested from nobody" in result.sentence
    assert stage.hub.reviewers[1] == ["vision"]
    assert set(stage.pull.labels) == {"interlock", "retraining"}


def test_retrain__in_a_dry_run_writes_nothing(stage: Stage) -> None:
    stage.window(3)
    head = stage.ledger.head
    result = stage.run(dry_run=True)
    assert summary(result) == (RetrainOutcome.OPEN, Cause.COVARIATE_SHIFT, None)
    assert (stage.hub.writes, stage.ledger.head) == (0, head)
    assert BRANCH not in stage.branches()
    stage.window(4, DriftStatus.BROKEN)
    assert "would open or update the data issue" in stage.run(dry_run=True).sentence
    stage.window(5, DriftStatus.STABLE)
    assert summary(stage.run(dry_run=True))[0] is RetrainOutcome.NOTHING


def test_retrain__an_error_of_one_model_does_not_stop_the_others(stage: Stage) -> None:
    stage.record(cases.window(3, model="tiny"))
    path = f"drift/tiny/2026/{timestamps.name(cases.NOON + 4 * 86_400)}.json"
    stage.ledger.append({path: {"schema": "interlock/drift-window/v9"}}, message="Odd")
    result = stage.run()
    assert result.decision is RetrainOutcome.FAILED
    assert "interlock/drift-window/v9" in result.sentence


def test_retrain__an_interrupted_run_is_continued_by_the_next(stage: Stage) -> None:
    stage.window(3)
    stage.refreshing.is_interrupted = True
    with pytest.raises(KeyboardInterrupt):
        stage.run_all()
    assert steps(stage) == ([] if stage.in_parts else [(RetrainingStep.OPENED, None)])
    stage.refreshing.is_interrupted = False
    assert summary(stage.run()) == (RetrainOutcome.OPEN, Cause.COVARIATE_SHIFT, 1)


def test_retrain__an_unknown_or_unmonitored_name(tmp_path: Path) -> None:
    stage = Stage(tmp_path).begin(watch="")
    assert stage.run_all() == ()
    with pytest.raises(errors.CannotResolve, match="tiny is not monitored"):
        stage.run(models=("tiny",))
    with pytest.raises(errors.CannotResolve, match="has no model 'large'"):
        stage.run(models=("large",))


@pytest.mark.parametrize("models", [(), ("tiny",)])
def test_retrain__an_unreadable_manifest(tmp_path: Path, models: tuple[str]) -> None:
    stage = Stage(tmp_path).begin()
    stage.tiny.commit(model_yaml=tiny.MANIFEST + WATCH.replace("live:", "liv:"))
    with pytest.raises(errors.CannotReadManifest, match=r"model\.yaml.*unknown field 'liv'"):
        stage.run_all(models=models)


def test_document__has_every_result(stage: Stage) -> None:
    stage.window(3)
    assert retrain.document([stage.run()]) == {
        "schema": "interlock/retrain/v1",
        "models": [
            {
                "model": "tiny",
                "decision": "open",
                "cause": "covariate_shift",
                "pull": 1,
                "issue": None,
                "sentence": "`age` drifted",
            }
        ],
    }
