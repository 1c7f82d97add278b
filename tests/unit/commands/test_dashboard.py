"""`dashboard` writes one issue about a repository, and only when something changed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from interlock import documents, errors
from interlock.cli import dashboard as command_line
from interlock.commands import dashboard
from interlock.commands.dashboard import DashboardContext, DashboardOptions, DashboardResult
from interlock.domain.basics.interval import Interval
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.evidence import Evidence, Rows, RunFacts
from interlock.domain.monitoring.monitoring_records import Cause, RetrainingRequest
from interlock.domain.monitoring.monitoring_records import RetrainingStep as Asking
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.reporting.dashboard import DashboardLine, HealthStatus, TotalCost
from interlock.ledger import lookup
from interlock.ports.github import Pull
from interlock.rendering import dashboard_sentences
from interlock.rendering.dashboard import MARKER
from tests import dashboard_cases, drift_cases
from tests.docs import documents as printed
from tests.fakes.github import FakeGitHub, Hub
from tests.fakes.ledger import FakeLedger
from tests.fakes.scene import MANIFEST, PIPELINE, Scene

OLD = "7" * 64
NOW = "2030-11-05T12:00:00+00:00"
MONITOR = """\
monitor:
  live: data/live/date=*/*.parquet
  time: date
  window: {every: 1d, late: 6h}
"""


@dataclasses.dataclass
class Stage:
    """A repository with one monitored production model, and a GitHub."""

    scene: Scene
    ledger: FakeLedger
    commit: str
    github: FakeGitHub = dataclasses.field(default_factory=FakeGitHub)

    @property
    def hub(self) -> Hub:
        return self.github.hub

    def add(self, *nouns: object, now: str = NOW) -> None:
        self.ledger.origin.now = now
        records = {lookup.path_of(noun): documents.dump(noun) for noun in nouns}
        self.ledger.append(records, message="Add")

    @property
    def fingerprint(self) -> str:
        return self.scene.fingerprint(self.commit)

    def promotion(self, **changes: object) -> Promotion:
        promotion = dashboard_cases.promotion()
        fields: dict[str, object] = {
            "fingerprint": self.fingerprint,
            "revision": self.commit,
            "replaces": None,
            **changes,
        }
        return dataclasses.replace(promotion, **fields)  # type: ignore[arg-type]

    def show(self, *, now: str = NOW, dry_run: bool = False) -> DashboardResult:
        return run_dashboard(self, self.github, now=now, dry_run=dry_run)

    def line(self) -> DashboardLine:
        (line,) = self.show().dashboard.lines
        return line


def run_dashboard(
    stage: Stage, github: FakeGitHub | None, *, now: str = NOW, dry_run: bool = False
) -> DashboardResult:
    context = DashboardContext(
        repository=stage.scene.repository, ledger=stage.ledger, github=github
    )
    return dashboard.run(context, DashboardOptions(revision="main", now=now, dry_run=dry_run))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    scene = Scene(tmp_path).create("digits")
    declared = MANIFEST.format(model="digits", floor=0.9) + MONITOR
    scene.write("model-manifests/digits/model.yaml", declared)
    made = Stage(scene, FakeLedger(), scene.commit(1.0))
    made.add(made.promotion(at="2030-11-04T12:00:00+00:00"))
    return made


def reports(stage: Stage, *verdicts: DriftStatus) -> None:
    """A window a day up to the fourth of November."""
    first = 5 - len(verdicts)
    for day, verdict in enumerate(verdicts, start=first):
        diagnosis = drift_cases.SHIFT if verdict is DriftStatus.DRIFT else drift_cases.CALM
        reference = stage.fingerprint
        stage.add(drift_cases.window(day, verdict, diagnosis=diagnosis, reference=reference))


def test_dashboard__is_one_issue(stage: Stage) -> None:
    shown = stage.show()
    (issue,) = stage.hub.issues.values()
    assert (issue.title, issue.labels) == ("Interlock: models in production", ("interlock",))
    assert (issue.body, issue.url) == (shown.body, shown.url)
    body = issue.body
    assert body.endswith(MARKER)
    assert "**digits** | version\u00a02 | not evaluated yet |" in body


def test_dashboard__again_writes_nothing(stage: Stage) -> None:
    reports(stage, DriftStatus.STABLE)
    stage.show()
    stage.show(now="2030-11-05T18:00:00+00:00")
    assert stage.hub.writes == 1


def test_dashboard__dry_run_writes_nothing(stage: Stage) -> None:
    shown = stage.show(dry_run=True)
    assert (shown.url, stage.hub.writes) == ("", 0)
    assert "digits" in shown.body


def test_drift__comes_with_its_windows(stage: Stage) -> None:
    reports(stage, DriftStatus.STABLE, DriftStatus.WARNING, DriftStatus.DRIFT)
    line = stage.line()
    assert line.status is HealthStatus.DRIFT
    assert line.facts.windows == (DriftStatus.STABLE, DriftStatus.WARNING, DriftStatus.DRIFT)
    assert line.facts.evaluated_at == "2030-11-05T06:00:00Z"
    assert "age and income moved" in dashboard_sentences.sentence(line)


def test_drift__stays_when_the_next_window_has_too_few_rows(stage: Stage) -> None:
    reports(stage, DriftStatus.DRIFT, DriftStatus.INSUFFICIENT)
    assert stage.line().status is HealthStatus.DRIFT


def test_too_few_rows__is_healthy(stage: Stage) -> None:
    reports(stage, DriftStatus.INSUFFICIENT)
    line = stage.line()
    assert line.facts.newest is not None
    assert line.status is HealthStatus.HEALTHY


def test_drift__of_the_previous_production_model_does_not_count(stage: Stage) -> None:
    stage.add(drift_cases.window(4, DriftStatus.DRIFT, diagnosis=drift_cases.SHIFT))
    line = stage.line()
    assert line.status is HealthStatus.HEALTHY
    assert line.facts.windows == (DriftStatus.DRIFT,)
    assert line.facts.newest is None


def test_labels__that_came_late_count(stage: Stage) -> None:
    reports(stage, DriftStatus.STABLE)
    fallen = dashboard_cases.fallen("digits").performance
    assert fallen is not None
    stage.add(dataclasses.replace(fallen, reference=stage.fingerprint))
    assert stage.line().status is HealthStatus.DRIFT


def test_schedule_that_stopped__is_reported(stage: Stage) -> None:
    reports(stage, DriftStatus.STABLE)
    assert stage.line().status is HealthStatus.HEALTHY
    (line,) = stage.show(now="2030-11-20T12:00:00+00:00").dashboard.lines
    assert line.status is HealthStatus.MONITORING_STOPPED
    assert "was last evaluated 2030-11-05 06:00 UTC" in dashboard_sentences.sentence(line)
    assert stage.hub.writes == 2
    stage.show(now="2030-11-21T12:00:00+00:00")
    assert stage.hub.writes == 2


def test_schedule_that_never_ran__is_reported(stage: Stage) -> None:
    (line,) = stage.show(now="2030-11-20T12:00:00+00:00").dashboard.lines
    assert "was never evaluated" in dashboard_sentences.sentence(line)


def request(pull: int, step: Asking, *, hour: int) -> RetrainingRequest:
    return RetrainingRequest(
        model="digits",
        cause=Cause.COVARIATE_SHIFT,
        window_end="2030-11-05T00:00:00Z",
        reference=drift_cases.CHAMPION,
        severity=0.4,
        branch="interlock/retrain/digits",
        step=step,
        at=f"2030-11-05T{hour:02d}:00:00Z",
        sentence="",
        pull=pull,
    )


def pull(number: int, state: str) -> Pull:
    head = ("b" * 40, "interlock/retrain/digits", "acme/models")
    return Pull(number, "", "", "interlock[bot]", state, *head, "main", "a" * 40)


def test_retraining__is_the_newest_that_is_open(stage: Stage) -> None:
    stage.add(request(8, Asking.OPENED, hour=4), request(12, Asking.OPENED, hour=7))
    stage.hub.pulls = {8: pull(8, "open"), 12: pull(12, "open")}
    assert stage.line().facts.pull == 12
    stage.hub.pulls[12] = pull(12, "closed")
    assert stage.line().facts.pull == 8
    stage.add(request(8, Asking.CLOSED, hour=9))
    assert stage.line().facts.pull is None


def test_retraining__without_a_github_the_ledger_counts(stage: Stage) -> None:
    stage.add(request(8, Asking.OPENED, hour=4))
    shown = run_dashboard(stage, None)
    assert [line.facts.pull for line in shown.dashboard.lines] == [8]


def test_hold__is_shown(stage: Stage) -> None:
    hold = Hold("digits", 1, HoldStep.HOLD, "octocat", "broken camera", "2030-11-01T12:00:00+00:00")
    stage.add(hold)
    assert stage.line().status is HealthStatus.ON_HOLD


def test_primary_metric__is_compared_with_the_previous_production_model(stage: Stage) -> None:
    """Other verdicts, and promotions that only add an environment, do not count."""
    before = dataclasses.replace(
        stage.promotion(fingerprint=OLD, position=2, version=1), environments=("staging",)
    )
    narrow = dataclasses.replace(stage.promotion(position=3), environments=("staging",))
    stage.add(before, narrow)
    judged = Comparison("f1_macro", 0.985, 0.964, 0.021, Interval(0.012, 0.031, 0.95))
    of_slice = dataclasses.replace(judged, slice="stroke", value="thick")
    verdict = stage.scene.judge(stage.commit, stage.ledger)
    first = dataclasses.replace(verdict, key="1" * 64, champion=OLD, comparisons=(of_slice, judged))
    later = (dataclasses.replace(judged, difference=0.5),)
    of_another = dataclasses.replace(first, champion="8" * 64, comparisons=later)
    stage.add(first, dataclasses.replace(of_another, key="0" * 64))
    line = stage.line()
    assert (line.facts.primary_metric, line.facts.previous) == (judged, before)
    body = stage.show().body
    assert "`f1_macro` 0.985, better than version 1: +0.021 [+0.012, +0.031]" in body
    (model,) = command_line.document(stage.show())["models"]
    assert model["primary_metric"]["previous_version"] == 1


def test_primary_metric__without_a_verdict_has_no_difference(stage: Stage) -> None:
    stage.scene.judge(stage.commit, stage.ledger)
    assert stage.line().facts.primary_metric == Comparison("f1_macro", 0.95)


def evidence(stage: Stage, commit: str, facts: RunFacts) -> Evidence:
    candidate = dataclasses.replace(stage.scene.train(commit), facts=facts)
    return Evidence(candidate, Rows(2, "1" * 64), {"f1_macro": 0.95})


def test_cost__is_of_this_month_alone(stage: Stage) -> None:
    old = evidence(stage, stage.commit, RunFacts(1.0, cost=9.0, currency="EUR"))
    stage.add(old, now="2030-10-31T23:59:59+00:00")
    for c, cost in ((2.0, 0.25), (3.0, 0.5), (4.0, None)):
        commit = stage.scene.commit(c)
        facts = RunFacts(1.0, cost=cost, currency="" if cost is None else "EUR")
        stage.add(evidence(stage, commit, facts), now="2030-11-01T00:00:00+00:00")
    assert stage.line().facts.cost == TotalCost({"EUR": 0.75}, unpriced=1)


def test_cost__a_file_that_is_not_a_record_does_not_count(stage: Stage) -> None:
    stage.ledger.plant({"evidence/digits/notes/a.json": b"{}"})
    stage.ledger.origin.trees[str(stage.ledger.head)]["notes.json"] = b"{}"
    stage.ledger.origin.moments["notes.json"] = NOW
    assert stage.line().facts.cost == TotalCost()


def test_manifest_that_cannot_be_read__is_a_problem(stage: Stage) -> None:
    stage.scene.write("model-manifests/wine/model.yaml", "model: wine\n")
    stage.scene.commit(1.0)
    shown = stage.show()
    assert "model-manifests/wine/model.yaml cannot be read" in shown.dashboard.problems[0]
    assert shown.dashboard.exit_code == errors.EXIT_INPUT
    assert "⚠️ `model-manifests/wine/model.yaml` cannot be read" in shown.body


def test_record_that_cannot_be_read__hides_no_other_model(stage: Stage) -> None:
    stage.scene.write("model-manifests/wine/model.yaml", MANIFEST.format(model="wine", floor=0.9))
    stage.scene.write("model-manifests/wine/dvc.yaml", PIPELINE)
    stage.scene.write("model-manifests/wine/train.py", "print()\n")
    stage.scene.commit(1.0, model="wine")
    damaged = {"schema": "interlock/drift-window/v1", "model": "wine"}
    stage.ledger.append({"drift/wine/20301105T000000Z.json": damaged}, message="Damage")
    shown = stage.show().dashboard
    assert [line.model for line in shown.lines] == ["digits"]
    (problem,) = shown.problems
    assert shown.exit_code == errors.EXIT_NO
    assert problem.startswith("wine cannot be shown: drift/wine/20301105T000000Z.json is malformed")


def test_document__fits_its_schema(stage: Stage) -> None:
    reports(stage, DriftStatus.STABLE, DriftStatus.DRIFT)
    stage.scene.judge(stage.commit, stage.ledger)
    document = command_line.document(stage.show())
    printed.check(document)
    (model,) = document["models"]
    assert (model["status"], model["drift"], model["windows"]) == (
        "drift",
        "drift",
        ["stable", "drift"],
    )
    shown = DashboardResult("0" * 40, dashboard_cases.shown(), "", "")
    printed.check(command_line.document(shown))
