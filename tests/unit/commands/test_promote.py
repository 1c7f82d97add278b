"""What `promote` does with one revision of main, seen from outside: records, versions, aliases."""

from __future__ import annotations

import copy
import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from interlock import cli, documents, errors
from interlock.adapters import git
from interlock.cli import promote as command_line
from interlock.commands import promote
from interlock.commands.command import hold_verbs
from interlock.domain.access import comment_command
from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation.verdict import Outcome as Judged
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.promotion import registry_state
from interlock.domain.promotion.hold import Hold, HoldChange, HoldStep
from interlock.domain.promotion.promotion import (
    Phase,
    Promotion,
    PromotionKind,
    PromotionOutcome,
    PromotionResult,
)
from interlock.domain.promotion.registry_state import ModelVersion
from interlock.ledger import lookup
from interlock.ports.github import Deployment, Pull
from interlock.ports.runs import Runs
from interlock.services.promotion.model_promotion import Main, PromotionEffects
from tests.docs import documents as printed
from tests.fakes.github import FakeGitHub
from tests.fakes.ledger import FakeLedger
from tests.fakes.registry import FakeRegistry
from tests.fakes.scene import Scene, acts, run

NOW = "2030-01-01T12:00:00+00:00"


class Stage:
    """A scene with everything that promotion acts upon, and what was written so far."""

    def __init__(self, folder: Path, *models: str) -> None:
        self.scene = Scene(folder).create(*models)
        self.ledger = FakeLedger()
        self.registry = FakeRegistry(self.scene.runs.root)
        self.github = FakeGitHub()

    def rival(self) -> Stage:
        """Another process: the same world, seen through a clone of its own."""
        other = copy.copy(self)
        other.ledger = FakeLedger(self.ledger.origin)
        return other

    def promote(self, revision: str, *models: str, now: str = NOW) -> tuple[PromotionResult, ...]:
        return promote.run(
            promote.PromotionContext(
                repository=self.scene.repository,
                ledger=self.ledger,
                runs=cast(Runs, self.scene.runs),
                registry=self.registry,
                github=self.github,
            ),
            promote.PromoteOptions(revision=revision, now=now, models=models),
        )

    def outcome(self, revision: str) -> tuple[PromotionOutcome, int | None]:
        (result,) = self.promote(revision)
        return result.outcome, result.version

    def ship(self, c: float) -> str:
        """A commit that is judged and promoted."""
        commit = self.scene.commit(c)
        self.scene.judge(commit, self.ledger)
        (result,) = self.promote(commit)
        assert result.outcome in {PromotionOutcome.PROMOTED, PromotionOutcome.ROLLED_BACK}, result
        return commit

    @property
    def writes(self) -> tuple[int, int, int]:
        return (self.ledger.appends, self.registry.writes, self.github.hub.writes)

    @property
    def served(self) -> tuple[int | None, int | None]:
        return tuple(self.registry.find_alias("digits", a) for a in ("staging", "production"))  # type: ignore[return-value]

    def begin(
        self, revision: str, *, kind: PromotionKind = PromotionKind.PROMOTION, judged: bool = True
    ) -> Promotion:
        """An intent that somebody wrote and did not live to carry out."""
        if judged:
            self.scene.judge(revision, self.ledger)
        candidate = self.scene.train(revision)
        self.ledger.refresh()
        served = lookup.champion(self.ledger, model="digits")
        intent = Promotion(
            model="digits",
            kind=kind,
            phase=Phase.INTENT,
            fingerprint=candidate.fingerprint,
            revision=revision,
            position=self.scene.repository.position(revision),
            run_id=candidate.run_id,
            sha256=candidate.model.sha256,
            registry_name="digits",
            environments=("staging", "production"),
            at="2030-01-01T11:00:00+00:00",
            replaces=served.fingerprint if served else None,
        )
        path = lookup.path_of(intent)
        self.ledger.append({path: documents.dump(intent)}, message="Intent")
        return intent


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_promote__proven(stage: Stage) -> None:
    commit = stage.ship(1.0)
    assert stage.served == (1, 1)
    assert acts(stage.ledger) == [(1, "promotion", "intent"), (1, "promotion", "done")]
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    assert (champion.revision, champion.version, champion.replaces) == (commit, 1, None)
    (version,) = stage.registry.versions("digits")
    assert version.sha256 == stage.scene.train(commit).model.sha256
    assert version.fingerprint == stage.scene.fingerprint(commit)
    states = [(d.environment, d.sha, d.state) for d in stage.github.hub.deployments]
    assert states == [("staging", commit, "success"), ("production", commit, "success")]


def test_promote__again_writes_nothing_anywhere(stage: Stage) -> None:
    commit = stage.ship(1.0)
    before = stage.writes
    assert stage.outcome(commit) == (PromotionOutcome.UNCHANGED, 1)
    assert stage.writes == before


def test_promote__another_artifact_becomes_a_new_version(stage: Stage) -> None:
    first = stage.ship(1.0)
    second = stage.ship(2.0)
    assert stage.served == (2, 2)
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    assert (champion.revision, champion.version) == (second, 2)
    assert champion.replaces == stage.scene.fingerprint(first)


