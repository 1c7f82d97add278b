"""`evaluate` and runs that are not what they say: whoever may write to the run store has no say in
whose evidence is written, and of which candidate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interlock import documents, errors
from interlock.cli.evaluate.models import document
from interlock.commands.evaluate.context import ModelVerdict, NoVerdict
from interlock.commands.evaluate.ledger_writes import LedgerEntries
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.model.git_outputs import KeptFiles
from interlock.domain.model.lineage import Input, InputKind
from interlock.ledger import lookup
from interlock.services import artifacts, snapshots
from tests.fakes.ledger import FakeLedger
from tests.fakes.pictures import FakePictures
from tests.unit.commands.test_evaluate import (
    FLOOR,
    Workshop,
    predicted,
    refusal_of,
    verdict_of,
)


class Yard(Workshop):
    """A workshop into whose run store somebody else writes, too."""

    def plant(self, like: Candidate, *, text: str = "", start: int = -1, **changes: Any) -> str:
        """A complete run, begun before all others, found as one of `like`, and what it says; its
        predictions are `text`."""
        file = self.folder / f"planted-{len(self.runs.marked)}.csv"
        file.write_text(text or predicted(1.0, seed=9), "utf-8")
        recorded: Any = (
            {"predictions": artifacts.measure(file, name="predictions.csv")} if text else {}
        )
        record = replace(like, run_id="RUN", **recorded)
        data = documents.text(documents.dump(record) | changes).encode()
        run_id = self.runs.plant(data, model=like.name, fingerprint=like.fingerprint, start=start)
        self.runs.keep(run_id, "predictions.csv", file=file)
        self.runs.keep(run_id, "model/weights.bin", file=self.weights)
        return run_id

    @property
    def weights(self) -> Path:
        path = self.folder / "weights.bin"
        path.write_bytes(b"0" * 1000)
        return path

    def known(self, candidate: Candidate) -> str | None:
        """The run that evidence names."""
        evidence = lookup.find_evidence(
            self.ledger, model=candidate.name, fingerprint=candidate.fingerprint
        )
        return evidence.candidate.run_id if evidence else None


@pytest.fixture
def shop(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def two(shop: Yard) -> tuple[str, Candidate]:
    """A revision with `tiny`, which is judged, and `vital`, which nobody asks about."""
    shop.commit(model="vital")
    revision = shop.commit(model="tiny")
    return revision, shop.train(revision, model="vital", right=0.9)


def fingerprint(shop: Yard, revision: str, model: str) -> str:
    return str(snapshots.read_model(shop.repository.tree(revision), model).fingerprint)


@pytest.mark.parametrize("models", [("tiny",), ()])
def test_evaluate__a_run_of_one_model_that_says_another_writes_evidence_of_neither(
    shop: Yard, models: tuple[str, ...]
) -> None:
    revision, vital = two(shop)
    shop.runs.marked.remove(vital.run_id)
    as_tiny = replace(vital, name="tiny", fingerprint=fingerprint(shop, revision, "tiny"))
    both: dict[str, Any] = {"name": "vital", "fingerprint": vital.fingerprint}
    for changes in ({"name": "vital"}, both):
        bad = shop.plant(as_tiny, **changes)
        answer = shop.evaluate(revision, *models)
        refused = next(each for each in answer.results if each.model == "tiny")
        assert isinstance(refused, NoVerdict)
        for word in (bad, "'vital'", "'tiny'"):
            assert word in " ".join((refused.reason, *refused.choice.warnings))
        assert answer.exit_code == errors.EXIT_NO
        assert shop.ledger.appends == 0


def test_evaluate__an_attempt_that_says_another_model_is_recorded_for_neither(shop: Yard) -> None:
    revision, _ = two(shop)
    own = Attempt("vital", fingerprint(shop, revision, "tiny"), revision, "RUN", "no", "", 1.0)
    run_id = shop.runs.plant(
        documents.text(documents.dump(own)).encode(),
        model="tiny",
        fingerprint=own.fingerprint,
        kind=Attempt,
        start=0,
    )
    refused = refusal_of(shop.evaluate(revision, "tiny"))
    assert run_id in refused.reason
    assert "'vital'" in refused.reason
    assert shop.ledger.appends == 0


@pytest.mark.parametrize("noun", ["evidence", "attempt", "kept files", "picture"])
def test_notes__of_one_model_take_nothing_of_another(shop: Yard, noun: str) -> None:
    """Once more where it is written, whatever was read."""
    _, vital = two(shop)
    notes = LedgerEntries("tiny")
    additions: dict[str, Callable[[], None]] = {
        "evidence": lambda: notes.add(
            lookup.find_evidence(shop.ledger, model="vital", fingerprint=vital.fingerprint)
        ),
        "attempt": lambda: notes.add(
            Attempt("vital", vital.fingerprint, vital.revision, "r", "no", "", 1.0)
        ),
        "kept files": lambda: notes.add(KeptFiles("vital", vital.fingerprint, {"a.json": "1"})),
        "picture": lambda: notes.draw(
            {FakePictures().place("vital", vital.fingerprint, "confusion"): b""}
        ),
    }
    shop.evaluate(vital.revision, "vital")
    with pytest.raises(errors.Refused, match="not a record of tiny"):
        additions[noun]()
    assert (notes.records, notes.files) == ({}, {})


def test_evaluate__a_bad_run_neither_hides_an_honest_one_nor_stops_it(shop: Yard) -> None:
    revision = shop.commit()
    honest = shop.train(revision)
    bad = shop.plant(honest, name="vital")
    answer = shop.evaluate(revision)
    assert answer.is_passed
    assert shop.known(honest) == honest.run_id
    (warning,) = answer.results[0].choice.warnings
    assert warning.startswith(f"run {bad} does not count")
    assert document(answer)["models"][0]["warnings"] == [warning]


def test_evaluate__bad_runs_of_one_model_are_that_models_and_the_others_are_judged(
    shop: Yard,
) -> None:
    revision, vital = two(shop)
    shop.plant(
        replace(vital, name="tiny", fingerprint=fingerprint(shop, revision, "tiny")), metrics=[]
    )
    tiny, judged = shop.evaluate(revision).results
    assert isinstance(tiny, NoVerdict)
    assert "candidate.json is malformed" in tiny.reason
    assert isinstance(judged, ModelVerdict)
    assert shop.known(vital) == vital.run_id


def test_evaluate__a_record_of_the_ledger_that_cannot_be_read_is_its_models_problem(
    shop: Yard,
) -> None:
    revision, _ = two(shop)
    own = fingerprint(shop, revision, "tiny")
    shop.ledger.append({f"evidence/tiny/{own}.json": {"schema": "x"}}, message="Break it")
    tiny, judged = shop.evaluate(revision).results
    assert isinstance(tiny, NoVerdict)
    assert own in tiny.reason
    assert isinstance(judged, ModelVerdict)


def test_evaluate__evidence_that_is_of_another_model_than_its_path_is_refused(shop: Yard) -> None:
    revision, vital = two(shop)
    shop.evaluate(revision, "vital")
    own = fingerprint(shop, revision, "tiny")
    known = shop.ledger.read(lookup.evidence_path("vital", vital.fingerprint))
    assert known is not None
    shop.ledger.append({lookup.evidence_path("tiny", own): known}, message="Copy it")
    refused = refusal_of(shop.evaluate(revision, "tiny"))
    assert "belongs at evidence/vital/" in refused.reason


def test_evaluate__a_run_that_cannot_be_fetched_is_one_models_problem_and_may_be_tried_again(
    shop: Yard,
) -> None:
    revision, _ = two(shop)
    lost = shop.train(revision, model="tiny")
    shop.runs.lost.add(lost.run_id)
    answer = shop.evaluate(revision)
    tiny, judged = answer.results
    assert isinstance(tiny, NoVerdict)
    assert lost.run_id in tiny.reason
    assert (tiny.exit_code, answer.exit_code) == (errors.EXIT_OUTSIDE, errors.EXIT_OUTSIDE)
    assert isinstance(judged, ModelVerdict)
    shop.runs.lost.clear()
    assert shop.evaluate(revision).exit_code == errors.EXIT_DONE


# --- which candidate counts ---------------------------------------------------------------------


def test_evaluate__evidence_is_displaced_by_no_run_that_says_it_was_earlier(shop: Yard) -> None:
    honest = shop.train(shop.commit(), right=0.7)
    shop.evaluate("HEAD")
    early = shop.plant(honest, text=predicted(1.0))
    same = shop.train(honest.revision, right=0.7)
    shop.commit(gates=("{metric: accuracy, min: 0.9}",))
    answer = shop.evaluate("HEAD")
    assert not answer.is_passed
    assert shop.known(honest) == honest.run_id
    assert document(answer)["models"][0]["repeats"] == [
        {"run_id": early, "repeats": honest.run_id, "same_bytes": False},
        {"run_id": same.run_id, "repeats": honest.run_id, "same_bytes": True},
    ]


def test_evaluate__without_evidence_a_run_of_other_bytes_is_not_preferred_for_its_time(
    shop: Yard,
) -> None:
    honest = shop.train(shop.commit(), right=0.7)
    early = shop.plant(honest, text=predicted(1.0))
    refused = refusal_of(shop.evaluate("HEAD"))
    assert early in refused.reason
    assert honest.run_id in refused.reason
    assert shop.ledger.appends == 0
    shop.runs.marked.remove(early)  # a person deletes it
    assert shop.evaluate("HEAD").is_passed
    assert shop.known(honest) == honest.run_id


def test_evaluate__a_run_that_claims_the_right_bytes_and_has_others_is_passed_over(
    shop: Yard,
) -> None:
    honest = shop.train(shop.commit())
    early = shop.plant(honest)
    answer = shop.evaluate("HEAD")
    assert answer.is_passed
    assert shop.known(honest) == honest.run_id
    assert any(f"run {early} does not count" in each for each in answer.results[0].choice.warnings)


def test_evaluate__of_several_that_agree_one_that_cannot_be_fetched_is_passed_over(
    shop: Yard,
) -> None:
    first, second = (shop.train(shop.commit()) for _ in range(2))
    shop.runs._runs[second.run_id].repeats = ""  # as an older version recorded it
    (shop.runs.folder / first.run_id / "predictions.csv").unlink()
    assert shop.evaluate("HEAD").is_passed
    assert shop.known(first) == second.run_id


def test_evaluate__a_run_without_the_predictions_of_its_manifest_has_no_verdict(shop: Yard) -> None:
    candidate = shop.train(shop.commit())
    shop.runs.rewrite(replace(candidate, predictions=None))
    refused = refusal_of(shop.evaluate("HEAD"))
    assert "has no predictions: train it again" in refused.reason


@pytest.mark.parametrize("artifact", ["predictions.csv", "model/weights.bin"])
@pytest.mark.parametrize("is_rewritten", [False, True])
def test_evaluate__evidence_whose_run_has_other_bytes_by_now_is_an_incident(
    shop: Yard, artifact: str, is_rewritten: bool
) -> None:
    """Whether or not its document says so, too, and however many honest repeats there are."""
    candidate = shop.train(shop.commit(), right=0.7)
    shop.evaluate("HEAD")
    shop.train(candidate.revision, right=0.7)
    place = shop.runs.folder / candidate.run_id
    was = candidate.model if artifact.startswith("model") else candidate.predictions
    assert was is not None
    (place / artifact).write_text(predicted(1.0), "utf-8")
    now = artifacts.measure(place / was.path, name=was.path)
    if is_rewritten:
        changed: Any = {"model": now} if was is candidate.model else {"predictions": now}
        shop.runs.rewrite(replace(candidate, **changed))
    shop.commit(gates=("{metric: accuracy, min: 0.9}",))
    before = shop.ledger.appends
    refused = refusal_of(shop.evaluate("HEAD"))
    for word in (candidate.run_id, was.sha256, now.sha256, "evidence in the ledger"):
        assert word in refused.reason
    assert refused.exit_code == errors.EXIT_NO
    assert shop.ledger.appends == before


def test_evaluate__no_evidence_is_written_of_a_model_whose_bytes_are_others(shop: Yard) -> None:
    """Evidence is for good, so that it may not name what nobody could promote."""
    candidate = shop.train(shop.commit())
    (shop.runs.folder / candidate.run_id / "model" / "weights.bin").write_bytes(b"1")
    refused = refusal_of(shop.evaluate("HEAD"))
    assert "model of run" in refused.reason
    assert "not what the training recorded" in refused.reason
    assert shop.ledger.appends == 0


def test_evaluate__of_two_at_once_with_two_candidates_the_first_evidence_wins(
    shop: Yard,
) -> None:
    """The loser reads again, and judges the winner's candidate: a verdict is of the bytes that
    evidence names, or it is none."""
    revision = shop.commit(gates=(FLOOR,))
    slow = shop.train(revision, right=0.9)

    class Late(FakeLedger):
        """Somebody else judges another candidate right before the first write."""

        is_first = True

        def append(self, *arguments: Any, **named: Any) -> bool:
            if self.is_first:
                self.is_first = False
                shop.runs.marked.remove(slow.run_id)
                winner.append(shop.train(revision, right=0.7, seed=3))
                assert shop.evaluate(revision).is_passed
                shop.runs.marked.insert(0, slow.run_id)
                # That judgement was by other rules: its verdict lies elsewhere.
            return super().append(*arguments, **named)

    winner: list[Candidate] = []
    late = Yard.__new__(Yard)
    late.__dict__ |= shop.__dict__ | {"ledger": Late(shop.ledger.origin)}
    answer = late.evaluate(revision)
    (candidate,) = winner
    shop.ledger.refresh()
    assert shop.known(slow) == candidate.run_id
    verdict = verdict_of(answer).verdict
    (accuracy,) = [f.observed for f in verdict.findings]
    assert accuracy == pytest.approx(0.7, abs=0.05)
    assert len(shop.ledger.list("verdicts")) == 1
    assert len(shop.ledger.list("evidence")) == 1


def test_evaluate__the_models_that_lost_no_race_are_written_beside_one_that_did(
    shop: Yard,
) -> None:
    revision, vital = two(shop)
    slow = shop.train(revision, model="tiny", right=0.9)

    class Late(FakeLedger):
        is_first = True

        def append(self, *arguments: Any, **named: Any) -> bool:
            if self.is_first:
                self.is_first = False
                shop.runs.marked.remove(slow.run_id)
                shop.train(revision, model="tiny", right=0.7, seed=3)
                shop.evaluate(revision, "tiny")
            return super().append(*arguments, **named)

    late = Yard.__new__(Yard)
    late.__dict__ |= shop.__dict__ | {"ledger": Late(shop.ledger.origin)}
    answer = late.evaluate(revision)
    assert [result.model for result in answer.results] == ["tiny", "vital"]
    shop.ledger.refresh()
    assert shop.known(vital) == vital.run_id
    assert shop.known(slow) not in {None, slow.run_id}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"interrupted": True, "reason": "interrupted"}, "ended from outside (interrupted)"),
        ({"machine": "the disk is full"}, "ended from outside (the disk is full: it broke)"),
    ],
)
def test_evaluate__a_training_that_its_machine_ended_is_no_result(
    shop: Yard, changes: dict[str, Any], words: str
) -> None:
    revision = shop.commit()
    own = Attempt(
        "digits", fingerprint(shop, revision, "digits"), revision, "", "it broke", "", 1.0
    )
    shop.runs.record_attempt(replace(own, **changes))
    assert words in refusal_of(shop.evaluate(revision)).reason
    (known,) = lookup.attempts(shop.ledger, model="digits", fingerprint=own.fingerprint)
    assert not known.is_repeatable


def test_evaluate__a_run_store_that_is_down_is_contacted_once_and_judged_models_are_written(
    shop: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision, _ = two(shop)
    lines: list[str] = []
    answers = shop.runs.find_candidates

    def find(*, model: str, fingerprint: str) -> Any:
        lines.append(model)
        if model != "alpha":
            raise errors.CannotReachRegistry("MLflow is gone")
        return answers(model=model, fingerprint=fingerprint)

    def refuse(*, model: str, fingerprint: str) -> Any:
        raise errors.CannotReachRegistry("MLflow is gone")

    revision = shop.commit(model="alpha")
    alpha = shop.train(revision, model="alpha")
    monkeypatch.setattr(shop.runs, "find_candidates", find)
    monkeypatch.setattr(shop.runs, "find_attempts", refuse)
    answer = shop.evaluate(revision)
    assert lines == ["alpha", "tiny"]
    assert answer.exit_code == errors.EXIT_OUTSIDE
    assert [type(each) for each in answer.results] == [ModelVerdict, NoVerdict, NoVerdict]
    assert shop.known(alpha) == alpha.run_id


def test_evaluate__data_with_the_md5_of_other_data_is_refused(shop: Workshop) -> None:
    def train(revision: str, content: str) -> Candidate:
        made = shop.train(revision)
        data = Input(InputKind.DATA, "rows.csv", f"md5:{'a' * 32}")
        lineage = replace(made.lineage, inputs=(*made.lineage.inputs, data))
        whole = replace(made, lineage=lineage, data={"rows.csv": content * 64})
        shop.runs.rewrite(whole)
        return whole

    first = shop.commit(c=1)
    train(first, "1")
    assert shop.evaluate(first).is_passed
    second = shop.commit(c=2)
    train(second, "2")
    reason = refusal_of(shop.evaluate(second)).reason
    assert "one of them was replaced in the DVC remote" in reason
    third = shop.commit(c=3)
    made = train(third, "1")
    assert shop.evaluate(third).is_passed
    assert shop.ledger.list("data") == (f"data/{made.name}/md5-{'a' * 32}.json",)
