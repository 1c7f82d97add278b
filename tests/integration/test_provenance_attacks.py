"""What somebody with write access to MLflow and to a branch tries: each attack wins where the
policy requires no provenance, and never where it does. Git and the plans are real."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interlock import documents, errors
from interlock.domain.model.checkpoint import Saved
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.provenance.attestation import Attestation
from interlock.ledger import lookup
from interlock.services import artifacts, run_documents
from tests import attested
from tests.attested import Gallery, Job
from tests.fakes.issuer import FakeIssuer
from tests.unit.commands.test_evaluate import predicted

Attack = Callable[[Gallery, str], Candidate]
"""Leaves a candidate of Mallory's for a clean commit of somebody else, and returns it."""
TRAIN = "acme/interlock/.github/workflows/models-train.yml"


def mallorys(shop: Gallery, commit: str, **changes: Any) -> Candidate:
    """A run with all that an honest one of this commit has, and better predictions."""
    run = shop.train(commit, right=1.0, seed=9)
    changed = replace(run, **changes)
    shop.runs.rewrite(changed)
    return changed


def plain(shop: Gallery, clean: str) -> Candidate:
    return mallorys(shop, clean)


def from_1970(shop: Gallery, clean: str) -> Candidate:
    """A run whose writer says that it began before all others."""
    run = mallorys(shop, clean)
    document = documents.text(documents.dump(replace(run, run_id="RUN"))).encode()
    early = shop.runs.plant(document, model=run.name, fingerprint=run.fingerprint, start=-1000)
    (shop.runs.folder / run.run_id).rename(shop.runs.folder / early)
    shop.runs.marked.remove(run.run_id)
    return replace(run, run_id=early)


def signed(job: Callable[[Gallery, str], Job], **claims: Any) -> Attack:
    """A run with a token of GitHub over exactly its files, of a job that may not speak."""

    def attack(shop: Gallery, clean: str) -> Candidate:
        run = mallorys(shop, clean)
        of = job(shop, clean)
        shop.vouch(of, attested.subject(run, of).audience_of, run.run_id, **claims)
        return run

    return attack


def pull(shop: Gallery, commit: str) -> Job:
    return shop.pull(commit)


def hostile_base(shop: Gallery, clean: str) -> Job:
    """A pull request into a branch whose policy is Mallory's."""
    shop.git("branch", "--force", "hostile", "main")
    return shop.pull(clean, base="hostile", into="hostile")


def own_token(shop: Gallery, clean: str) -> Candidate:
    """A token that the training job made itself, with the claims of the right one."""
    run, job = mallorys(shop, clean), shop.pull(clean)
    forger = FakeIssuer(secret="mine", job=shop.tokens(job).job)
    shop.runs.attest(run.run_id, forger.attest(attested.subject(run, job).audience_of))
    return run


def copied_attestation(shop: Gallery, clean: str) -> Candidate:
    """The attestation of a run that Mallory trained on a branch of her own."""
    theirs = shop.branch("mallory", c=7)
    own = shop.train(theirs)
    shop.attest(shop.pull(theirs), own)
    run = mallorys(shop, clean)
    attestation = shop.runs.find_attestation(own.run_id)
    assert isinstance(attestation, Attestation)
    shop.runs.attest(run.run_id, attestation)
    return run


def other_commit(shop: Gallery, clean: str) -> Candidate:
    """Mallory's own commit has the fingerprint of the clean one: she did not introduce it."""
    shop.git("checkout", "--quiet", "-B", "mallory", clean)
    shop.write("README.md", "mine")
    head = shop.commit_as_is()
    shop.git("checkout", "--quiet", "main")
    run = mallorys(shop, clean, revision=head)
    job = shop.pull(head, base=clean)
    shop.vouch(job, attested.subject(run, job).audience_of, run.run_id)
    return run


def evaluating_job(shop: Gallery, clean: str) -> Candidate:
    return signed(pull, verb="evaluate")(shop, clean)


ATTACKS: dict[str, Attack] = {
    "planted for another pull request": plain,
    "planted with an early start": from_1970,
    "a hostile base branch": signed(hostile_base),
    "a called file started by a tag": signed(lambda _, c: attested.push(c, "refs/tags/v3")),
    "a called file started by another branch": signed(
        lambda _, c: attested.push(c, "refs/heads/mallory")
    ),
    "a called file started by a dispatch": signed(
        lambda _, c: attested.dispatch(c, "refs/heads/mallory")
    ),
    "an imposter commit": signed(
        pull, job_workflow_ref=f"{TRAIN}@{'d' * 40}", job_workflow_sha="d" * 40
    ),
    "an own version of the called file": signed(
        pull, job_workflow_ref=TRAIN.replace("acme", "mallory") + "@refs/tags/v1"
    ),
    "a called file at a pull request": signed(pull, job_workflow_ref=f"{TRAIN}@refs/pull/3/merge"),
    "another workflow file": evaluating_job,
    "another repository": signed(pull, repository_id="43"),
    "a self-hosted runner": signed(pull, runner_environment="self-hosted"),
    "a token of the training job's own making": own_token,
    "a copied attestation": copied_attestation,
    "a commit that did not introduce it": other_commit,
}


