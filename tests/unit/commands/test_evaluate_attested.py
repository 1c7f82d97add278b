"""`evaluate` where the policy requires provenance: only attested runs are candidates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interlock import errors
from interlock.commands.evaluate.context import EvaluateResult
from interlock.domain.model.checkpoint import Saved
from interlock.domain.model.evidence import Attempt, Candidate, Evidence
from interlock.ledger import lookup
from interlock.services.run_documents import digest as digest_of
from tests import attested
from tests.attested import Gallery, Job
from tests.fakes.ledger import FakeLedger
from tests.unit.commands.test_evaluate import predicted, refusal_of, verdict_of


def evidence(shop: Gallery, run: Candidate) -> Evidence | None:
    return lookup.find_evidence(shop.ledger, model=run.name, fingerprint=run.fingerprint)


def warnings(answer: EvaluateResult) -> str:
    (result,) = answer.results
    return " ".join(result.choice.warnings)


def test_subject__of_these_tests_is_the_one_of_the_verb(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    shop.vouch(job, attested.subject(run, job).audience_of, run.run_id)
    assert shop.attest(job, run).outcome == "not_needed"


def test_evaluate__an_attested_candidate_and_its_origin(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    shop.attest(job, run)
    assert shop.evaluate(run.revision).is_passed
    known = evidence(shop, run)
    assert known is not None
    assert known.origin is not None
    assert (known.origin.commit, known.origin.merge) == (run.revision, job.sha)
    assert known.origin.attestation == shop.runs.find_attestation(run.run_id)
    # The merge commit and the attestation are not needed any more.
    (shop.runs.folder / run.run_id / "attestation.json").unlink()
    assert shop.evaluate(run.revision).is_passed


def test_evaluate__a_run_without_an_attestation_is_passed_over(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    _, run = change
    reason = refusal_of(shop.evaluate(run.revision)).reason
    assert f"run {run.run_id} does not count: it has no attestation.json" in reason
    command = f"`interlock attest digits --run {run.run_id} --digest {digest_of(run)}"
    assert f"{command} --rev {run.revision}`" in reason
    assert shop.ledger.appends == 0


def test_evaluate__a_run_without_an_attestation_blocks_nothing(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    planted = shop.train(run.revision, right=1.0, seed=5)
    shop.attest(job, run)
    answer = shop.evaluate(run.revision)
    assert answer.is_passed
    assert f"run {planted.run_id} does not count" in warnings(answer)
    known = evidence(shop, run)
    assert known is not None
    assert known.candidate == run


def test_evaluate__of_several_attested_runs_the_first_token_counts(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    best = shop.train(run.revision, right=1.0, seed=5)
    shop.attest(job, best)
    shop.attest(job, run)
    known_repeat = f"run {run.run_id} is a repeat of run {best.run_id}, which counts: other bytes"
    assert known_repeat in warnings(shop.evaluate(run.revision))


def test_evaluate__an_attested_run_whose_files_were_changed_later(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, first = change
    second = shop.train(first.revision, right=0.9, seed=5)
    shop.attest(job, first)
    shop.attest(job, second)
    shop.replace_files(first.run_id, [("predictions.csv", predicted(1.0))])
    answer = shop.evaluate(first.revision)
    verdict_of(answer)
    assert f"run {first.run_id} does not count" in warnings(answer)
    known = evidence(shop, first)
    assert known is not None
    assert known.candidate == second


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": "fraud"}, "of another model"),
        ({"fingerprint": "e" * 64}, "of another fingerprint"),
        ({"commit": "e" * 40}, "of another commit"),
        ({"merge": None}, "of another merge"),
        ({"run": "run9999"}, "of another run"),
        ({"document": "e" * 64}, "of another document"),
        ({"files": ()}, "it has no model"),
        ({"files": (("model/weights.bin", 1000, "e" * 64),)}, "model is not the one"),
    ],
)
def test_evaluate__refuses_an_attestation_of_another_document(
    shop: Gallery, change: tuple[Job, Candidate], changes: dict[str, Any], reason: str
) -> None:
    job, run = change
    shop.vouch(job, attested.subject(run, job, **changes).audience_of, run.run_id)
    assert reason in refusal_of(shop.evaluate(run.revision)).reason


@pytest.mark.parametrize("extra", [{"note": 1}, {"format": "ledger-commit.v1"}, {"files": "none"}])
def test_evaluate__refuses_an_attestation_with_other_fields(
    shop: Gallery, change: tuple[Job, Candidate], extra: dict[str, Any]
) -> None:
    job, run = change
    shop.vouch(job, attested.subject(run, job).audience_of | extra, run.run_id)
    (name,) = extra
    assert f"of another {name}" in refusal_of(shop.evaluate(run.revision)).reason


def test_evaluate__refuses_files_in_another_order(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    document = attested.subject(run, job).audience_of
    files = [*reversed(document["files"]), ["malformed"]]
    shop.vouch(job, document | {"files": files}, run.run_id)
    assert "of another files" in refusal_of(shop.evaluate(run.revision)).reason


JOBS: dict[str, Callable[[str, str], Job]] = {
    "push": lambda commit, _: attested.push(commit),
    "queue": attested.queue,
}


@pytest.mark.parametrize("name", JOBS)
def test_evaluate__a_candidate_of_main_and_of_a_queue(shop: Gallery, name: str) -> None:
    base = shop.commit()
    head = shop.branch("queued", c=2)
    run = shop.train(head)
    shop.attest(JOBS[name](head, base), run)
    shop.git("merge", "--quiet", "--ff-only", "queued")
    assert shop.evaluate("main").is_passed


@pytest.mark.parametrize("is_merged", [False, True])
def test_evaluate__a_queue_that_did_not_introduce_the_fingerprint(
    shop: Gallery, is_merged: bool
) -> None:
    base = shop.commit()
    shop.git("checkout", "--quiet", "-B", "queued")
    shop.write("README.md", "other")
    head = shop.commit_as_is()
    run = shop.train(head)
    job = attested.queue(head, base)
    shop.vouch(job, attested.subject(run, job).audience_of, run.run_id)
    shop.git("checkout", "--quiet", "main")
    if is_merged:
        shop.git("merge", "--quiet", "--ff-only", "queued")
    assert "did not introduce" in refusal_of(shop.evaluate(head)).reason


def test_evaluate__a_fingerprint_that_the_commit_does_not_have(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    """The attestation speaks the truth of its commit, and the run claims another fingerprint."""
    job, run = change
    other = shop.branch("other", c=3)
    stolen = replace(shop.train(other), revision=run.revision)
    shop.runs.rewrite(stolen)
    shop.vouch(job, attested.subject(stolen, job, commit=run.revision).audience_of, stolen.run_id)
    assert "another fingerprint at" in refusal_of(shop.evaluate(other)).reason


def test_evaluate__a_merge_commit_that_is_gone(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    gone = replace(job, sha="e" * 40)
    shop.vouch(gone, attested.subject(run, gone).audience_of, run.run_id)
    assert "no commit eeee" in refusal_of(shop.evaluate(run.revision)).reason


def test_evaluate__an_issuer_that_does_not_answer(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    shop.attest(job, run)
    shop.issuer.is_down = True
    result = refusal_of(shop.evaluate(run.revision))
    assert result.exit_code == errors.EXIT_OUTSIDE
    assert shop.ledger.appends == 0


def test_evaluate__a_forks_candidate_is_only_shown(shop: Gallery) -> None:
    """A comment's evidence counts for nothing else: the ledger accepts it for a report alone."""
    main = shop.commit()
    head = shop.branch("fork", c=2)
    run = shop.train(head)
    shop.attest(attested.comment(main), run, revision=head)
    refusal_of(shop.evaluate(head))
    shop.requested = head
    assert shop.evaluate(head).is_passed


def test_evaluate__an_attempt_names_its_checkpoints_only_with_an_attestation(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    """Users with access to MLflow can record an attempt, and a training continues from those that
    the ledger names."""
    job, made = change
    saved = (Saved(3, "1" * 64, "2" * 64),)
    attempt = Attempt(
        "digits", made.fingerprint, made.revision, "", "killed", "", 1.0, True, "", saved
    )
    shop.runs.marked.clear()
    planted, attested_, plain = (shop.runs.record_attempt(attempt) for _ in range(3))
    shop.attest(job, attested_)
    for is_required, named in ((True, [attested_]), (False, [planted, attested_, plain])):
        shop.is_required, shop.ledger = is_required, FakeLedger()
        shop.evaluate(made.revision)
        known = lookup.attempts(shop.ledger, model="digits", fingerprint=made.fingerprint)
        assert len(known) == 3
        assert [each.run_id for each in known if each.checkpoints] == [r.run_id for r in named]


def test_evaluate__the_attestation_of_an_attempt_is_of_no_candidate(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    document = attested.subject(run, job, format="interlock/attempt/v1").audience_of
    shop.vouch(job, document, run.run_id)
    assert "of another format" in refusal_of(shop.evaluate(run.revision)).reason
