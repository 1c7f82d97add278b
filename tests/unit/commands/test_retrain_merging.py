"""`retrain` enables auto-merge where the policy allows it, and never over commits of users."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.commands import retrain
from interlock.commands.retrain import RetrainOutcome, RetrainResult
from interlock.domain.basics import timestamps
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.ports.github import VERDICT
from tests import retrain_cases as cases
from tests.fakes.github import FakeGitHub
from tests.retrain_stage import GROWN, POINTER, Stage, pointer

LEFT = "GitHub merges it when all requirements of main are met"


class Sighted(FakeGitHub):
    """Sees what was pushed to the origin before it answers."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.hub)
        self._stage = stage

    def enable_auto_merge(self, pull: int, *, head: str) -> None:
        self._stage.look()
        super().enable_auto_merge(pull, head=head)


def run(stage: Stage, day: float = 4) -> RetrainResult:
    request = retrain.RetrainOptions(now=timestamps.write(cases.NOON + int(day * 86_400)))
    (result,) = retrain.run(stage.context(github=Sighted(stage)), request)
    return result


def allow(stage: Stage, *, word: str = "true") -> None:
    policy = stage.tiny.root / ".github" / "interlock.yml"
    kept, _, _ = policy.read_text().partition("retrain:")
    policy.write_text(f"{kept}retrain: {{auto_merge: {word}}}\n")
    stage.tiny.commit()
    stage.push()


def next_window(stage: Stage, number: int) -> None:
    stage.window(number)
    stage.refreshing.brings[POINTER] = pointer(f"{GROWN}{number},a\n")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    made = Stage(tmp_path_factory.mktemp("begun")).begin()
    allow(made)
    return made


@pytest.fixture
def stage(begun: Stage, tmp_path: Path) -> Stage:
    """What drifted in a repository where nothing stands against it but the verdict."""
    made = begun.copy(tmp_path)
    made.window(3)
    made.hub.required["main"] = frozenset({VERDICT})
    made.hub.allows_auto_merge = True
    return made


def test_retrain__enables_auto_merge_once(stage: Stage) -> None:
    result = run(stage)
    assert result.decision is RetrainOutcome.OPEN
    assert result.sentence == f"`age` drifted; {LEFT}"
    assert stage.hub.auto_merges == {1: "interlock[bot]"}
    before = stage.hub.writes
    assert run(stage, 4.1).sentence == "#1 is up to date"
    assert stage.hub.writes == before
    next_window(stage, 4)
    result = run(stage, 5)
    assert (result.decision, result.sentence) == (RetrainOutcome.UPDATE, "`age` drifted")
    assert stage.pull.has_auto_merge


def test_retrain__no_auto_merge_by_default(stage: Stage) -> None:
    allow(stage, word="false")
    assert run(stage).sentence == "`age` drifted"
    assert stage.hub.auto_merges == {}


def test_retrain__no_auto_merge_without_the_required_check(stage: Stage) -> None:
    """A branch that requires something else would let in what was never judged."""
    stage.hub.required["main"] = frozenset({"lint"})
    result = run(stage)
    assert result.decision is RetrainOutcome.OPEN
    assert result.sentence.endswith(
        "auto-merge is not enabled: main does not require the check `interlock`"
    )
    assert stage.hub.auto_merges == {}


def test_retrain__opens_although_github_refuses_auto_merge(stage: Stage) -> None:
    stage.hub.allows_auto_merge = False
    result = run(stage)
    assert result.decision is RetrainOutcome.OPEN
    assert result.sentence.endswith(
        "auto-merge is not enabled: Auto merge is not allowed for this repository"
    )
    assert set(stage.pull.labels) == {"interlock", "retraining"}
    stage.hub.allows_auto_merge = True
    next_window(stage, 4)
    assert run(stage, 5).sentence.endswith(LEFT), "an update asks again"


def test_retrain__commits_of_users_disable_auto_merge(stage: Stage) -> None:
    run(stage)
    stage.commit_by_user()
    result = run(stage, 4.1)
    assert result.sentence == (
        "auto-merge of #1 is disabled: it has commits of other users; #1 has commits of other users"
    )
    assert not stage.pull.has_auto_merge
    stage.window(4)
    assert run(stage, 5).decision is RetrainOutcome.COMMENT
    assert not stage.pull.has_auto_merge


def test_retrain__keeps_auto_merge_of_a_user(stage: Stage) -> None:
    allow(stage, word="false")
    run(stage)
    stage.commit_by_user()
    stage.look()
    FakeGitHub(stage.hub, login="octocat").enable_auto_merge(1, head=stage.pull.head_sha)
    run(stage, 4.1)
    assert stage.hub.auto_merges == {1: "octocat"}


@pytest.mark.parametrize("end", ["policy", "hold"])
def test_retrain__disables_auto_merge_that_is_not_allowed(stage: Stage, end: str) -> None:
    run(stage)
    if end == "policy":
        allow(stage, word="false")
    else:
        stage.record(Hold("tiny", 1, HoldStep.HOLD, "octocat", "broken camera", cases.day(4)))
    assert "auto-merge of #1 is disabled" in run(stage, 4.1).sentence
    assert not stage.pull.has_auto_merge


def test_retrain__no_auto_merge_of_another_head(stage: Stage) -> None:
    """A push between ours and the wish is a person's, and nobody has looked at it."""

    class Pushed(Sighted):
        def required_checks(self, branch: str) -> frozenset[str]:
            stage.commit_by_user()
            return super().required_checks(branch)

    request = retrain.RetrainOptions(now=cases.day(4))
    (result,) = retrain.run(stage.context(github=Pushed(stage)), request)
    assert "expectedHeadOid" in result.sentence
    assert not stage.pull.has_auto_merge


def test_retrain__an_interrupted_run_enables_auto_merge_later(stage: Stage) -> None:
    class Cut(FakeGitHub):
        def enable_auto_merge(self, pull: int, *, head: str) -> None:
            raise KeyboardInterrupt

    request = retrain.RetrainOptions(now=timestamps.write(cases.NOON + 4 * 86_400))
    with pytest.raises(KeyboardInterrupt):
        retrain.run(stage.context(github=Cut(stage.hub)), request)
    result = run(stage, 4.01)
    assert (result.decision, result.sentence) == (RetrainOutcome.FINISH, f"`age` drifted; {LEFT}")
    assert stage.pull.has_auto_merge
