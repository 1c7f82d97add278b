"""`evaluate` over a repository: what reaches the ledger, once, and what never passes."""

from __future__ import annotations

import dataclasses
import random
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from interlock import documents, errors
from interlock.adapters import git
from interlock.adapters.plots import MatplotlibPlots
from interlock.adapters.scoring import FileScoring
from interlock.commands.evaluate import evaluate_revision
from interlock.commands.evaluate.context import (
    EvaluateContext,
    EvaluateOptions,
    EvaluateResult,
    ModelVerdict,
    NoVerdict,
)
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.verdict import Outcome
from interlock.domain.model.evidence import Attempt, Candidate, RunFacts
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    Diagnosis,
    Performance,
    PerformanceReport,
    Remedy,
)
from interlock.ledger import lookup
from interlock.ports.github import Pull
from interlock.services import artifacts, snapshots
from interlock.services.attested_runs import AttestedRuns
from tests import promotions
from tests.fakes.github import FakeGitHub, Hub
from tests.fakes.ledger import FakeLedger
from tests.fakes.pictures import FakePictures
from tests.fakes.runs import FakeRuns

MANIFEST = """\
model: {model}
owner: "@acme/vision"
objective: Read handwritten digits on forms.
task: multiclass
pipeline: {{target: train}}
outputs: {{model: model/, predictions: predictions.csv}}
environment: []
runner: {{labels: [self-hosted], gpus: 0, timeout_minutes: 10}}
evaluate: {{primary: accuracy, slices: [hand], seed: {seed}}}
gates:
{gates}
promote: {{environments: [staging, production], registry_name: {model}}}
"""
PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    params: [c]
    outs: [model, predictions.csv]