@pytest.mark.parametrize("is_required", [True, False])
@pytest.mark.parametrize("name", ATTACKS)
def test_candidate__of_an_attack(tmp_path: Path, name: str, is_required: bool) -> None:
    shop = Gallery(tmp_path, is_required=is_required)
    shop.commit()
    clean = shop.branch("clean", c=2)
    planted = ATTACKS[name](shop, clean)
    expected = planted
    if is_required:
        assert not shop.evaluate(clean).is_passed
        expected = shop.train(clean)
        shop.attest(shop.pull(clean), expected)
    assert shop.evaluate(clean).is_passed
    known = lookup.find_evidence(shop.ledger, model="digits", fingerprint=planted.fingerprint)
    assert known is not None
    assert known.candidate == expected


@pytest.mark.parametrize("is_required", [True, False])
def test_candidate__swapped_between_training_and_attestation(
    tmp_path: Path, is_required: bool
) -> None:
    """The document of the run is changed together with its files, so that they agree."""
    shop = Gallery(tmp_path, is_required=is_required)
    clean = shop.commit()
    honest = shop.train(clean)
    digest = run_documents.digest(honest)
    shop.replace_files(honest.run_id, [("predictions.csv", predicted(1.0))])
    file = shop.runs.folder / honest.run_id / "predictions.csv"
    swapped = replace(honest, predictions=artifacts.measure(file, name="predictions.csv"))
    shop.runs.rewrite(swapped)
    with pytest.raises(errors.Refused, match="the run or its document was replaced"):
        shop.attest(attested.push(clean), swapped, digest=digest)
    assert shop.evaluate(clean).is_passed is not is_required


@pytest.mark.parametrize("is_required", [True, False])
def test_checkpoint__of_a_planted_attempt(tmp_path: Path, is_required: bool) -> None:
    """The next training of this commit would continue from it, on a runner that Mallory used."""
    shop = Gallery(tmp_path, is_required=is_required)
    clean = shop.commit()
    made = shop.train(clean)
    shop.runs.marked.clear()
    planted = Attempt(
        "digits",
        made.fingerprint,
        clean,
        "",
        "killed",
        "",
        1.0,
        checkpoints=(Saved(9, "1" * 64, "2" * 64),),
    )
    shop.runs.record_attempt(planted)
    shop.evaluate(clean)
    (known,) = lookup.attempts(shop.ledger, model="digits", fingerprint=made.fingerprint)
    assert bool(known.checkpoints) is not is_required


def test_attest__a_trained_head_that_is_pushed_over_with_a_clean_twin(tmp_path: Path) -> None:
    """The training of the first head names a run for the second: its outputs are hostile."""
    shop = Gallery(tmp_path)
    shop.commit()
    dirty, clean = shop.branch("dirty", c=3), shop.branch("clean", c=2)
    run = mallorys(shop, clean)
    for job in (shop.pull(dirty), shop.pull(clean)):
        # The documents name the one head or the other; the job is of one of them.
        for revision in (dirty, clean):
            named = replace(run, revision=revision)
            shop.runs.rewrite(named)
            is_of_job = job.event.sha == clean == revision
            if not is_of_job:
                with pytest.raises(errors.Refused):
                    shop.attest(job, named)
    # A job of the clean head attests it only if its own training has named this run.
    honest = shop.train(clean)
    with pytest.raises(errors.Refused, match="the training job left"):
        shop.attest(shop.pull(clean), run, digest=run_documents.digest(honest))


def test_attest__a_model_that_the_branch_does_not_touch(tmp_path: Path) -> None:
    """Main needs a training of digits, and Mallory's pull request changes another model."""
    shop = Gallery(tmp_path)
    shop.commit(c=1)
    shop.commit(c=1, model="fraud")
    head = shop.branch("mallory", c=2, model="fraud")
    run = mallorys(shop, head)
    for model in ("digits", "fraud"):
        with pytest.raises(errors.Refused):
            shop.attest(shop.pull(head), run, model=model)
    job = shop.pull(head)
    shop.vouch(job, attested.subject(run, job).audience_of, run.run_id)
    assert not shop.evaluate("main", "digits").is_passed


def test_plan__main_trains_after_a_forks_candidate(tmp_path: Path) -> None:
    """A comment trained a fork's commit, which is merged later: its candidate never counts."""
    shop = Gallery(tmp_path)
    main = shop.commit()
    head = shop.branch("fork", c=2)
    run = shop.train(head)
    shop.attest(attested.comment(main), run, revision=head)
    shop.git("merge", "--quiet", "--ff-only", "fork")
    assert not shop.evaluate("main").is_passed
    again = shop.train(head)
    assert shop.attest(attested.push(head), again).commit == head
    assert shop.evaluate("main").is_passed


def test_evidence__keeps_its_attestation_as_a_document(tmp_path: Path) -> None:
    shop = Gallery(tmp_path)
    head = shop.commit()
    run = shop.train(head)
    shop.attest(attested.push(head), run)
    shop.evaluate(head)
    record = shop.ledger.read(lookup.evidence_path("digits", run.fingerprint))
    assert record is not None
    attestation = shop.runs.find_attestation(run.run_id)
    assert isinstance(attestation, Attestation)
    expected = {"commit": head, "merge": None, "attestation": dataclasses.asdict(attestation)}
    assert record["origin"] == expected