def test_promote__already_in_production(stage: Stage) -> None:
    """A commit that changes nothing about the model leaves no record."""
    stage.ship(1.0)
    stage.scene.write("README.md", "hello\n")
    commit = stage.scene.commit(1.0)
    before = stage.writes
    assert stage.outcome(commit) == (PromotionOutcome.UNCHANGED, 1)
    assert stage.writes == before


def test_promote__revert_rolls_back_without_a_new_version(stage: Stage) -> None:
    stage.ship(1.0)
    stage.ship(2.0)
    revert = stage.scene.commit(1.0)
    stage.scene.judge(revert, stage.ledger)
    (result,) = stage.promote(revert)
    assert (result.outcome, result.version) == (PromotionOutcome.ROLLED_BACK, 1)
    assert "version 1" in result.sentence
    assert "nothing was trained" in result.sentence
    assert stage.served == (1, 1)
    assert len(stage.registry.versions("digits")) == 2
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    assert (champion.kind, champion.version) == (PromotionKind.ROLLBACK, 1)


def test_promote__several_models_in_order_of_name(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "wine", "digits")
    stage.scene.commit(1.0, model="wine")
    commit = stage.scene.commit(1.0, model="digits")
    stage.scene.judge(commit, stage.ledger, model="wine")
    results = stage.promote(commit)
    assert [(r.model, r.outcome) for r in results] == [
        ("digits", PromotionOutcome.REFUSED),
        ("wine", PromotionOutcome.PROMOTED),
    ]
    (named,) = stage.promote(commit, "wine")
    assert (named.model, named.outcome) == ("wine", PromotionOutcome.UNCHANGED)


def test_promote__the_pull_request_that_brought_it(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger)
    brought = {7: pull(7, merge=commit), 9: pull(9, head=commit, merge="0" * 40)}
    stage.github.hub.pulls.update(brought)
    stage.promote(commit)
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    assert champion.pull == 7


def pull(number: int, *, merge: str, head: str = "1" * 40) -> Pull:
    return Pull(
        number=number,
        title="",
        body="",
        author="octocat",
        state="closed",
        head_sha=head,
        head_ref="topic",
        head_repository="acme/models",
        base_ref="main",
        base_sha="2" * 40,
        merged=True,
        merge_commit_sha=merge,
    )


# Refusals: nothing is written, and the sentence says what is missing.


def refusal(stage: Stage, commit: str) -> str:
    before = stage.writes
    (result,) = stage.promote(commit)
    assert result.outcome is PromotionOutcome.REFUSED
    assert stage.writes == before
    assert stage.served == (None, None)
    return result.sentence


def test_promote__no_evidence(stage: Stage) -> None:
    sentence = refusal(stage, stage.scene.commit(1.0))
    assert "no evidence" in sentence
    assert "interlock train digits" in sentence


@pytest.mark.parametrize("outcome", [Judged.FAIL, Judged.SKIPPED, Judged.INCONCLUSIVE])
def test_promote__verdict_is_not_pass(stage: Stage, outcome: Judged) -> None:
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger, outcome=outcome)
    sentence = refusal(stage, commit)
    assert f"verdict is {outcome}" in sentence
    assert f"f1_macro is {outcome}" in sentence


def test_promote__judged_under_other_rules(stage: Stage) -> None:
    stage.scene.judge(stage.scene.commit(1.0), stage.ledger)
    stage.scene.declare(floor=0.99)
    commit = stage.scene.commit(1.0)
    assert "not evaluated with the rules" in refusal(stage, commit)


def test_promote__judged_against_another_champion(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger, champions=["ab" * 32])
    assert "against the production model" in refusal(stage, commit)


def test_promote__another_artifact_than_the_evaluated_one(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger)
    weights = next(stage.scene.runs.root.glob("*/model/weights.bin"))
    weights.write_bytes(b"tampered")
    assert "is not the evaluated artifact" in refusal(stage, commit)


def test_promote__a_file_more_than_was_judged(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger)
    weights = next(stage.scene.runs.root.glob("*/model/weights.bin"))
    (weights.parent / "code.py").write_text("import os\n")
    assert "is not the evaluated artifact" in refusal(stage, commit)


def test_promote__no_fingerprint(stage: Stage) -> None:
    stage.scene.write("model-manifests/digits/dvc.yaml", "stages: {other: {cmd: 'true'}}\n")
    assert "no fingerprint" in refusal(stage, stage.scene.commit(1.0))


def test_promote__manifest_cannot_be_read(stage: Stage) -> None:
    stage.scene.write("model-manifests/digits/model.yaml", "model: [\n")
    assert "model-manifests/digits/model.yaml cannot be read" in refusal(
        stage, stage.scene.commit(1.0)
    )


def test_promote__policy_cannot_be_read(stage: Stage) -> None:
    stage.scene.write(".github/interlock.yml", "inconclusive: perhaps\n")
    commit = stage.scene.commit(1.0)
    with pytest.raises(errors.CannotReadManifest, match=r"\.github/interlock\.yml"):
        stage.promote(commit)


