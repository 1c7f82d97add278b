"""`attest`: which run of which commit gets a token, and which never does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interlock import documents, errors
from interlock.commands.attest import AttestOutcome
from interlock.domain.access.event import Event, EventKind
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.evidence import Artifact, Attempt, Candidate, Evidence, PlotFile, Rows
from interlock.domain.model.stage_runs import OWN_CACHE, StageRun
from interlock.domain.provenance.attestation import Attestation
from interlock.ledger import lookup
from interlock.services import artifacts
from tests import attested
from tests.attested import Gallery, Job
from tests.unit.commands.test_evaluate import predicted


def attestation_of(shop: Gallery, run: Candidate) -> Attestation:
    attestation = shop.runs.find_attestation(run.run_id)
    assert isinstance(attestation, Attestation)
    return attestation


def refused(shop: Gallery, job: Job, run: Candidate, **options: Any) -> str:
    """The reason for which a run gets no attestation."""
    with pytest.raises(errors.Refused) as caught:
        shop.attest(job, run, **options)
    assert isinstance(shop.runs.find_attestation(run.run_id), Refusal)
    return str(caught.value)


def test_attest__covers_the_document_and_every_file(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    result = shop.attest(job, run)
    assert (result.outcome, result.commit, result.merge) == (
        AttestOutcome.ATTESTED,
        run.revision,
        job.sha,
    )
    document = dict(attestation_of(shop, run).audience_of)
    files = document.pop("files")
    assert document.pop("document")
    assert document == {
        "format": "interlock/candidate/v1",
        "model": "digits",
        "fingerprint": run.fingerprint,
        "commit": run.revision,
        "merge": job.sha,
        "run": run.run_id,
    }
    assert [path for path, _, _ in files] == ["model/weights.bin", "predictions.csv"]
    assert run.predictions is not None
    assert [run.predictions.size_bytes, run.predictions.sha256] == files[1][1:]
    checked = shop.attested().check(run, shop_digest(shop, run), attestation_of(shop, run))
    assert not isinstance(checked, Refusal)


def shop_digest(shop: Gallery, run: Candidate) -> str:
    names = {"model": run.name, "fingerprint": run.fingerprint}
    return shop.runs.read_candidate(run.run_id, **names).digests[run.run_id]


JOBS: dict[str, Callable[[Gallery, str, str], Job]] = {
    "push": lambda _, commit, __: attested.push(commit),
    "dispatch": lambda _, commit, __: attested.dispatch(commit),
    "queue": lambda _, commit, base: attested.queue(commit, base),
    "pull": lambda shop, commit, _: shop.pull(commit),
}


@pytest.mark.parametrize("name", JOBS)
def test_attest__of_each_event_that_counts(shop: Gallery, name: str) -> None:
    base = shop.commit()
    head = shop.branch("change", c=2)
    job, run = JOBS[name](shop, head, base), shop.train(head)
    assert shop.attest(job, run).outcome is AttestOutcome.ATTESTED
    (_, origin) = valid(shop, run)
    assert origin.commit == head
    assert (origin.merge is None) == (name != "pull")


def valid(shop: Gallery, run: Candidate, requested: str = "") -> Any:
    checked = shop.attested(requested).check(run, shop_digest(shop, run), attestation_of(shop, run))
    assert not isinstance(checked, Refusal), checked
    return checked


def test_attest__what_only_a_report_may_show(shop: Gallery) -> None:
    main = shop.commit()
    head = shop.branch("change", c=2)
    of_comment, of_branch = shop.train(head), shop.train(head)
    assert shop.attest(attested.comment(main), of_comment, revision=head).commit == head
    shop.attest(attested.dispatch(head, "refs/heads/change"), of_branch)
    for run in (of_comment, of_branch):
        assert valid(shop, run, requested=head)[1].commit == head
        counted = shop.attested().check(run, shop_digest(shop, run), attestation_of(shop, run))
        assert isinstance(counted, Refusal)
    # Another commit was requested.
    digest = shop_digest(shop, of_comment)
    other = shop.attested(main).check(of_comment, digest, attestation_of(shop, of_comment))
    assert isinstance(other, Refusal)


def test_attest__every_kind_of_file(shop: Gallery) -> None:
    shop.commit()
    head = shop.branch("change", c=2)
    run = shop.train(head)
    shop.replace_files(run.run_id, [("plots/000.csv", "x\n"), ("kept/m.json", "{}")])
    folder = shop.runs.folder / run.run_id
    plot = artifacts.measure(folder / "plots/000.csv", name="plots/000.csv")
    kept = replace(artifacts.measure(folder / "kept/m.json", name="m.json"))
    large = Artifact("large.json", "9" * 64, 10**9)  # the run stores no large file
    plots = (PlotFile("p.csv", plot), PlotFile("q.csv", problem="too large"))
    whole = replace(run, plots=plots, kept=(kept, large))
    shop.runs.rewrite(whole)
    shop.attest(shop.pull(head), whole)
    files = attestation_of(shop, whole).audience_of["files"]
    names = ["kept/m.json", "model/weights.bin", "plots/000.csv", "predictions.csv"]
    assert [path for path, _, _ in files] == names


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "other"}, "'other'"),
        ({"fingerprint": "e" * 64}, "'eeee"),
        ({"revision": "e" * 40}, "it was trained at eeeeeeeeeeee"),
        ({"is_hermetic": False}, "tree of exactly its inputs"),
        ({"stages": (StageRun("s", ran=False, source=OWN_CACHE),)}, "tree of exactly its inputs"),
    ],
)
def test_attest__refuses_a_run_of_something_else(
    shop: Gallery, change: tuple[Job, Candidate], changes: dict[str, Any], reason: str
) -> None:
    """The document is the one that the training left: only its content is wrong."""
    job, run = change
    other = replace(run, **changes)
    shop.runs.rewrite(other)
    assert reason in refused(shop, job, other)


def test_attest__refuses_inputs_that_are_not_those_of_the_fingerprint(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    other = replace(run, lineage=replace(run.lineage, inputs=run.lineage.inputs[1:]))
    shop.runs.rewrite(other)
    assert "its inputs are not those of its fingerprint" in refused(shop, job, other)


def test_attest__refuses_another_document(shop: Gallery, change: tuple[Job, Candidate]) -> None:
    job, run = change
    left = shop_digest(shop, run)
    shop.runs.rewrite(replace(run, log_tail="swapped"))
    assert f"the training job left {left}" in refused(shop, job, run, digest=left)


def test_attest__refuses_another_run(shop: Gallery, change: tuple[Job, Candidate]) -> None:
    """The same model, fingerprint and commit: only the digest shows that it is another."""
    job, run = change
    other = shop.train(run.revision, right=1.0)
    assert "the training job left" in refused(shop, job, other, digest=shop_digest(shop, run))


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("model/weights.bin", "planted", "model is not the one of its document"),
        ("model/MLmodel", "loader: evil", "model is not the one of its document"),
        ("predictions.csv", predicted(1.0), "predictions.csv is not the one of its document"),
    ],
)
def test_attest__refuses_changed_and_added_files(
    shop: Gallery, change: tuple[Job, Candidate], path: str, text: str, reason: str
) -> None:
    job, run = change
    shop.replace_files(run.run_id, [(path, text)])
    # Before a token is requested.
    assert f"was changed after the training: {reason}" in refused(shop, job, run)


def test_attest__refuses_a_file_beside_a_model_that_is_one_file(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    file = shop.runs.folder / run.run_id / "model" / "weights.bin"
    single = replace(run, model=artifacts.measure(file, name="model/weights.bin"))
    shop.runs.rewrite(single)
    shop.replace_files(run.run_id, [("model/MLmodel", "loader: evil")])
    assert "model/MLmodel was added to it" in refused(shop, job, single)


def test_attest__a_missing_file(shop: Gallery, change: tuple[Job, Candidate]) -> None:
    job, run = change
    (shop.runs.folder / run.run_id / "predictions.csv").unlink()
    with pytest.raises(errors.CannotReachRegistry):
        shop.attest(job, run)


def test_attest__refuses_a_model_that_the_plan_does_not_train(shop: Gallery) -> None:
    """The candidate is of this very commit, and the change does not touch the model."""
    shop.commit(model="digits")
    shop.commit(model="fraud")
    head = shop.branch("change", c=2, model="fraud")
    run = shop.train(head, model="digits")
    assert "does not train digits" in refused(shop, shop.pull(head), run)


def test_attest__an_unknown_model(shop: Gallery, change: tuple[Job, Candidate]) -> None:
    with pytest.raises(errors.CannotResolve, match="no model 'fraud'"):
        shop.attest(*change, model="fraud")


def test_attest__evidence_that_is_there_by_now(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    known = Evidence(run, Rows(1, "0" * 64), {})
    shop.ledger.append({lookup.path_of(known): documents.dump(known)}, message="Know digits")
    result = shop.attest(job, run)
    assert result.outcome is AttestOutcome.NOT_NEEDED
    assert "evidence of digits" in result.sentence
    assert shop.issuer.requests == 0


def test_attest__a_second_time(shop: Gallery, change: tuple[Job, Candidate]) -> None:
    job, run = change
    shop.attest(job, run)
    first = attestation_of(shop, run)
    assert shop.attest(job, run).outcome is AttestOutcome.NOT_NEEDED
    assert attestation_of(shop, run) == first


def test_attest__takes_the_place_of_an_attestation_that_is_not_valid(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    shop.vouch(job, {"format": "interlock/candidate/v1"}, run.run_id)
    assert shop.attest(job, run).outcome is AttestOutcome.ATTESTED
    assert valid(shop, run)


def test_attest__of_a_pull_request_into_another_branch_is_only_shown(shop: Gallery) -> None:
    shop.commit()
    shop.branch("hostile", c=3)
    head = shop.branch("change", c=2)
    run = shop.train(head)
    result = shop.attest(shop.pull(head, base="hostile", into="hostile"), run)
    assert result.outcome is AttestOutcome.ATTESTED
    assert "only a report may show it" in result.sentence
    assert valid(shop, run, requested=head)[1].commit == head
    counted = shop.attested().check(run, shop_digest(shop, run), attestation_of(shop, run))
    assert isinstance(counted, Refusal)


def test_attest__of_a_pull_request_that_was_sent_to_main_since(shop: Gallery) -> None:
    """The event and the token may not disagree: then the rules of main apply."""
    shop.commit()
    shop.branch("hostile", c=3)
    head = shop.branch("change", c=2)
    run = shop.train(head)
    job = shop.pull(head, base="hostile", into="hostile")
    claims = {**job.claims, "base_ref": "main"}
    assert "not into main" in refused(shop, replace(job, claims=claims), run)


def test_attest__refuses_a_merge_of_another_head(shop: Gallery) -> None:
    """The head was pushed again: the merge commit has another tree than the event."""
    shop.commit()
    trained, clean = shop.branch("trained", c=2), shop.branch("clean", c=3)
    run = shop.train(clean)
    job = replace(shop.pull(clean), sha=shop.pull(trained).sha)
    assert f"merges {trained[:12]}, and the event is of {clean[:12]}" in refused(shop, job, run)


def test_attest__refuses_a_merge_into_a_commit_that_main_lacks(shop: Gallery) -> None:
    """A pull request was retargeted, and its merge commit is of the branch before."""
    shop.commit()
    other = shop.branch("hostile", c=3)
    head = shop.branch("change", c=2)
    run = shop.train(head)
    assert f"merges into {other[:12]}, not into main" in refused(
        shop, shop.pull(head, base=other), run
    )


def test_attest__refuses_a_commit_in_place_of_a_merge(shop: Gallery) -> None:
    shop.commit()
    head = shop.branch("change", c=2)
    run = shop.train(head)
    assert "not a merge of two commits" in refused(shop, replace(shop.pull(head), sha=head), run)


@pytest.mark.parametrize("kind", [EventKind.RUN_ENDED, EventKind.REVIEW, EventKind.OTHER])
def test_attest__refuses_other_events(shop: Gallery, kind: EventKind) -> None:
    head = shop.commit()
    run = shop.train(head)
    job = Job(Event(kind, sha=head), head, {})
    assert "can count" in refused(shop, job, run)


def test_attest__refuses_a_comment_without_a_whole_commit(shop: Gallery) -> None:
    main = shop.commit()
    head = shop.branch("change", c=2)
    run = shop.train(head)
    for revision in ("", head[:12], "change"):
        assert "can count" in refused(shop, attested.comment(main), run, revision=revision)


def test_attest__refuses_another_revision_than_the_events(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    assert "--rev is eeeeeeeeeeee" in refused(shop, job, run, revision="e" * 40)


@pytest.mark.parametrize(
    "claims",
    [
        {"verb": "evaluate"},
        {"job_workflow_ref": f"acme/interlock/.github/workflows/models-train.yml@{'d' * 40}"},
        {"runner_environment": "self-hosted"},
        {"repository_id": "43"},
    ],
)
def test_attest__refuses_a_token_that_would_not_count(
    shop: Gallery, change: tuple[Job, Candidate], claims: dict[str, str]
) -> None:
    job, run = change
    assert "would not count" in refused(shop, job, run, claims=claims)


def test_attest__refuses_a_token_of_another_commit(
    shop: Gallery, change: tuple[Job, Candidate]
) -> None:
    job, run = change
    other = {"sha": shop.pull(shop.branch("other", c=9)).sha}
    assert "would not count" in refused(shop, job, run, claims=other)


def test_attest__a_failed_training(shop: Gallery, change: tuple[Job, Candidate]) -> None:
    job, run = change
    plain = Attempt("digits", run.fingerprint, run.revision, "", "killed", "", 1.0)
    recorded = shop.runs.record_attempt(plain)
    assert shop.attest(job, recorded).outcome is AttestOutcome.ATTESTED
    attestation = shop.runs.find_attestation(recorded.run_id)
    assert isinstance(attestation, Attestation)
    document = attestation.audience_of
    assert (document["format"], document["files"]) == ("interlock/attempt/v1", [])
    other = replace(shop.runs.record_attempt(plain), revision="e" * 40)
    shop.runs.rewrite(other)
    with pytest.raises(errors.Refused, match="it was trained at eeeeeeeeeeee"):
        shop.attest(job, other)
    with pytest.raises(errors.Refused, match="the training job left"):
        shop.attest(job, recorded, digest="e" * 64)


def test_attest__a_merge_commit_that_is_gone(shop: Gallery, change: tuple[Job, Candidate]) -> None:
    job, run = change
    with pytest.raises(errors.CannotReachGit, match="no commit eeee"):
        shop.attest(replace(job, sha="e" * 40), run)


def test_attest__with_a_key_of_the_policy(shop: Gallery) -> None:
    """A dedicated evaluator has no event: it names the commit, and its signature is over it."""
    head = shop.commit(c=2)
    run = shop.train(head)
    job = Job(Event(EventKind.OTHER), "", {"iss": "key:abc", "event_name": "key"})
    with pytest.raises(errors.Refused, match="does not list the key"):
        shop.attest(job, run, has_key=True, revision=head)
    shop.rules = replace(shop.rules, keys=("abc",))
    with pytest.raises(errors.Refused, match="not a full commit id"):
        shop.attest(job, run, has_key=True, revision="main")
    assert shop.attest(job, run, has_key=True, revision=head).outcome is AttestOutcome.ATTESTED
    assert valid(shop, run)[1].commit == head
