"""What is good to have and GitHub refuses stops no act, is reported, and can be made up for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection
from itertools import combinations
from pathlib import Path

import pytest

from interlock import cli, errors, wiring
from interlock.commands import command as commanding
from interlock.commands import dashboard, promote, reconcile, retrain
from interlock.commands.dashboard import DashboardContext, DashboardOptions
from interlock.commands.retrain import RetrainOutcome
from interlock.domain.access import event as events
from interlock.domain.access.event import Event, EventKind
from interlock.domain.monitoring.monitoring_records import RetrainingStep
from interlock.domain.promotion.promotion import PromotionOutcome
from interlock.domain.promotion.reconciliation import RepairStatus, SyncStatus
from interlock.ledger import lookup
from interlock.ports.github import Comment
from interlock.services.best_effort import Attempts
from tests import reconcile_stage
from tests.fakes.github import RefusingGitHub
from tests.fakes.scene import Scene, acts
from tests.reconcile_stage import NOW, Stage
from tests.report_stage import LockedScene
from tests.report_stage import Stage as Talk
from tests.retrain_stage import Stage as Watched


def subsets(names: Collection[str]) -> list[tuple[str, ...]]:
    return [each for size in range(len(names)) for each in combinations(names, size + 1)]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return reconcile_stage.create(tmp_path_factory.mktemp("template"))


@pytest.fixture
def stage(template: Stage, tmp_path: Path) -> Stage:
    return template.copy(tmp_path)


def refuse(stage: Stage, *names: str) -> RefusingGitHub:
    made = RefusingGitHub(stage.github.hub, refused=names)
    stage.github = made
    return made


def served(stage: Stage) -> tuple[int | None, ...]:
    return tuple(stage.registry.find_alias("digits", name) for name in ("staging", "production"))


def judged(stage: Stage, c: float) -> str:
    commit = stage.scene.commit(c)
    stage.scene.judge(commit, stage.ledger)
    return commit


def run_promote(
    stage: Stage, revision: str, attempts: Attempts, *models: str
) -> list[PromotionOutcome]:
    options = promote.PromoteOptions(revision=revision, now=NOW, models=models or ("digits",))
    results = promote.run(stage.promotion_context(attempts), options)
    return [result.outcome for result in results]


def run_reconcile(stage: Stage, attempts: Attempts | None = None) -> reconcile.ReconcileResult:
    options = reconcile.ReconcileOptions(now=NOW)
    return reconcile.run(stage.promotion_context(attempts), options)


@pytest.mark.parametrize("refused", subsets(("pulls_of_commit", "upsert_deployment")), ids=str)
def test_promote__has_the_same_result_if_github_refuses(
    stage: Stage, refused: tuple[str, ...]
) -> None:
    commit, before = judged(stage, 7.0), acts(stage.ledger)
    github, attempts = refuse(stage, *refused), Attempts()
    assert run_promote(stage, commit, attempts) == [PromotionOutcome.PROMOTED]
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    assert (champion.revision, champion.pull) == (commit, None)
    assert served(stage) == (champion.version, champion.version)
    assert [step for _, _, step in acts(stage.ledger)[len(before) :]] == ["intent", "done"]
    # Each environment is asked once, and each sentence says what is missing.
    assert set(github.tried) == set(refused)
    text = "\n".join(attempts.undone)
    assert ("the pull request of" in text) is ("pulls_of_commit" in refused)
    for environment in ("staging", "production"):
        missing = f"its deployment to {environment} is not recorded on GitHub"
        assert (missing in text) is ("upsert_deployment" in refused)
    assert "give the token the permission" in text


def test_promote__a_missing_deployment_is_repaired_by_the_next_reconcile(
    stage: Stage,
) -> None:
    commit, hub = judged(stage, 7.0), stage.github.hub
    refuse(stage, "upsert_deployment")
    run_promote(stage, commit, Attempts())
    assert not [d for d in hub.deployments if d.sha == commit]
    stage.github = RefusingGitHub(hub, refused=())
    assert {m.status for m in run_reconcile(stage).models} <= {
        SyncStatus.REPAIRED,
        SyncStatus.IN_SYNC,
    }
    states = [(d.environment, d.state) for d in hub.deployments if d.sha == commit]
    assert states == [("staging", "success"), ("production", "success")]
    assert {m.status for m in run_reconcile(stage).models} == {SyncStatus.IN_SYNC}


def test_promote__does_not_wait_twice_for_a_github_that_is_down(stage: Stage) -> None:
    stage.scene.commit(7.0, model="wine")
    commit = judged(stage, 7.0)
    stage.scene.judge(commit, stage.ledger, model="wine")
    github, attempts = refuse(stage, "upsert_deployment"), Attempts()
    assert run_promote(stage, commit, attempts, "digits", "wine") == [PromotionOutcome.PROMOTED] * 2
    assert len(github.tried) == 2
    assert len(attempts.undone) == 4


def test_reconcile__repairs_the_registry_though_deployments_cannot_be_read(stage: Stage) -> None:
    right = served(stage)
    stage.registry.set_alias("digits", "production", version=1)
    refuse(stage, "deployments")
    answer = run_reconcile(stage)
    assert served(stage) == right
    (model,) = (m for m in answer.models if m.model == "digits")
    # What was not compared is no agreement.
    assert model.status is SyncStatus.FAILED
    actual = {c.difference.resource: (c.status, c.sentence) for c in model.differences}
    assert actual["alias production of digits"][0] is RepairStatus.REPAIRED
    status, sentence = actual["deployments"]
    assert status is RepairStatus.FAILED
    assert "its deployments on GitHub were not compared: GitHub refused deployments" in sentence


def test_reconcile__without_a_deployment_to_compare_has_nothing_to_report(tmp_path: Path) -> None:
    stage = Stage(Scene(tmp_path).create())
    stage.scene.commit(1.0)
    refuse(stage, "deployments")
    answer = run_reconcile(stage)
    assert all(c.difference.resource != "deployments" for m in answer.models for c in m.differences)


def test_reconcile__promotes_without_the_number_of_the_pull_request(stage: Stage) -> None:
    commit = judged(stage, 7.0)
    refuse(stage, "pulls_of_commit", "upsert_deployment")
    attempts = Attempts()
    run_reconcile(stage, attempts)
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    assert champion.revision == commit
    assert len(attempts.undone) == 1 + len(champion.environments)


def test_reconcile__a_deployment_that_is_refused_is_not_put_right(stage: Stage) -> None:
    stage.github.hub.deployments.clear()
    refuse(stage, "upsert_deployment")
    (model,) = (m for m in run_reconcile(stage).models if m.model == "digits")
    assert model.status is SyncStatus.FAILED
    assert all(c.status is RepairStatus.FAILED for c in model.differences)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    made = Talk(LockedScene(LockedScene(tmp_path_factory.mktemp("talk")).create().folder))
    made.serve_first()
    made.branch()
    made.hub.permissions["octocat"] = "write"
    made.hub.pulls[1] = made.pull()
    return made


@pytest.mark.parametrize(
    "text", ["/interlock hold digits because of the camera", "/interlock plan"]
)
def test_command__does_it_though_it_cannot_react(talk: Talk, text: str) -> None:
    number = len(talk.hub.posted) + 1
    at = "2030-01-01T11:59:00Z"
    talk.hub.posted[number] = Comment(number, 1, "octocat", text, at, at)
    comment_event = events.CommentEvent(number, "octocat", text, at, at)
    github, attempts = RefusingGitHub(talk.hub, refused=("react",)), Attempts()
    answer = commanding.run(
        commanding.CommandContext(
            repository=talk.scene.repository,
            ledger=talk.ledger,
            github=github,
            attempts=attempts,
        ),
        commanding.CommandOptions(
            event=Event(
                EventKind.COMMENT, "created", "acme/models", number=1, comment=comment_event
            ),
            now=NOW,
        ),
    )
    assert github.tried == ["react"]
    assert answer.outcome.value in {"done", "started"}
    assert [each.id for each in lookup.commands(talk.ledger, pull=1)][-1:] == [number]
    assert attempts.undone[0].startswith("the comment has no reaction ")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    return Watched(tmp_path_factory.mktemp("begun")).begin()


COSMETIC = ("open_issues", "add_labels", "request_reviews", "dispatch")


@pytest.mark.parametrize("refused", subsets(COSMETIC), ids=str)
def test_retrain__opens_once_if_github_refuses(
    begun: Watched, tmp_path: Path, refused: tuple[str, ...]
) -> None:
    stage = begun.copy(tmp_path)
    stage.window(3)
    github = RefusingGitHub(stage.hub, refused=refused)
    request = retrain.RetrainOptions(now="2026-11-05T12:00:00Z", dispatch="pull-request.yml")
    stage.hub.workflows = ("pull-request.yml",)
    (first,) = retrain.run(stage.context(github=github), request)
    assert (first.decision, first.pull) == (RetrainOutcome.OPEN, 1)
    for name in refused:
        assert f"GitHub refused {name}" in first.sentence
    retraining_requests = lookup.retrainings(stage.ledger, model="tiny")
    assert {(each.step, each.pull) for each in retraining_requests} == {
        (RetrainingStep.OPENED, None),
        (RetrainingStep.OPENED, 1),
    }
    (again,) = retrain.run(stage.context(github=github), request)
    assert (again.decision, again.pull) == (RetrainOutcome.NOTHING, 1)
    assert len(stage.hub.dispatched) == ("dispatch" not in refused)


def test_retrain__continues_if_the_data_issue_cannot_be_written(
    begun: Watched, tmp_path: Path
) -> None:
    stage = begun.copy(tmp_path)
    stage.window(3)
    github = RefusingGitHub(stage.hub, refused=("open_issues", "upsert_issue"))
    request = retrain.RetrainOptions(now="2026-11-05T12:00:00Z", dry_run=True)
    (planned,) = retrain.run(stage.context(github=github), request)
    assert planned.decision is RetrainOutcome.OPEN
    assert "the data issue is not read" in planned.sentence


def test_retrain__stops_if_auto_merge_cannot_be_disabled(begun: Watched, tmp_path: Path) -> None:
    """It could be merged without a person: that is no cosmetic effect."""
    stage = begun.copy(tmp_path)
    stage.window(3)
    stage.run()
    stage.hub.pulls[1] = dataclasses.replace(stage.pull, has_auto_merge=True)
    stage.window(4)
    github = RefusingGitHub(stage.hub, refused=("disable_auto_merge",))
    before = (stage.hub.writes, stage.branches())
    request = retrain.RetrainOptions(now="2026-11-06T12:00:00Z")
    (result,) = retrain.run(stage.context(github=github), request)
    assert result.decision is RetrainOutcome.FAILED
    assert (stage.hub.writes, stage.branches()) == before


def test_dashboard__is_shown_if_pull_requests_cannot_be_read(
    begun: Watched, tmp_path: Path
) -> None:
    stage = begun.copy(tmp_path)
    stage.window(3)
    stage.run()
    attempts = Attempts()
    context = DashboardContext(
        repository=stage.repository,
        ledger=stage.ledger,
        github=RefusingGitHub(stage.hub, refused=("open_pulls",)),
        attempts=attempts,
    )
    options = DashboardOptions(revision="main", now="2026-11-05T12:00:00+00:00")
    shown = dashboard.run(context, options)
    assert shown.url
    assert [line.facts.pull for line in shown.dashboard.lines] == [1]
    assert len(attempts.undone) == 1


def test_promote__ends_with_0_and_reports_missing_effects(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = judged(stage, 7.0)
    github = refuse(stage, "upsert_deployment")
    for name, value in {
        "ledger": lambda *_, **__: stage.ledger,
        "runs": lambda _: stage.scene.runs,
        "registry": lambda _: stage.registry,
        "github": lambda *_, **__: github,
    }.items():
        monkeypatch.setattr(wiring, name, value)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    arguments = [
        "promote",
        "--rev",
        commit,
        "--repo",
        str(stage.scene.checkout),
        "--json",
        "digits",
    ]
    monkeypatch.setattr("sys.argv", ["interlock", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    output = capsys.readouterr()
    assert ended.value.code == errors.EXIT_DONE
    document = json.loads(output.out)
    assert [model["outcome"] for model in document["models"]] == ["promoted"]
    assert len(document["undone"]) == 2
    assert output.err.count("::warning ::digits version ") == 2