"""
FLOOR, DROP = (
    "{metric: accuracy, min: 0.6}",
    "{metric: accuracy, max_drop: 0.02, against: champion}",
)
ROWS = 400
_Port = TypeVar("_Port")


class Workshop:
    """A repository on disk; a ledger and a run store in memory; predictions of any quality."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkout = folder / "checkout"
        self.ledger = FakeLedger()
        self.pictures = FakePictures()
        self.runs = FakeRuns(folder / "runs")
        self.opened: list[str] = []
        self.hub = Hub()
        self.plots: Callable[[], MatplotlibPlots] | None = None
        self.git("init", "--quiet", "--initial-branch=main", str(self.checkout), at=folder)

    def commit(
        self,
        c: float = 1,
        *,
        model: str = "digits",
        gates: tuple[str, ...] = (FLOOR, DROP),
        policy: str = "",
        seed: int = 7,
    ) -> str:
        lines = "\n".join(f"  - {gate}" for gate in gates)
        home = f"model-manifests/{model}"
        self.write(f"{home}/model.yaml", MANIFEST.format(model=model, gates=lines, seed=seed))
        self.write(f"{home}/dvc.yaml", PIPELINE)
        self.write(f"{home}/train.py", "print()\n")
        self.write(f"{home}/params.yaml", f"c: {c}\n")
        if policy:
            self.write(".github/interlock.yml", f"version: 1\n{policy}\n")
        return self.commit_as_is()

    def commit_as_is(self) -> str:
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "-m", "Change something")
        return self.git("rev-parse", "HEAD")

    def forget_evidence(self) -> None:
        """Remove the evidence from the ledger, which an append cannot do."""
        self._forget("evidence/")

    def forget_verdicts(self) -> None:
        self._forget("verdicts/")

    def _forget(self, area: str) -> None:
        for tree in self.ledger.origin.trees.values():
            for path in [p for p in tree if p.startswith(area)]:
                del tree[path]

    def train(
        self,
        revision: str,
        *,
        model: str = "digits",
        right: float = 0.8,
        text: str = "",
        seed: int = 1,
    ) -> Candidate:
        """Record a candidate that is right in a share of rows, or whose predictions are `text`."""
        at = snapshots.read_model(self.repository.tree(revision), model)
        assert at.lineage is not None
        work = Path(tempfile.mkdtemp(dir=self.folder))
        (work / "model").mkdir()
        (work / "model" / "weights.bin").write_bytes(b"0" * 1000)
        predictions = work / "predictions.csv"
        predictions.write_text(text or predicted(right, seed=seed), "utf-8")
        candidate = Candidate(
            name=model,
            fingerprint=str(at.fingerprint),
            revision=revision,
            run_id="",
            lineage=at.lineage,
            model=artifacts.measure(work / "model", name="model"),
            predictions=artifacts.measure(predictions, name="predictions.csv"),
            files=(),
            facts=RunFacts(seconds=3.0),
            log_tail="the last line",
            is_hermetic=True,
        )
        files = {"model": work / "model", "predictions.csv": predictions}
        return self.runs.record_candidate(candidate, files=files)

    def promote(self, candidate: Candidate, *, version: int) -> None:
        promotion = promotions.of_candidate(candidate, version=version, at="2030-01-01T00:00:00Z")
        self.ledger.append(
            {lookup.path_of(promotion): documents.dump(promotion)}, message="Promote"
        )

    def serve(self, c: float = 1, *, right: float = 0.8, version: int = 1) -> str:
        """Have a champion, judged and promoted; its commit."""
        revision = self.commit(c)
        candidate = self.train(revision, right=right)
        self.evaluate(revision)
        self.promote(candidate, version=version)
        return revision

    def record_served(self, revision: str, rows: str, *, is_spoilt: bool = False) -> None:
        """What the champion of a revision answered in one window, as monitoring records it."""
        at = snapshots.read_model(self.repository.tree(revision), "digits")
        (run_id,) = (r for r in self.runs.marked[:1])
        file = self.folder / "served.csv"
        file.write_text(rows)
        artifact = artifacts.measure(file, name="labelled/20300102T000000Z.csv")
        if is_spoilt:
            file.write_text(rows.replace("\n", "\n\n", 1))
        self.runs.keep(run_id, artifact.path, file=file)
        nothing = Diagnosis(Cause.NONE, Remedy.NOTHING, 0.0, (), "")
        performance = Performance("accuracy", 0.8, 0.5, -0.3, None, 100, DriftStatus.STABLE, "")
        report = PerformanceReport(
            model="digits",
            start="2030-01-01T00:00:00+00:00",
            end="2030-01-02T00:00:00+00:00",
            reference=str(at.fingerprint),
            performance=performance,
            diagnosis=nothing,
            at="2030-01-02T06:00:00+00:00",
            run_id=run_id,
            labelled_rows=artifact,
        )
        path = lookup.path_of(report)
        self.ledger.append({path: documents.dump(report)}, message="Measure digits")

    def evaluate(
        self, revision: str, *models: str, base: str | None = None, pull: int | None = None
    ) -> EvaluateResult:
        context = EvaluateContext(
            repository=self.repository,
            read=snapshots.read,
            ledger=self.ledger,
            runs=lambda: self._open("runs", self.runs),
            scoring=lambda: self._open("scoring", FileScoring()),
            plots=self.plots,
            pictures=self.pictures,
            github=lambda: FakeGitHub(self.hub),
            attested=lambda _: self.find_attested(),
        )
        return evaluate_revision.run(context, EvaluateOptions(revision, models, base, pull))

    def find_attested(self) -> AttestedRuns | None:
        """No attestation is required here."""
        return None

    @property
    def repository(self) -> git.GitRepository:
        return git.open_repository(self.checkout)

    def _open(self, name: str, port: _Port) -> _Port:
        self.opened.append(name)
        return port

    def write(self, path: str, text: str) -> None:
        (self.checkout / path).parent.mkdir(parents=True, exist_ok=True)
        (self.checkout / path).write_text(text, "utf-8")

    def git(self, *arguments: str, at: Path | None = None) -> str:
        who = ("-c", "user.name=octocat", "-c", "user.email=octocat@example.com")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=at or self.checkout, check=True, capture_output=True
        )
        return done.stdout.decode().strip()