def test_promote__revision_is_not_on_main(stage: Stage) -> None:
    stage.ship(1.0)
    commit = stage.scene.commit(2.0, push=False)
    with pytest.raises(errors.CannotPromote, match="first-parent line of main"):
        stage.promote(commit)


def test_promote__merged_but_not_by_the_first_parent(stage: Stage) -> None:
    """A commit of a merged branch was never what main said."""
    checkout = stage.scene.checkout
    stage.scene.commit(1.0)
    run(checkout, "checkout", "--quiet", "-b", "topic")
    inside = stage.scene.commit(2.0, push=False)
    run(checkout, "checkout", "--quiet", "main")
    run(checkout, "merge", "--quiet", "--no-ff", "-m", "Merge", "topic")
    run(checkout, "push", "--quiet", "origin", "main")
    with pytest.raises(errors.CannotPromote, match="first-parent"):
        stage.promote(inside)
    assert stage.outcome("main")[0] is PromotionOutcome.REFUSED


def test_promote__shallow_clone(stage: Stage, tmp_path: Path) -> None:
    stage.scene.commit(1.0)
    commit = stage.scene.commit(2.0)
    url = f"file://{tmp_path}/origin.git"
    run(tmp_path, "clone", "--quiet", "--depth=1", url, "shallow")
    with pytest.raises(errors.CannotReachGit, match="shallow"):
        promote.run(
            promote.PromotionContext(
                repository=git.open_repository(tmp_path / "shallow"),
                ledger=stage.ledger,
                runs=cast(Runs, stage.scene.runs),
                registry=stage.registry,
                github=None,
            ),
            promote.PromoteOptions(revision=commit, now=NOW),
        )


