"""Histories that were only added to are sound; any edit, removal or reorder of them shows."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import errors
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Finding, Outcome, Verdict
from interlock.domain.model.evidence import Artifact, Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.manifest import GateRule, Manifest
from interlock.domain.promotion import ledger_audit, ledger_paths
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.ledger_commit import LedgerCommit, LedgerFile, Violation
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.domain.promotion.promotion_audit import Find
from tests import promotions
from tests.unit.domain.test_proof import MANIFEST

A = "aa" * 32


def evidence(fingerprint: str = A, *, sha256: str = "5a" * 32) -> Evidence:
    return Evidence(
        Candidate(
            name="digits",
            fingerprint=fingerprint,
            revision="c1" * 20,
            run_id="r1",
            lineage=Lineage("digits", (), ()),
            model=Artifact("model", sha256, 1),
            predictions=Artifact("predictions.csv", "0" * 64, 1),
            files=(),
            facts=RunFacts(1.0),
        ),
        Rows(1, "1" * 64),
        {},
    )


def verdict(fingerprint: str = A, *, outcome: Outcome = Outcome.PASS) -> Verdict:
    rule = GateRule("f1_macro", min=0.9)
    finding = Finding(rule, outcome, 0.95, "at least 0.9", "f1_macro is 0.95")
    return Verdict("9c" * 32, "digits", fingerprint, "c1" * 20, outcome, "", (finding,), ())


def numbered(number: int) -> object:
    return evidence(f"{number:064x}")


def promotion(phase: Phase, fingerprint: str = A, *, position: int = 1) -> Promotion:
    return promotions.record(
        position, fingerprint, phase, sha256="5a" * 32, environments=("production",)
    )


def history(*acts: Sequence[object]) -> list[LedgerCommit]:
    """Commits as the adapter writes them: each record names its commit's parent."""
    commits: list[LedgerCommit] = []
    for number, nouns in enumerate(acts):
        records = tuple(
            LedgerFile(f"evidence/digits/{number:04d}{index:04d}.json", noun)
            for index, noun in enumerate(nouns)
        )
        commits.append(append(commits, records))
    return commits


def append(commits: Sequence[LedgerCommit], records: Sequence[LedgerFile]) -> LedgerCommit:
    parent = commits[-1].id if commits else None
    sealed = tuple(dataclasses.replace(record, previous=parent) for record in records)
    parents = () if parent is None else (parent,)
    return LedgerCommit(identify(parents, sealed), parents, records=sealed)


def identify(parents: Sequence[str], records: Sequence[LedgerFile]) -> str:
    """As Git does: an id covers the parents and all content."""
    return hashlib.sha1(repr((parents, records)).encode(), usedforsecurity=False).hexdigest()


def rebased(commits: Sequence[LedgerCommit]) -> list[LedgerCommit]:
    """The same commits, replayed one over the other as `git rebase` does: bytes stay, ids move."""
    ledger_commits: list[LedgerCommit] = []
    for commit in commits:
        parents = (ledger_commits[-1].id,) if ledger_commits else ()
        new_id = identify(parents, commit.records)
        ledger_commits.append(dataclasses.replace(commit, id=new_id, parents=parents))
    return ledger_commits


B = "bb" * 32
WHOLE: list[list[object]] = [
    [evidence(), verdict()],
    [promotion(Phase.INTENT)],
    [promotion(Phase.DONE)],
    [evidence(B), verdict(B)],
    [promotion(Phase.INTENT, B, position=2)],
    [promotion(Phase.SUPERSEDED, B, position=2)],
]


def verify(
    commits: Iterable[LedgerCommit], *, find_manifest: Find | None = None
) -> tuple[Violation, ...]:
    return tuple(ledger_audit.verify(commits, find_manifest=find_manifest))


def test_verify__only_added_to() -> None:
    assert verify(history(*WHOLE)) == ()
    assert verify([]) == ()


@given(data=st.data())
def test_verify__any_edit_removal_or_reorder_before_the_last_is_found(data: st.DataObject) -> None:
    """Each record names its parent's id, and a parent's id covers its content."""
    acts = data.draw(
        st.lists(
            st.lists(
                st.integers(0, 99).map(lambda n: evidence(f"{n:064x}")), min_size=1, max_size=3
            ),
            min_size=2,
            max_size=8,
        )
    )
    commits = history(*acts)
    assert verify(commits) == ()
    at = data.draw(st.integers(0, len(commits) - 2))
    forged = list(commits)
    match data.draw(st.sampled_from(["edit", "remove", "swap", "insert"])):
        case "edit":
            record = forged[at].records[0]
            changed = dataclasses.replace(record, noun=evidence("ee" * 32))
            records = (changed, *forged[at].records[1:])
            forged[at] = dataclasses.replace(forged[at], records=records)
        case "remove":
            del forged[at]
        case "swap":
            forged[at], forged[at + 1] = forged[at + 1], forged[at]
        case "insert":
            stranger = LedgerFile("evidence/digits/ffff.json", evidence("ee" * 32))
            forged.insert(at, append(forged[:at], [stranger]))
    assert verify(rebased(forged)) != ()


