"""Which run is the candidate: evidence says it, and else no time that its writer chose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model import candidates
from interlock.domain.model.candidates import Bad, CompleteRuns, Repeat
from interlock.domain.model.evidence import Artifact, Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.lineage import Lineage


def run(run_id: str, content: int = 1, *, rows: int = 1) -> Candidate:
    """A candidate of certain bytes."""
    return Candidate(
        name="digits",
        fingerprint="f" * 64,
        revision="a" * 40,
        run_id=run_id,
        lineage=Lineage("digits", (), ()),
        model=Artifact("model", f"{content:064x}", 1),
        predictions=Artifact("predictions.csv", f"{rows:064x}", 1),
        files=(),
        facts=RunFacts(1.0),
    )


def evidence(candidate: Candidate) -> Evidence:
    return Evidence(candidate, Rows(1, "0" * 64), {})


def test_choose__of_nothing_is_nothing() -> None:
    assert candidates.choose(CompleteRuns(), None) == candidates.Choice()


def test_choose__takes_the_first_of_runs_that_agree_and_tells_the_others() -> None:
    complete_runs = CompleteRuns((run("a"), run("b")), repeats=frozenset({"b"}))
    choice = candidates.choose(complete_runs, None)
    assert choice.candidate == run("a")
    assert choice.repeats == (Repeat("b", "a", is_same=True),)
    assert choice.warnings == ("run b is a repeat of run a, which counts: the same bytes",)


def test_choose__a_repeat_of_other_bytes_takes_no_place() -> None:
    """However early it says that it began."""
    complete_runs = CompleteRuns((run("b", 2), run("a")), repeats=frozenset({"b"}))
    choice = candidates.choose(complete_runs, None)
    assert choice.candidate == run("a")
    assert choice.warnings == ("run b is a repeat of run a, which counts: other bytes",)


def test_choose__where_the_original_was_deleted_its_repeats_are_originals() -> None:
    complete_runs = CompleteRuns((run("b"), run("c")), repeats=frozenset({"b", "c"}))
    assert candidates.choose(complete_runs, None).candidates == (run("b"), run("c"))


@pytest.mark.parametrize("other", [run("b", 2), run("b", rows=2)])
def test_choose__without_evidence_takes_none_of_runs_that_disagree(other: Candidate) -> None:
    for order in ((run("a"), other), (other, run("a"))):
        choice = candidates.choose(CompleteRuns(order), None)
        assert choice.candidate is None
        assert "runs a and b" in choice.objection or "runs b and a" in choice.objection
        assert "mlflow runs delete" in choice.objection


def test_choose__names_not_more_runs_than_a_person_reads() -> None:
    records = tuple(run(f"r{n}", n) for n in range(20))
    choice = candidates.choose(CompleteRuns(records), None)
    assert choice.objection.count("r1") < 5
    assert "…" in choice.objection
    assert choice.warnings[-1] == "and 14 more such runs"


def test_choose__where_runs_were_left_unread_takes_none_without_evidence() -> None:
    cut = CompleteRuns((run("a"),), is_cut=True)
    assert candidates.choose(cut, None).candidate is None
    assert "more runs" in candidates.choose(cut, None).objection
    assert candidates.choose(cut, evidence(run("a"))).candidate == run("a")


def test_choose__evidence_names_the_candidate_and_the_rest_are_repeats() -> None:
    complete_runs = CompleteRuns((run("early", 2), run("a"), run("late")))
    choice = candidates.choose(complete_runs, evidence(run("a")))
    assert choice.candidates == (run("a"),)
    assert choice.repeats == (
        Repeat("early", "a", is_same=False),
        Repeat("late", "a", is_same=True),
    )


def test_choose__evidence_outlives_its_run() -> None:
    assert candidates.choose(CompleteRuns(), evidence(run("a"))).candidate == run("a")


@pytest.mark.parametrize("now", [run("a", 2), run("a", rows=2)])
def test_choose__a_run_that_claims_other_bytes_than_its_evidence_is_an_incident(
    now: Candidate,
) -> None:
    choice = candidates.choose(CompleteRuns((now, run("b"))), evidence(run("a")))
    assert choice.candidate is None
    for digest in (f"{1:064x}", f"{2:064x}"):
        assert digest in choice.objection
    assert "what evidence in the ledger recorded" in choice.objection


def test_choose__what_else_a_run_says_by_now_changes_nothing() -> None:
    candidate = replace(run("a"), log_tail="other words")
    assert candidates.choose(CompleteRuns((candidate,)), evidence(run("a"))).candidates == (
        run("a"),
    )


def test_warnings__name_a_run_that_does_not_count_and_why() -> None:
    choice = candidates.choose(CompleteRuns((run("a"),), (Bad("b", "it is of vital"),)), None)
    assert choice.candidate == run("a")
    assert choice.warnings == ("run b does not count: it is of vital",)


def test_without__a_run_that_lies_leaves_the_others() -> None:
    complete_runs = CompleteRuns((run("a"), run("b"))).without(Bad("a", "other bytes"))
    assert candidates.choose(complete_runs, None).candidate == run("b")
    assert [bad.run_id for bad in complete_runs.bad] == ["a"]


def test_changed__says_whose_record_it_is_held_against() -> None:
    text = candidates.changed(
        run_id="a", artifact="model", recorded="1", actual="2", is_judged=False
    )
    assert text.startswith("model of run a is not what the training recorded: SHA-256 2")


_RUNS = st.lists(
    st.builds(run, st.sampled_from("abcdefgh"), st.integers(1, 3), rows=st.integers(1, 2)),
    unique_by=lambda each: each.run_id,
)
_REPEATS = st.frozensets(st.sampled_from("abcdefgh"))


@given(_RUNS, _REPEATS, st.integers(1, 3))
def test_choose__no_run_ever_displaces_the_one_that_evidence_names(
    others: list[Candidate], repeats: frozenset[str], content: int
) -> None:
    known = run("judged", content)
    for place in range(len(others) + 1):
        records = (*others[:place], known, *others[place:])
        choice = candidates.choose(CompleteRuns(records, repeats=repeats), evidence(known))
        assert choice.candidates == (known,)
        assert {each.run_id for each in choice.repeats} == {each.run_id for each in others}
        assert {each.of for each in choice.repeats} <= {"judged"}


@given(_RUNS, _REPEATS)
def test_choose__what_is_chosen_does_not_depend_on_the_times_of_runs(
    records: list[Candidate], repeats: frozenset[str]
) -> None:
    """Whatever order they are in, the same bytes are chosen, or none are."""
    one = candidates.choose(CompleteRuns(tuple(records), repeats=repeats), None)
    two = candidates.choose(CompleteRuns(tuple(reversed(records)), repeats=repeats), None)
    assert (one.candidate is None) == (two.candidate is None)
    if one.candidate and two.candidate:
        assert candidates.is_same(one.candidate, two.candidate)