def predicted(right: float, *, seed: int = 1, rows: int = ROWS) -> str:
    """CSV of rows whose target is the id's last digit, the same in every file."""
    chance = random.Random(seed)
    lines = ["id,target,prediction,hand"]
    for row in range(rows):
        target = row % 3
        called = target if chance.random() < right else (target + 1) % 3
        lines.append(f"{row},{target},{called},{'left' if row % 4 else 'right'}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def verdict_of(answer: EvaluateResult) -> ModelVerdict:
    (result,) = answer.results
    assert isinstance(result, ModelVerdict)
    return result


def refusal_of(answer: EvaluateResult) -> NoVerdict:
    (result,) = answer.results
    assert isinstance(result, NoVerdict)
    assert not answer.is_passed
    return result


def outcomes(answer: EvaluateResult) -> list[Outcome]:
    return [finding.outcome for finding in verdict_of(answer).verdict.findings]


def test_evaluate__of_a_first_model_writes_evidence_and_verdict_in_one_commit(
    shop: Workshop,
) -> None:
    revision = shop.commit()
    candidate = shop.train(revision)
    answer = shop.evaluate(revision)
    assert answer.is_passed
    assert outcomes(answer) == [Outcome.PASS, Outcome.SKIPPED]
    assert shop.ledger.appends == 1
    verdict = verdict_of(answer).verdict
    known = lookup.find_evidence(shop.ledger, model="digits", fingerprint=candidate.fingerprint)
    assert known is not None
    assert known.candidate == candidate
    assert known.rows is not None
    assert known.rows.count == ROWS
    assert known.scores["accuracy"] == pytest.approx(0.8, abs=0.05)
    assert known.scores["model_size_mb"] == 0.001
    assert verdict == lookup.find_verdict(
        shop.ledger, model="digits", fingerprint=candidate.fingerprint, key=verdict.key
    )
    at = shop.repository.tree(revision)
    model = snapshots.read_model(at, "digits")
    policy = snapshots.read(at).policy
    assert verdict.key == lookup.current_key(shop.ledger, model=model, policy=policy)
    assert {c.value for c in verdict.comparisons if c.slice == "hand"} == {"left", "right"}


def test_evaluate__shows_the_metrics_in_the_candidates_run(shop: Workshop) -> None:
    shop.serve(right=0.8)
    revision = shop.commit(c=2)
    candidate = shop.train(revision, right=0.9)
    answer = shop.evaluate(revision)
    known = lookup.find_evidence(shop.ledger, model="digits", fingerprint=candidate.fingerprint)
    assert known is not None
    assert shop.runs.shown[candidate.run_id] == {
        f"evaluated.{name}": value for name, value in known.scores.items()
    }
    assert shop.runs.shown[candidate.run_id]["evaluated.accuracy"] == pytest.approx(0.9, abs=0.05)
    assert answer.warnings == ()


def test_evaluate__metrics_that_cannot_be_shown_change_no_verdict(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision = shop.commit()
    candidate = shop.train(revision)

    def refuse(run_id: str, scores: Mapping[str, float]) -> None:
        raise errors.CannotReachRegistry(f"run {run_id} takes nothing")

    monkeypatch.setattr(shop.runs, "show", refuse)
    answer = shop.evaluate(revision)
    assert answer.is_passed
    assert shop.ledger.appends == 1
    (warning,) = answer.warnings
    assert f"not in run {candidate.run_id}: run {candidate.run_id} takes nothing" in warning


KEPT = {
    "metrics.json": b'{"f1": 1}',
    "undeclared.json": b"{}",
    "notes.csv": b"a",
    "plot.csv": b"\xff",
    "large.json": b'"' + b"x" * 1_000_000 + b'"',
    "changed.json": b"{}",
    "absent.json": b"{}",
}


def test_evaluate__keeps_the_declared_metrics_and_plots_for_the_report(shop: Workshop) -> None:
    shop.commit()
    measures = "".join(f", {{{name}: {{cache: false}}}}" for name in KEPT if name[0] in "mplca")
    home = "model-manifests/digits"
    stages = f"{PIPELINE.rstrip()}\n    metrics: [{measures.removeprefix(', ')}]\n"
    shop.write(
        f"{home}/dvc.yaml", stages.replace("outs: [", "outs: [{notes.csv: {cache: false}}, ")
    )
    revision = shop.commit_as_is()
    kept = []
    for name, data in KEPT.items():
        path = shop.folder / "kept" / home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        kept.append(artifacts.measure(path, name=f"{home}/{name}"))
    candidate = shop.train(revision)
    known = dataclasses.replace(candidate, kept=tuple(kept))
    shop.runs.rewrite(known)
    for name in KEPT.keys() - {"absent.json"}:
        file = shop.folder / "kept" / home / name
        file.write_bytes(KEPT[name] + b" " * (name == "changed.json"))
        shop.runs.keep(candidate.run_id, f"kept/{home}/{name}", file=file)

    answer = shop.evaluate(revision)

    assert answer.is_passed
    outputs = lookup.find_outputs(shop.ledger, model="digits", fingerprint=candidate.fingerprint)
    assert outputs is not None
    assert outputs.files == {f"{home}/metrics.json": '{"f1": 1}'}


def test_evaluate__of_a_training_that_left_nothing_for_git_keeps_nothing(shop: Workshop) -> None:
    revision = shop.commit()
    candidate = shop.train(revision)
    assert shop.evaluate(revision).is_passed
    assert (
        lookup.find_outputs(shop.ledger, model="digits", fingerprint=candidate.fingerprint) is None
    )


@pytest.mark.parametrize(("state", "judged"), [("open", 1), ("closed", 0), ("gone", 0)])
def test_evaluate__for_a_pull_request_judges_only_while_it_is_open(
    shop: Workshop, state: str, judged: int
) -> None:
    revision = shop.commit()
    shop.train(revision)
    pull = Pull(7, "title", "", "octocat", state, revision, "b", "acme/models", "main", "0" * 40)
    shop.hub.pulls = {} if state == "gone" else {7: pull}
    answer = shop.evaluate(revision, pull=7)
    assert (len(answer.results), shop.ledger.appends) == (judged, judged)
    assert answer.is_late is not answer.is_passed


def test_evaluate__again_finds_the_same_verdict_opens_nothing_and_writes_nothing(
    shop: Workshop,
) -> None:
    revision = shop.commit()
    shop.train(revision)
    first = verdict_of(shop.evaluate(revision))
    shop.opened.clear()
    again = verdict_of(shop.evaluate(revision))
    assert (first.is_new, again.is_new) == (True, False)
    assert again.verdict == first.verdict
    assert (shop.opened, shop.ledger.appends) == ([], 1)


def test_evaluate__of_a_change_of_gates_only_judges_the_stored_evidence_again(
    shop: Workshop,
) -> None:
    shop.train(shop.commit())
    before = verdict_of(shop.evaluate("HEAD")).verdict
    shop.commit(gates=("{metric: accuracy, min: 0.99}",))
    answer = shop.evaluate("HEAD")
    after = verdict_of(answer).verdict
    assert after.fingerprint == before.fingerprint
    assert after.key != before.key
    assert (after.outcome, answer.is_passed) == (Outcome.FAIL, False)
    paths = shop.ledger.list("evidence")
    assert len(paths) == 1


@pytest.mark.parametrize(
    ("right", "outcome"),
    [(0.95, Outcome.PASS), (0.80, Outcome.PASS), (0.65, Outcome.FAIL)],
)
def test_evaluate__holds_a_candidate_against_the_champion(
    shop: Workshop, right: float, outcome: Outcome
) -> None:
    shop.serve(right=0.8)
    shop.train(shop.commit(2), right=right)
    verdict = verdict_of(shop.evaluate("HEAD")).verdict
    assert [f.outcome for f in verdict.findings] == [Outcome.PASS, outcome]
    accuracy = verdict.comparisons[0]
    assert accuracy.metric == "accuracy"
    assert accuracy.champion == pytest.approx(0.8, abs=0.05)
    assert accuracy.interval is not None
    assert verdict.champion_version == 1
    assert verdict.champion is not None


def test_evaluate__of_a_close_call_is_inconclusive_and_no_pass(shop: Workshop) -> None:
    shop.serve(right=0.8)
    shop.train(shop.commit(2), right=0.8, seed=2)
    answer = shop.evaluate("HEAD")
    assert outcomes(answer)[1] is Outcome.INCONCLUSIVE
    assert not answer.is_passed


def test_seed__of_the_manifest_decides_the_intervals(shop: Workshop) -> None:
    shop.serve(right=0.8)
    shop.train(shop.commit(2), right=0.8, seed=2)
    intervals = []
    for seed in (7, 8, 7):
        shop.forget_verdicts()
        verdict = verdict_of(shop.evaluate(shop.commit(2, seed=seed))).verdict
        intervals.append([comparison.interval for comparison in verdict.comparisons])
    assert intervals[0] == intervals[2] != intervals[1]


def test_evaluate__takes_the_policy_of_the_default_branch_as_it_is_today(shop: Workshop) -> None:
    """A change cannot loosen it, and no base that has another keeps an old one in force."""
    base = shop.serve(right=0.8)
    shop.git("switch", "--quiet", "--create", "topic")
    head = shop.commit(2, policy="inconclusive: pass")
    shop.train(head, right=0.8, seed=2)
    for other in (None, base, head):
        assert outcomes(shop.evaluate("HEAD", base=other))[1] is Outcome.INCONCLUSIVE
    shop.git("switch", "--quiet", "main")
    shop.commit(1, policy="inconclusive: fail")
    for other in (None, base, head):
        assert outcomes(shop.evaluate(head, base=other))[1] is Outcome.FAIL


def test_evaluate__under_a_policy_that_cannot_be_read_judges_nothing(shop: Workshop) -> None:
    head = shop.serve(right=0.8)
    shop.commit(1, policy="inconclusive: perhaps")
    before = shop.ledger.appends
    with pytest.raises(errors.CannotReadManifest, match="perhaps"):
        shop.evaluate(head)
    assert shop.ledger.appends == before


def test_evaluate__without_the_default_branch_says_how_to_name_it(shop: Workshop) -> None:
    head = shop.serve(right=0.8)
    shop.git("branch", "--quiet", "--move", "trunk")
    with pytest.raises(errors.CannotResolve, match="no branch main") as caught:
        shop.evaluate(head)
    assert "--branch" in caught.value.hint


def test_evaluate__says_what_the_change_relaxes_even_of_a_verdict_it_finds(shop: Workshop) -> None:
    base = shop.serve()
    shop.train(shop.commit(2, gates=("{metric: accuracy, min: 0.5}", DROP)), right=0.9)
    assert verdict_of(shop.evaluate("HEAD")).verdict.relaxed == ()
    again = verdict_of(shop.evaluate("HEAD", base=base))
    assert not again.is_new
    assert again.verdict.relaxed == ("accuracy: min lowered from 0.6 to 0.5",)


def test_evaluate__of_the_champion_itself_compares_it_with_nothing(shop: Workshop) -> None:
    revision = shop.serve()
    verdict = verdict_of(shop.evaluate(revision)).verdict
    assert [f.outcome for f in verdict.findings] == [Outcome.PASS, Outcome.SKIPPED]
    assert verdict.findings[1].sentence.endswith(": it is the champion")
    assert all(c.champion is None for c in verdict.comparisons)


def test_evaluate__of_a_rollback_shows_the_comparison_and_does_not_hold_it_against_it(
    shop: Workshop,
) -> None:
    shop.serve(1, right=0.7, version=1)
    shop.serve(2, right=0.95, version=2)
    verdict = verdict_of(shop.evaluate(shop.commit(1))).verdict
    assert [f.outcome for f in verdict.findings] == [Outcome.PASS, Outcome.SKIPPED]
    assert "served before as version 1" in verdict.findings[1].sentence
    assert verdict.findings[1].interval is not None
    assert verdict.outcome is Outcome.PASS


def test_evaluate__of_a_rollback_is_not_the_verdict_of_before_it_was_served(
    shop: Workshop,
) -> None:
    shop.serve(2, right=0.95, version=1)
    one = shop.commit(1)
    candidate = shop.train(one, right=0.7)
    assert verdict_of(shop.evaluate(one)).verdict.outcome is Outcome.FAIL
    better = lookup.champion(shop.ledger, model="digits")
    assert better is not None
    # It was served all the same, under other rules, and then the better one again.
    shop.promote(candidate, version=2)
    replaced = lookup.find_evidence(shop.ledger, model="digits", fingerprint=better.fingerprint)
    assert replaced is not None
    shop.promote(replaced.candidate, version=3)
    assert verdict_of(shop.evaluate(one)).verdict.outcome is Outcome.PASS


def test_evaluate__with_nothing_but_comparisons_and_no_champion_proves_nothing(
    shop: Workshop,
) -> None:
    shop.train(shop.commit(gates=(DROP,)))
    verdict = verdict_of(shop.evaluate("HEAD")).verdict
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.sentence.startswith("nothing was evaluated")


@pytest.mark.parametrize("models", [(), ("digits",)])
def test_evaluate__without_a_candidate_tells_the_failed_training_and_records_it(
    shop: Workshop, models: tuple[str, ...]
) -> None:
    revision = shop.commit()
    fingerprint = str(snapshots.read_model(shop.repository.tree(revision), "digits").fingerprint)
    shop.runs.record_attempt(
        Attempt("digits", fingerprint, revision, "", "train exited with 1", "Boom\n", 2.0)
    )
    refused = refusal_of(shop.evaluate(revision, *models))
    assert refused.reason == "training failed: train exited with 1"
    assert refused.log_tail == "Boom\n"
    (known,) = lookup.attempts(shop.ledger, model="digits", fingerprint=fingerprint)
    assert known.reason == "train exited with 1"
    shop.evaluate(revision)
    assert len(shop.ledger.origin.heads) == 1


def test_evaluate__of_what_was_never_trained_is_refused_by_name_and_else_passed_over(
    shop: Workshop,
) -> None:
    revision = shop.commit()
    assert "interlock train digits" in refusal_of(shop.evaluate(revision, "digits")).reason
    answer = shop.evaluate(revision)
    assert (answer.results, answer.passed_over, answer.is_passed) == ((), ("digits",), False)
    assert shop.ledger.appends == 0


def test_evaluate__of_a_model_without_fingerprint_is_refused(shop: Workshop) -> None:
    shop.commit()
    (shop.checkout / "model-manifests/digits/train.py").unlink()
    revision = shop.commit_as_is()
    assert "cannot be fingerprinted" in refusal_of(shop.evaluate(revision)).reason


def test_evaluate__of_an_unknown_model_or_revision_says_what_there_is(shop: Workshop) -> None:
    shop.commit()
    with pytest.raises(errors.CannotResolve, match="no model 'digit'") as caught:
        shop.evaluate("HEAD", "digit")
    assert caught.value.hint == "models: digits"
    with pytest.raises(errors.CannotResolve):
        shop.evaluate("nowhere")


def test_evaluate__of_an_unreadable_manifest_refuses_its_model_and_judges_the_others(
    shop: Workshop,
) -> None:
    shop.train(shop.commit())
    shop.write("model-manifests/diabetes/model.yaml", "model: [\n")
    revision = shop.commit_as_is()
    for models in ((), ("diabetes", "digits")):
        refused, judged = shop.evaluate(revision, *models).results
        assert isinstance(refused, NoVerdict)
        assert (refused.model, refused.exit_code) == ("diabetes", errors.EXIT_INPUT)
        assert "model-manifests/diabetes/model.yaml:1:9" in refused.reason
        assert isinstance(judged, ModelVerdict)
        assert judged.exit_code == errors.EXIT_DONE
    assert shop.evaluate(revision).exit_code == errors.EXIT_INPUT
    assert shop.evaluate(revision, "digits").is_passed


def test_evaluate__refuses_predictions_that_are_not_those_recorded(shop: Workshop) -> None:
    candidate = shop.train(shop.commit(), right=0.1)
    stored = shop.runs.folder / candidate.run_id / "predictions.csv"
    stored.write_text(predicted(1.0), "utf-8")
    refused = refusal_of(shop.evaluate("HEAD"))
    assert "is not what the training recorded" in refused.reason
    assert shop.ledger.appends == 0


def test_evaluate__of_unusable_predictions_is_a_failed_training_on_record(shop: Workshop) -> None:
    text = predicted(0.9).replace("\n7,1,", "\n7,,")
    candidate = shop.train(shop.commit(), text=text)
    refused = refusal_of(shop.evaluate("HEAD"))
    expected = "model-manifests/digits/predictions.csv: column 'target', row 8 (id '7'): is missing"
    assert refused.reason == expected
    assert refused.log_tail == "the last line"
    (known,) = lookup.attempts(shop.ledger, model="digits", fingerprint=candidate.fingerprint)
    assert (known.reason, known.run_id) == (expected, candidate.run_id)
    assert shop.ledger.list("evidence") == ()


def test_evaluate__without_a_slice_column_is_refused(shop: Workshop) -> None:
    text = "\n".join(line.rpartition(",")[0] for line in predicted(0.9).splitlines())
    shop.train(shop.commit(), text=text)
    assert "no column 'hand'" in refusal_of(shop.evaluate("HEAD")).reason


def test_evaluate__on_other_rows_than_the_champions_fails_what_compares_and_says_how_many(
    shop: Workshop,
) -> None:
    shop.serve()
    shop.train(shop.commit(2), text=predicted(0.99, rows=ROWS + 10))
    verdict = verdict_of(shop.evaluate("HEAD")).verdict
    assert [f.outcome for f in verdict.findings] == [Outcome.PASS, Outcome.FAIL]
    assert "other rows than the champion (10 only here)" in verdict.findings[1].sentence


def growing(shop: Workshop, *gates: str) -> str:
    """A manifest whose rows may grow, with other rules."""
    shop.commit(2, gates=gates)
    path = shop.checkout / "model-manifests/digits/model.yaml"
    path.write_text(path.read_text().replace("slices: [hand]", "rows: growing"))
    return shop.commit_as_is()


RECENT = "{metric: accuracy, max_drop: 0.02, against: champion, slice: recent}"


def test_evaluate__where_rows_may_grow_compares_on_the_champions_and_judges_all_of_its_own(
    shop: Workshop,
) -> None:
    shop.serve()
    more = predicted(1.0, rows=ROWS) + "".join(f"{n},1,2,l\n" for n in range(ROWS, 2 * ROWS))
    shop.train(growing(shop, FLOOR, DROP), text=more)
    floor, drop = verdict_of(shop.evaluate("HEAD")).verdict.findings
    assert (floor.outcome, floor.observed) == (Outcome.FAIL, 0.5)
    assert drop.outcome is Outcome.PASS
    assert drop.observed > 0.1  # type: ignore[operator]


def test_evaluate__where_rows_may_grow_one_that_is_gone_fails_what_compares(
    shop: Workshop,
) -> None:
    shop.serve()
    fewer = "".join(predicted(1.0, rows=ROWS + 9).splitlines(keepends=True)[:1]) + "".join(
        predicted(1.0, rows=ROWS + 9).splitlines(keepends=True)[2:]
    )
    shop.train(growing(shop, DROP), text=fewer)
    (drop,) = verdict_of(shop.evaluate("HEAD")).verdict.findings
    assert drop.outcome is Outcome.FAIL
    assert "(9 only here, 1 only there)" in drop.sentence


def test_evaluate__on_rows_that_the_champion_served(shop: Workshop) -> None:
    champion = shop.serve()
    served = "id,target,prediction\n" + "".join(f"{n},1,{n % 2}\n" for n in range(900, 1000))
    shop.record_served(champion, served)
    more = predicted(1.0) + "".join(f"{n},1,1,l\n" for n in range(900, 960))
    shop.train(growing(shop, RECENT), text=more)
    (recent,) = verdict_of(shop.evaluate("HEAD")).verdict.findings
    assert (recent.outcome, recent.observed) == (Outcome.PASS, 0.5)
    assert "accuracy on recent rows changed by" in recent.sentence


@pytest.mark.parametrize("spoilt", [False, True])
def test_evaluate__on_no_row_that_the_champion_served_proves_nothing(
    shop: Workshop, spoilt: bool
) -> None:
    champion = shop.serve()
    first = 900 if spoilt else 5000
    served = "id,target,prediction\n" + "".join(f"{n},1,1\n" for n in range(first, first + 50))
    shop.record_served(champion, served, is_spoilt=spoilt)
    more = predicted(1.0) + "".join(f"{n},1,1,l\n" for n in range(900, 960))
    shop.train(growing(shop, RECENT), text=more)
    verdict = verdict_of(shop.evaluate("HEAD")).verdict
    assert [finding.outcome for finding in verdict.findings] == [Outcome.SKIPPED]
    assert "on no labelled row of the champion's live data" in verdict.findings[0].sentence
    assert verdict.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda shop, run: (shop.runs.folder / run / "predictions.csv").write_text(
                predicted(0.1), "utf-8"
            ),
            "the champion's predictions differ from the record",
        ),
        (
            lambda shop, run: shop.forget_evidence(),
            "the ledger has no evidence of the champion",
        ),
    ],
)
def test_evaluate__with_a_champion_that_cannot_be_trusted_fails_what_compares(
    shop: Workshop, spoil: Callable[[Workshop, str], object], sentence: str
) -> None:
    shop.serve()
    champion = lookup.champion(shop.ledger, model="digits")
    assert champion is not None
    spoil(shop, champion.run_id)
    shop.train(shop.commit(2), right=0.99)
    verdict = verdict_of(shop.evaluate("HEAD")).verdict
    assert [f.outcome for f in verdict.findings] == [Outcome.PASS, Outcome.FAIL]
    assert sentence in verdict.findings[1].sentence