def test_verify__an_edit_without_a_replay_leaves_a_parent_that_is_not_there() -> None:
    commits = history(*WHOLE)
    commits[1] = dataclasses.replace(commits[1], id="e" * 40)
    assert [b.commit for b in verify(commits)] == [commits[2].id] * 2


def sentences(commits: Sequence[LedgerCommit]) -> list[str]:
    return [each.sentence for each in verify(commits)]


def test_verify__a_merge_is_named() -> None:
    commits = history(*WHOLE)
    merge = dataclasses.replace(commits[-1], parents=(*commits[-1].parents, "b" * 40))
    (violation,) = verify([*commits[:-1], merge])
    assert violation.commit == merge.id
    assert "bbbbbbbbbbbb" in violation.sentence


def test_verify__a_first_commit_with_a_parent() -> None:
    commits = history([evidence()])
    grafted = dataclasses.replace(commits[0], parents=("b" * 40,))
    assert sentences([grafted]) == ["it was written over bbbbbbbbbbbb, not over nothing"]


def test_verify__a_second_root() -> None:
    commits = history([evidence()], [evidence(B)])
    orphan = dataclasses.replace(commits[1], parents=())
    assert "written over nothing" in sentences([commits[0], orphan])[0]


@pytest.mark.parametrize("what", ["changed", "removed"])
def test_verify__a_record_that_was_changed_or_removed(what: str) -> None:
    commits = history(*WHOLE)
    path = commits[0].records[0].path
    last = dataclasses.replace(commits[-1], **{what: (path,)})  # type: ignore[arg-type]
    violations = verify([*commits[:-1], last])
    assert violations == (Violation(last.id, path, f"a record was {what}"),)


def test_verify__a_file_at_an_invalid_path() -> None:
    commits = history([evidence()])
    stray = LedgerCommit("b" * 40, (commits[0].id,), files=("run.sh", "pictures/digits/aaaa/x.png"))
    assert verify([*commits, stray]) == (
        Violation(stray.id, "run.sh", "it is not a valid path of a record"),
    )


def test_verify__a_commit_that_adds_nothing() -> None:
    commits = history([evidence()])
    empty = LedgerCommit("b" * 40, (commits[0].id,))
    assert sentences([*commits, empty]) == ["it adds nothing"]


def test_verify__a_file_that_cannot_be_read_has_its_reason() -> None:
    record = LedgerFile("evidence/digits/aaaa.json", problem="unknown schema 'acme/x/v1'")
    assert sentences([LedgerCommit("b" * 40, (), records=(record,))]) == [
        "unknown schema 'acme/x/v1'"
    ]


def test_verify__a_promotion_without_evidence() -> None:
    (text,) = sentences(history([promotion(Phase.INTENT)]))
    assert text == "nothing proves it: there is no evidence before it"


@pytest.mark.parametrize("with_it", [[], [evidence()], [evidence(), verdict()]])
def test_verify__the_proof_of_a_promotion_is_written_before_it(with_it: list[object]) -> None:
    commits = history([promotion(Phase.INTENT), *with_it], [evidence(), verdict()])
    assert "nothing proves it: there is no evidence before it" in sentences(commits)


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.SKIPPED, Outcome.INCONCLUSIVE])
def test_verify__a_promotion_with_a_verdict_that_did_not_pass(outcome: Outcome) -> None:
    violations = verify(history([evidence(), verdict(outcome=outcome)], [promotion(Phase.INTENT)]))
    assert [b.path for b in violations] == ["evidence/digits/00010000.json"]
    assert "nothing proves it: no verdict before it allows it" in violations[0].sentence


def test_verify__a_failed_verdict_that_was_relabelled() -> None:
    forged = dataclasses.replace(verdict(outcome=Outcome.FAIL), outcome=Outcome.PASS)
    (text,) = sentences(history([evidence(), forged], [promotion(Phase.INTENT)]))
    assert "the outcome of its findings is fail" in text


def test_verify__an_accepted_verdict_allows_a_promotion() -> None:
    doubt = verdict(outcome=Outcome.INCONCLUSIVE)
    word = Acceptance(doubt.key, "digits", A, "c1" * 20, "octocat", "it is fine", "")
    assert verify(history([evidence(), doubt], [word], [promotion(Phase.INTENT)])) == ()
    (text,) = sentences(history([evidence(), doubt], [promotion(Phase.INTENT)], [word]))
    assert "the verdict is inconclusive" in text