def test_promote__unknown_model(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    with pytest.raises(errors.CannotResolve, match="digitz"):
        stage.promote(commit, "digitz")


# An inconclusive verdict and a person's word.


def test_promote__inconclusive_and_accepted(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    verdict = stage.scene.judge(commit, stage.ledger, outcome=Judged.INCONCLUSIVE)
    stage.scene.accept(verdict, stage.ledger)
    assert stage.outcome(commit) == (PromotionOutcome.PROMOTED, 1)


def test_promote__another_judgement_was_accepted(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    verdict = stage.scene.judge(
        commit, stage.ledger, outcome=Judged.INCONCLUSIVE, champions=["ab" * 32]
    )
    stage.scene.accept(verdict, stage.ledger)
    stage.scene.judge(commit, stage.ledger, outcome=Judged.INCONCLUSIVE)
    assert "interlock accept digits" in refusal(stage, commit)


def test_promote__a_failed_verdict_cannot_be_accepted_away(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    verdict = stage.scene.judge(commit, stage.ledger, outcome=Judged.FAIL)
    stage.scene.accept(verdict, stage.ledger)
    assert "verdict is fail" in refusal(stage, commit)


# Order, and what was interrupted.


def test_promote__older_than_the_production_model(stage: Stage) -> None:
    old = stage.scene.commit(1.0)
    stage.scene.judge(old, stage.ledger)
    stage.ship(2.0)
    before = stage.writes
    (result,) = stage.promote(old)
    assert result.outcome is PromotionOutcome.SUPERSEDED
    assert "is newer on main and is in production" in result.sentence
    assert stage.writes == before


def test_promote__older_than_a_running_promotion(stage: Stage) -> None:
    old = stage.scene.commit(1.0)
    stage.scene.judge(old, stage.ledger)
    stage.begin(stage.scene.commit(2.0))
    before = stage.writes
    (result,) = stage.promote(old)
    assert result.outcome is PromotionOutcome.SUPERSEDED
    assert "is being promoted" in result.sentence
    assert stage.writes == before


def test_promote__begun_and_not_finished(stage: Stage) -> None:
    """The verdict that it rests on was written before it, and is enough."""
    commit = stage.scene.commit(1.0)
    stage.begin(commit)
    assert stage.outcome(commit) == (PromotionOutcome.PROMOTED, 1)
    assert acts(stage.ledger) == [(1, "promotion", "intent"), (1, "promotion", "done")]
    assert stage.served == (1, 1)


def test_promote__begun_by_an_older_revision_of_the_same_model(stage: Stage) -> None:
    """A newer revision begins an act of its own, or its place in the order would be lost."""
    older = stage.scene.commit(1.0)
    stage.scene.judge(older, stage.ledger)
    stage.begin(older)
    stage.scene.write("README.md", "hello\n")
    later = stage.scene.commit(1.0)
    assert stage.outcome(later) == (PromotionOutcome.PROMOTED, 1)
    assert stage.outcome(older) == (PromotionOutcome.SUPERSEDED, 1)
    assert acts(stage.ledger) == [
        (1, "promotion", "intent"),
        (1, "promotion", "superseded"),
        (2, "promotion", "intent"),
        (2, "promotion", "done"),
    ]


def test_promote__begun_and_overtaken(stage: Stage) -> None:
    old = stage.scene.commit(1.0)
    stage.begin(old)
    new = stage.scene.commit(2.0)
    stage.scene.judge(new, stage.ledger)
    assert stage.outcome(new) == (PromotionOutcome.PROMOTED, 1)
    assert stage.outcome(old) == (PromotionOutcome.SUPERSEDED, 1)
    assert acts(stage.ledger)[:2] == [(1, "promotion", "intent"), (1, "promotion", "superseded")]
    assert stage.served == (1, 1)
    before = stage.writes
    assert stage.outcome(old) == (PromotionOutcome.SUPERSEDED, 1)
    assert stage.writes == before


def test_promote__main_has_moved_back_to_the_production_model(stage: Stage) -> None:
    """The newer revision found itself served and left no record; the older job must still yield."""
    stage.ship(1.0)
    middle = stage.scene.commit(2.0)
    stage.scene.judge(middle, stage.ledger)
    newest = stage.scene.commit(1.0)
    assert stage.outcome(newest) == (PromotionOutcome.UNCHANGED, 1)
    before = stage.writes
    (result,) = stage.promote(middle)
    assert result.outcome is PromotionOutcome.SUPERSEDED
    assert "of a newer commit of main is already in production" in result.sentence
    assert stage.writes == before
    assert stage.served == (1, 1)


def test_promote__main_moves_back_while_the_intent_is_written(stage: Stage) -> None:
    """The revert is pushed, and its job finds itself served, just before our intent can be read."""
    stage.ship(1.0)
    middle = stage.scene.commit(2.0)
    stage.scene.judge(middle, stage.ledger)
    revert: list[tuple[PromotionOutcome, int | None]] = []
    rival = stage.rival()

    def push_revert() -> None:
        revert.append(rival.outcome(stage.scene.commit(1.0)))

    stage.ledger = Interrupted(stage.ledger, push_revert)
    (result,) = stage.promote(middle)
    assert revert == [(PromotionOutcome.UNCHANGED, 1)]
    assert result.outcome is PromotionOutcome.SUPERSEDED
    assert stage.served == (1, 1)
    assert acts(stage.ledger)[2:] == [(2, "promotion", "intent"), (2, "promotion", "superseded")]


class Interrupted(FakeLedger):
    """Lets something happen just before the next record is written."""

    def __init__(self, ledger: FakeLedger, event: Callable[[], None]) -> None:
        super().__init__(ledger.origin)
        self._event: Callable[[], None] | None = event

    def append(self, *arguments: object, **named: object) -> bool:
        event, self._event = self._event, None
        if event is not None:
            event()
        return super().append(*arguments, **named)  # type: ignore[arg-type]


def test_promote__two_processes_write_the_same_intent(stage: Stage) -> None:
    """Whoever is first is followed: its records stand, and the other adds none."""
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger)
    twin = stage.rival()
    promotion_results: list[tuple[PromotionResult, ...]] = []
    stage.ledger = Interrupted(
        stage.ledger,
        lambda: promotion_results.append(twin.promote(commit, now="2030-01-01T11:59:59+00:00")),
    )
    assert stage.outcome(commit) == (PromotionOutcome.PROMOTED, 1)
    assert [(r.outcome, r.version) for (r,) in promotion_results] == [
        (PromotionOutcome.PROMOTED, 1)
    ]
    assert acts(stage.ledger) == [(1, "promotion", "intent"), (1, "promotion", "done")]
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    assert champion.at == "2030-01-01T11:59:59+00:00"
    assert len(stage.registry.versions("digits")) == 1
    assert len(stage.github.hub.deployments) == 2


def test_promote__an_alias_was_moved_by_hand(stage: Stage) -> None:
    stage.ship(1.0)
    commit = stage.ship(2.0)
    stage.registry.set_alias("digits", "production", version=1)
    appends = stage.ledger.appends
    (result,) = stage.promote(commit)
    assert result.outcome is PromotionOutcome.REPAIRED
    assert "production" in result.sentence
    assert "staging" not in result.sentence
    assert stage.served == (2, 2)
    assert stage.ledger.appends == appends


def test_promote__the_registry_was_lost(stage: Stage) -> None:
    commit = stage.ship(1.0)
    stage.registry = FakeRegistry(stage.scene.runs.root)
    assert stage.outcome(commit) == (PromotionOutcome.REPAIRED, 1)
    assert stage.served == (1, 1)


def test_promote__the_registry_was_lost_and_the_artifact_changed(stage: Stage) -> None:
    commit = stage.ship(1.0)
    stage.registry = FakeRegistry(stage.scene.runs.root)
    next(stage.scene.runs.root.glob("*/model/weights.bin")).write_bytes(b"tampered")
    assert "is not the evaluated artifact" in refusal(stage, commit)


def test_promote__another_environment_is_added(stage: Stage) -> None:
    stage.ship(1.0)
    text = (stage.scene.checkout / "model-manifests/digits/model.yaml").read_text()
    stage.scene.write(
        "model-manifests/digits/model.yaml", text.replace("[staging, production]", "[production]")
    )
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger)
    assert stage.outcome(commit) == (PromotionOutcome.PROMOTED, 1)
    assert acts(stage.ledger)[2:] == [(2, "promotion", "intent"), (2, "promotion", "done")]


def test_promote__main_was_rewritten(stage: Stage) -> None:
    stage.scene.commit(1.0)
    stage.ship(2.0)
    run(stage.scene.checkout, "reset", "--quiet", "--hard", "HEAD~1")
    stage.scene.commit(3.0, push=False)
    run(stage.scene.checkout, "push", "--quiet", "--force", "origin", "main")
    stage.scene.judge("main", stage.ledger)
    (result,) = stage.promote("main")
    assert result.outcome is PromotionOutcome.REFUSED
    assert "main was rewritten" in result.sentence
    assert stage.served == (1, 1)


def test_promote__github_is_optional(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger)
    (result,) = promote.run(
        promote.PromotionContext(
            repository=stage.scene.repository,
            ledger=stage.ledger,
            runs=cast(Runs, stage.scene.runs),
            registry=stage.registry,
            github=None,
        ),
        promote.PromoteOptions(revision=commit, now=NOW),
    )
    assert result.outcome is PromotionOutcome.PROMOTED


def test_promote__a_newer_act_begins_while_deployments_are_reported(stage: Stage) -> None:
    """What was told of an act that no longer stands is taken back, and its record says so."""
    old = stage.scene.commit(1.0)
    stage.scene.judge(old, stage.ledger)
    new = stage.scene.commit(2.0)
    rival = stage.rival()

    class Slow(FakeGitHub):
        def upsert_deployment(self, deployment: Deployment) -> None:
            super().upsert_deployment(deployment)
            if self.hub.writes == 1:
                rival.begin(new)

    stage.github = Slow()
    assert stage.outcome(old) == (PromotionOutcome.SUPERSEDED, None)
    deployments = [(d.sha, d.environment, d.state) for d in stage.github.hub.deployments]
    assert deployments == [(old, "staging", "inactive")]
    assert acts(stage.ledger)[:2] == [(1, "promotion", "intent"), (1, "promotion", "superseded")]
    # Its promoter finishes it, and takes the aliases along.
    assert stage.outcome(new) == (PromotionOutcome.PROMOTED, 2)
    assert stage.served == (2, 2)


def test_promote__a_newer_promotion_ends_before_an_alias_is_written(stage: Stage) -> None:
    """The ledger is read again right before the write: no alias goes back for a moment."""
    old = stage.ship(1.0)
    new = stage.scene.commit(2.0)
    stage.scene.judge(new, stage.ledger)
    rival, written = stage.rival(), []

    class Slow(FakeRegistry):
        is_read = False

        def find_version(self, act: Promotion) -> ModelVersion | None:
            version = super().find_version(act)
            if not self.is_read and act.revision == old:
                self.is_read = True
                rival.promote(new)
            return version

        def set_alias(self, name: str, alias: str, *, version: int) -> None:
            written.append((alias, version))
            super().set_alias(name, alias, version=version)

    slow = Slow(stage.registry.runs)
    vars(slow).update(vars(stage.registry))
    stage.registry = rival.registry = slow
    effects = PromotionEffects(
        promote.PromotionContext(
            repository=stage.scene.repository,
            ledger=stage.ledger,
            runs=cast(Runs, stage.scene.runs),
            registry=slow,
            github=None,
        ),
        cast(Main, None),
        "digits",
    )
    # It has read the old promotion, and writes after the new one has ended.
    effects.set_aliases()
    assert slow.is_read
    assert stage.served == (2, 2)
    assert {version for _, version in written} == {2}


# The command line.


def ask(
    capsys: pytest.CaptureFixture[str], scene: Scene, *arguments: str
) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["promote", "--repo", str(scene.checkout), *arguments])
    printed = capsys.readouterr()
    return ended.value.code, printed.out, printed.err


def test_cli__refused(
    stage: Stage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage.scene.commit(1.0)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/never-opened.db")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/models")
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    code, out, err = ask(capsys, stage.scene, "--rev", "main", "--json")
    document = json.loads(out)
    printed.check(document)
    assert code == errors.EXIT_NO
    assert err == "no deployment is recorded on GitHub: GITHUB_TOKEN is not set\n"
    assert document["models"][0]["outcome"] == "refused"
    code, out, _ = ask(capsys, stage.scene, "--rev", "main")
    assert code == errors.EXIT_NO
    assert out.startswith("digits  refused      there is no evidence of fingerprint ")
    assert not (tmp_path / "never-opened.db").exists()


def test_cli__no_tracking_uri(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.scene.commit(1.0)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    code, out, err = ask(capsys, stage.scene, "--rev", "main")
    assert (code, out) == (errors.EXIT_SETTINGS, "")
    assert "MLFLOW_TRACKING_URI is not set" in err


def test_cli__every_outcome_fits_the_schema(stage: Stage) -> None:
    results = [PromotionResult("digits", outcome, "why", version=1) for outcome in PromotionOutcome]
    printed.check(json.loads(documents.text(command_line.document(results))))


def test_record__fits_the_schema(stage: Stage) -> None:
    stage.ship(1.0)
    paths = stage.ledger.list("promotions/digits")
    assert len(paths) == 2
    for path in paths:
        printed.check(json.loads(stage.ledger.read_bytes(path) or b""))


# Holds: a person's word stands above main's.


def word(stage: Stage, text: str) -> HoldChange | Refusal:
    command = comment_command.parse(f"/interlock {text}")
    assert isinstance(command, comment_command.CommentCommand)
    return hold_verbs.write(stage.ledger, command, by="octocat", now=NOW)


HELD = "held by octocat since 2030-01-01 12:00: broken camera; `/interlock release digits`"


def test_promote__held__keeps_the_production_model(stage: Stage) -> None:
    stage.ship(1.0)
    word(stage, "hold digits broken camera")
    newer = stage.scene.commit(2.0)
    stage.scene.judge(newer, stage.ledger)
    before = stage.writes
    (result,) = stage.promote(newer)
    assert (result.outcome, result.version) == (PromotionOutcome.UNCHANGED, 1)
    assert result.sentence == f"version 1 is already in production; {HELD}"
    assert stage.writes == before
    assert stage.served == (1, 1)


def test_promote__held__a_revision_that_cannot_be_read_changes_nothing(stage: Stage) -> None:
    stage.ship(1.0)
    word(stage, "hold digits broken camera")
    stage.scene.write("model-manifests/digits/dvc.yaml", "stages: {other: {cmd: 'true'}}\n")
    assert stage.outcome(stage.scene.commit(1.0)) == (PromotionOutcome.UNCHANGED, 1)


def test_promote__held__puts_an_alias_right(stage: Stage) -> None:
    stage.ship(1.0)
    stage.ship(2.0)
    word(stage, "hold digits broken camera")
    stage.registry.set_alias("digits", "production", version=1)
    assert stage.outcome("main") == (PromotionOutcome.REPAIRED, 2)
    assert stage.served == (2, 2)


def test_promote__rolled_back_by_a_word(stage: Stage) -> None:
    first = stage.ship(1.0)
    stage.ship(2.0)
    word(stage, "rollback digits")
    (result,) = stage.promote("main")
    assert (result.outcome, result.version) == (PromotionOutcome.ROLLED_BACK, 1)
    assert result.sentence.startswith("rolled back to version 1 (staging, production); nothing was")
    assert "held by octocat" in result.sentence
    assert stage.served == (1, 1)
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    assert (champion.kind, champion.epoch, champion.revision) == (PromotionKind.ROLLBACK, 1, first)
    deployments = [(d.environment, d.sha, d.description) for d in stage.github.hub.deployments[-2:]]
    assert deployments == [(e, first, "digits version 1") for e in ("staging", "production")]
    before = stage.writes
    assert stage.outcome("main") == (PromotionOutcome.UNCHANGED, 1)
    assert stage.writes == before


def test_promote__rolled_back_to_a_changed_artifact(stage: Stage) -> None:
    first = stage.ship(1.0)
    stage.ship(2.0)
    word(stage, "rollback digits")
    run_id = stage.scene.train(first).run_id
    (stage.scene.runs.root / run_id / "model" / "weights.bin").write_bytes(b"tampered")
    (result,) = stage.promote("main")
    assert result.outcome is PromotionOutcome.REFUSED
    assert "is not the evaluated artifact" in result.sentence
    assert stage.served == (2, 2)


def test_promote__released__promotes_main_after_an_evaluation_against_the_held_version(
    stage: Stage,
) -> None:
    stage.ship(1.0)
    stage.ship(2.0)
    word(stage, "rollback digits")
    stage.promote("main")
    word(stage, "release digits")
    (result,) = stage.promote("main")
    assert result.outcome is PromotionOutcome.REFUSED
    assert "against the production model" in result.sentence
    stage.scene.judge("main", stage.ledger)
    (result,) = stage.promote("main")
    assert (result.outcome, result.version) == (PromotionOutcome.ROLLED_BACK, 2)
    assert "held" not in result.sentence
    assert stage.served == (2, 2)


def test_promote__released__continues_with_later_merges(stage: Stage) -> None:
    stage.ship(1.0)
    word(stage, "hold digits broken camera")
    newer = stage.scene.commit(2.0)
    stage.scene.judge(newer, stage.ledger)
    stage.promote(newer)
    word(stage, "release digits")
    assert stage.outcome(newer) == (PromotionOutcome.PROMOTED, 2)


def test_promote__begun_before_a_hold_gives_way_to_it(stage: Stage) -> None:
    """It read the ledger, then somebody held, then it wrote its intent."""
    stage.ship(1.0)
    newer = stage.scene.commit(2.0)
    stage.scene.judge(newer, stage.ledger)
    rival = stage.rival()

    class Late(FakeRegistry):
        def register(self, promotion: Promotion) -> ModelVersion:
            word(rival, "hold digits broken camera")
            return super().register(promotion)

    late = Late()
    late.__dict__.update(stage.registry.__dict__)
    stage.registry = late
    (result,) = stage.promote(newer)
    assert (result.outcome, result.version) == (PromotionOutcome.SUPERSEDED, 1)
    assert (
        result.sentence
        == "a user held or released the model in the meantime; run the command again"
    )
    # What it was about to serve had begun, so that a promotion has to carry the hold out.
    assert stage.outcome(newer)[1] == 1
    assert stage.served == (1, 1)


def test_promote__a_hold_whose_act_is_gone(stage: Stage) -> None:
    stage.ship(1.0)
    lone = Hold("digits", 1, HoldStep.HOLD, "octocat", "", NOW, fingerprint="ab" * 32, version=1)
    stage.ledger.append({lookup.path_of(lone): documents.dump(lone)}, message="Hold")
    (result,) = stage.promote("main")
    assert result.outcome is PromotionOutcome.REFUSED
    assert "the ledger has no promotion of hold 1" in result.sentence


def test_record__of_before_there_were_holds_lies_where_it_lay(stage: Stage) -> None:
    stage.ship(1.0)
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    document = documents.dump(champion)
    del document["epoch"]
    old = documents.load(document, Promotion, where="old")
    assert old == champion
    fingerprint = champion.fingerprint[:12]
    assert lookup.path_of(old) == f"promotions/digits/00000001-{fingerprint}-outcome.json"
    held = dataclasses.replace(old, epoch=2, phase=Phase.INTENT)
    assert lookup.path_of(held) == f"promotions/digits/00000001-{fingerprint}-2-intent.json"


def _several(folder: Path) -> tuple[Stage, str]:
    """Three models at one commit, each judged and none promoted yet."""
    stage = Stage(folder, "digits", "iris", "wine")
    for model in ("digits", "iris"):
        stage.scene.commit(1.0, model=model)
    commit = stage.scene.commit(1.0, model="wine")
    for model in ("digits", "iris", "wine"):
        stage.scene.judge(commit, stage.ledger, model=model)
    return stage, commit


Harm = Callable[[Stage, str], None]


def _no_json(stage: Stage, commit: str) -> None:
    path = f"promotions/digits/00000000-{'0' * 12}-intent.json"
    stage.ledger.plant({path: b"{"})


def _no_promotion(stage: Stage, commit: str) -> None:
    path = f"promotions/digits/00000000-{'0' * 12}-intent.json"
    document = {"schema": "interlock/promotion/v1", "model": "digits", "position": "first"}
    stage.ledger.append({path: document}, message="By hand")


def _of_a_newer_version(stage: Stage, commit: str) -> None:
    path = f"holds/digits/{1:08}.json"
    stage.ledger.append({path: {"schema": "interlock/hold/v2"}}, message="By hand")


def _of_another_model(stage: Stage, commit: str) -> None:
    """A hold of iris, laid where those of digits lie."""
    hold = Hold("iris", 1, HoldStep.HOLD, "octocat", "", NOW, "a" * 64, 1)
    path = f"holds/digits/{1:08}.json"
    stage.ledger.append({path: documents.dump(hold)}, message="By hand")


def _no_run(stage: Stage, commit: str) -> None:
    run_id = stage.scene.train(commit).run_id
    (stage.scene.runs.root / run_id).rename(stage.scene.folder / "gone")


@pytest.mark.parametrize(
    "harm", [_no_json, _no_promotion, _of_a_newer_version, _of_another_model, _no_run]
)
def test_promote__a_failure_of_one_model_does_not_stop_the_others(
    tmp_path: Path, harm: Harm
) -> None:
    stage, commit = _several(tmp_path)
    harm(stage, commit)
    digits, iris, wine = stage.promote(commit)
    assert digits.model == "digits"
    assert digits.outcome in {PromotionOutcome.REFUSED, PromotionOutcome.FAILED}
    assert digits.exit_code in {errors.EXIT_NO, errors.EXIT_OUTSIDE}
    assert (iris.outcome, wine.outcome) == (PromotionOutcome.PROMOTED, PromotionOutcome.PROMOTED)
    assert stage.registry.find_alias("digits", "production") is None


def test_promote__a_registry_that_is_down_is_called_for_one_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, commit = _several(tmp_path)
    calls = []

    def refuse(*options: object, **named: object) -> None:
        calls.append(options)
        raise errors.CannotReachRegistry("MLflow does not answer")

    for name in ("fetch", "find_alias", "find_version", "register"):
        monkeypatch.setattr(stage.registry, name, refuse)
    monkeypatch.setattr(stage.scene.runs, "fetch", refuse, raising=False)
    digits, iris, wine = stage.promote(commit)
    assert {r.outcome for r in (digits, iris, wine)} == {PromotionOutcome.FAILED}
    assert errors.worst(r.exit_code for r in (digits, iris, wine)) == errors.EXIT_OUTSIDE
    assert digits.sentence == "MLflow does not answer"
    assert iris.sentence == wine.sentence == "not attempted: MLflow does not answer"
    assert len(calls) == 2  # the first model, and whether the registry answers at all


# What proves an act.


def _forge(stage: Stage, verdict: Verdict, **changes: object) -> None:
    """A copy of a verdict in the ledger, at the place of the judgement that counts."""
    forged = dataclasses.replace(verdict, **changes)  # type: ignore[arg-type]
    stage.ledger.append({lookup.path_of(forged): documents.dump(forged)}, message="By hand")


def test_promote__a_failed_verdict_copied_as_a_pass(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    failed = stage.scene.judge(commit, stage.ledger, outcome=Judged.FAIL, champions=("c" * 64,))
    counts = stage.scene.judge(stage.scene.commit(1.0), FakeLedger(), outcome=Judged.FAIL)
    _forge(stage, failed, key=counts.key, champion=None, outcome=Judged.PASS)
    (result,) = stage.promote(commit)
    assert result.outcome is PromotionOutcome.REFUSED
    assert "the outcome of its findings is fail" in result.sentence
    assert (stage.served, acts(stage.ledger)) == ((None, None), [])


@pytest.mark.parametrize("is_done", [False, True])
def test_promote__an_act_that_nothing_proves(stage: Stage, is_done: bool) -> None:
    """Whoever may write the ledger writes that a failed model is being promoted, or was."""
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger, outcome=Judged.FAIL)
    intent = stage.begin(commit, judged=False)
    if is_done:
        done = dataclasses.replace(intent, phase=Phase.DONE, version=1)
        stage.ledger.append({lookup.path_of(done): documents.dump(done)}, message="By hand")
    before = stage.writes
    (result,) = stage.promote(commit)
    assert result.outcome is PromotionOutcome.REFUSED
    assert "has no proof in the ledger" in result.sentence
    assert "the verdict is fail" in result.sentence
    assert stage.writes == before
    assert stage.served == (None, None)


def test_promote__a_verdict_that_came_after_the_act(stage: Stage) -> None:
    """It proves the next act of these bytes, at the next commit of main."""
    commit = stage.scene.commit(1.0)
    stage.begin(commit, judged=False)
    stage.scene.judge(commit, stage.ledger)
    (result,) = stage.promote(commit)
    assert result.outcome is PromotionOutcome.REFUSED
    assert "there is no evidence before it" in result.sentence
    later = stage.scene.commit(1.0)
    assert stage.outcome(later) == (PromotionOutcome.PROMOTED, 1)
    assert stage.served == (1, 1)


def test_promote__an_older_promotion_sets_no_alias_to_one_without_proof(
    stage: Stage,
) -> None:
    old = stage.ship(1.0)
    forged = stage.begin(stage.scene.commit(2.0), judged=False)
    stage.registry.register(forged)
    (result,) = stage.promote(old)
    assert result.outcome is PromotionOutcome.REFUSED
    assert stage.served == (1, 1)


def test_promote__a_rollback_that_nothing_was_promoted_before(stage: Stage) -> None:
    stage.ship(1.0)
    commit = stage.scene.commit(2.0)
    stage.scene.judge(commit, stage.ledger, outcome=Judged.FAIL)
    stage.begin(commit, kind=PromotionKind.ROLLBACK, judged=False)
    (result,) = stage.promote(commit)
    assert result.outcome is PromotionOutcome.REFUSED
    assert "there is no proven promotion of the same artifact" in result.sentence
    assert stage.served == (1, 1)


# What lies elsewhere than with the run.


def test_promote__a_version_with_the_right_tags_that_lies_elsewhere(stage: Stage) -> None:
    """It was registered in advance, by somebody who knew what would be promoted."""
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger)
    act = stage.begin(commit)
    stage.registry.create(act, tags=registry_state.tags(act), source="elsewhere/model")
    assert stage.outcome(commit) == (PromotionOutcome.PROMOTED, 2)
    assert stage.served == (2, 2)


def test_promote__a_version_with_another_artifact_than_its_run(stage: Stage) -> None:
    """Where it lies is right, and what the store hands out there is not."""
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger)
    copied = stage.scene.folder / "copied"
    shutil.copytree(stage.scene.runs.root, copied)
    next(copied.glob("*/model/weights.bin")).write_bytes(b"tampered")
    stage.registry.runs = copied
    (result,) = stage.promote(commit)
    assert result.outcome is PromotionOutcome.REFUSED
    assert "version 1 is not the evaluated artifact" in result.sentence
    assert stage.served == (None, None)


def test_promote__many_foreign_versions_delay_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = stage.registry.create
    planted: list[ModelVersion] = []

    def plant(act: Promotion, *, tags: dict[str, str], source: str | None = None) -> ModelVersion:
        planted.extend(register(act, tags=tags, source="elsewhere/model") for _ in range(3))
        return register(act, tags=tags)

    monkeypatch.setattr(stage.registry, "create", plant)
    stage.ship(1.0)
    assert stage.served == (4, 4)
    assert len(planted) == 3