def test_evaluate__on_the_same_ids_with_other_targets_fails_what_compares(shop: Workshop) -> None:
    shop.serve()
    text = predicted(0.99).replace(",0,0,", ",9,9,")
    shop.train(shop.commit(2), text=text)
    verdict = verdict_of(shop.evaluate("HEAD")).verdict
    assert verdict.findings[1].outcome is Outcome.FAIL
    assert "with another target" in verdict.findings[1].sentence


def test_evaluate__judges_several_models_in_order_of_name_and_writes_once(shop: Workshop) -> None:
    shop.commit(model="zebra")
    revision = shop.commit(model="ant")
    for model in ("zebra", "ant"):
        shop.train(revision, model=model)
    answer = shop.evaluate(revision, "zebra", "ant", "zebra")
    assert [result.model for result in answer.results] == ["ant", "zebra"]
    assert shop.ledger.appends == 1
    assert shop.ledger.origin.messages[0].startswith(f"Evaluate ant, zebra at {revision[:12]}")


def test_evaluate__that_lost_a_race_leaves_the_first_verdict_as_it_is(shop: Workshop) -> None:
    one = shop.commit()
    shop.train(one)
    first = verdict_of(shop.evaluate(one)).verdict
    late = Workshop.__new__(Workshop)
    late.__dict__ |= shop.__dict__ | {"ledger": BlindLedger(shop.ledger.origin)}
    two = shop.commit()
    answer = late.evaluate(two)
    assert verdict_of(answer).is_new
    shop.ledger.refresh()
    kept = lookup.find_verdict(
        shop.ledger, model="digits", fingerprint=first.fingerprint, key=first.key
    )
    assert kept == first
    assert kept.revision == one != two