def test_verify__compares_verdicts_with_the_known_manifests() -> None:
    """The verdict's key is not one of these gates."""
    commits = history(*WHOLE[:3])
    assert verify(commits, find_manifest=lambda model, revision: None) == ()
    lookups = []

    def find(model: str, revision: str) -> Manifest:
        lookups.append((model, revision))
        return MANIFEST

    (violation,) = verify(commits, find_manifest=find)
    assert "the key of the verdict is not that of the manifest's rules" in violation.sentence
    assert lookups == [("digits", promotion(Phase.INTENT).revision)]


def test_verify__a_promotion_of_another_artifact() -> None:
    (text,) = sentences(history([evidence(sha256="6b" * 32), verdict()], [promotion(Phase.INTENT)]))
    assert "its run, artifact and SHA-256 are not those of the evidence" in text


def test_verify__an_outcome_without_an_intent() -> None:
    (text,) = sentences(history([evidence()], [promotion(Phase.DONE)]))
    assert text == "it closes an act that was never begun"


@pytest.mark.parametrize("change", [{"revision": "f" * 40}, {"sha256": "6b" * 32}])
def test_verify__an_outcome_that_differs_from_its_intent(change: dict[str, str]) -> None:
    done = dataclasses.replace(promotion(Phase.DONE), **change)  # type: ignore[arg-type]
    (text,) = sentences(history(*WHOLE[:2], [done]))
    assert text == f"its outcome differs from its intent in {next(iter(change))}"


@pytest.mark.parametrize("name", ["Digits", "1st", "a_b", "../x", "", "a/b", "é", "a\n"])
def test_check_model__refuses(name: str) -> None:
    with pytest.raises(errors.CannotResolve):
        ledger_paths.check_model(name)


@pytest.mark.parametrize("text", ["", "xyz", "abc", "AB" * 32, "a" * 65, "../a", "aaaa\n"])
def test_check_hex__refuses(text: str) -> None:
    with pytest.raises(errors.CannotResolve):
        ledger_paths.check_hex(text)


@given(st.from_regex(r"[a-z][a-z0-9-]*", fullmatch=True), st.integers(0, 2**256 - 1))
def test_checks__accept_valid_models_and_digests(model: str, number: int) -> None:
    fingerprint = f"{number:064x}"
    assert ledger_paths.check_model(model) == model
    assert ledger_paths.check_hex(fingerprint) == fingerprint
    path = f"evidence/{model}/{fingerprint}.json"
    assert ledger_paths.check_path(path) == path


@given(st.text(max_size=40))
def test_check_path__an_accepted_path_stays_inside(text: str) -> None:
    try:
        path = ledger_paths.check_path(f"evidence/digits/{text}.json")
    except errors.CannotResolve:
        return
    assert ".." not in path.split("/")
    assert path.isascii()
    assert path.isprintable()
    assert " " not in path


def held(epoch: int, step: HoldStep = HoldStep.HOLD, fingerprint: str | None = A) -> Hold:
    return Hold("digits", epoch, step, "octocat", "why", "", fingerprint=fingerprint)


def pin(epoch: int, fingerprint: str = A) -> Promotion:
    return dataclasses.replace(promotion(Phase.INTENT, fingerprint), epoch=epoch)


RELEASED = held(2, HoldStep.RELEASE, None)


def test_verify__holds_and_releases_in_turn() -> None:
    again = dataclasses.replace(promotion(Phase.DONE), epoch=3)
    acts: list[list[object]] = [[held(1), pin(1)], [RELEASED], [pin(3), held(3)], [again]]
    assert verify(history(*WHOLE, *acts)) == ()


@pytest.mark.parametrize(
    ("acts", "sentence"),
    [
        ([[held(2), pin(2)]], "it is number 2, after 0"),
        ([[held(1), pin(1)], [held(1), pin(1)]], "it is number 1, after 1"),
        ([[held(1)]], "it pins a fingerprint that no act of its commit promotes"),
        ([[held(1), pin(1, B)]], "it pins a fingerprint that no act of its commit promotes"),
        ([[held(1, HoldStep.RELEASE, None)]], "it releases a model without a hold"),
        (
            [[held(1), pin(1)], [RELEASED], [held(3, HoldStep.RELEASE, None)]],
            "a model without a hold",
        ),
        ([[pin(1)]], "there was no hold or release 1 before it"),
    ],
)
def test_verify__a_hold_that_does_not_follow(acts: list[list[object]], sentence: str) -> None:
    commits = history(*WHOLE, *acts)
    violations = verify(commits)
    assert any(sentence in each.sentence for each in violations)
    assert {each.commit for each in violations} <= {each.id for each in commits}