class BlindLedger(FakeLedger):
    """Does not see what others wrote until it appends, as a job that began before them."""

    def __init__(self, origin: object) -> None:
        self._blind = True
        super().__init__(origin)  # type: ignore[arg-type]

    def refresh(self) -> None:
        if self._blind:
            self._head = None
        else:
            super().refresh()

    def append(self, *arguments: object, **named: object) -> bool:
        self._blind = False
        return super().append(*arguments, **named)  # type: ignore[arg-type]


def test_evaluate__draws_pictures_that_the_evidence_and_the_verdict_name(shop: Workshop) -> None:
    shop.plots = MatplotlibPlots
    shop.serve()
    shop.train(shop.commit(2), right=0.9)
    verdict = verdict_of(shop.evaluate("HEAD")).verdict
    path = verdict.pictures["confusion"]
    png = shop.pictures.files[path]
    assert png.startswith(b"\x89PNG")
    known = lookup.find_evidence(shop.ledger, model="digits", fingerprint=verdict.fingerprint)
    assert known is not None
    assert known.pictures == verdict.pictures
    # Judged under other rules it may be drawn beside another champion: a path of its own.
    shop.commit(2, gates=(FLOOR,))
    other = verdict_of(shop.evaluate("HEAD")).verdict
    assert set(other.pictures.values()).isdisjoint(verdict.pictures.values())
    assert dataclasses.replace(known) == lookup.find_evidence(
        shop.ledger, model="digits", fingerprint=verdict.fingerprint
    )
