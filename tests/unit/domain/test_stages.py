"""Whose outputs stand for a stage that does not run, and whether they are those that were named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model import stage_runs
from interlock.domain.model.stage_runs import OWN_CACHE, Accepted, Output, StageRun

OUTPUT = Output("tiny/prepared.csv", "1" * 32, "2" * 64, 7)
RUN = StageRun("tiny/dvc.yaml:prepare", ran=True, key="a" * 64, outputs=(OUTPUT,))

outputs = st.sampled_from(
    [Output(path, "1" * 32, digit * 64, 7) for path in "abc" for digit in "23"]
)
runs = st.builds(
    StageRun,
    name=st.just("dvc.yaml:train"),
    ran=st.booleans(),
    key=st.sampled_from(["", "a" * 64]),
    outputs=st.sampled_from([(), (OUTPUT,)]),
    source=st.sampled_from(["", OWN_CACHE, "f" * 64]),
)


def test_accepted__the_first_evidence_that_names_a_key_counts() -> None:
    other = StageRun("x", ran=True, key=RUN.key, outputs=(Output("p", "1" * 32, "9" * 64, 1),))
    runs = stage_runs.accepted([("e" * 64, [RUN]), ("f" * 64, [other])])
    assert runs == {RUN.key: Accepted("e" * 64, (OUTPUT,))}


@given(
    st.lists(
        st.tuples(st.sampled_from(["e" * 64, "f" * 64]), st.lists(runs, max_size=2)), max_size=2
    )
)
def test_accepted__never_holds_what_no_evidence_names(
    evidence: list[tuple[str, list[StageRun]]],
) -> None:
    """No unnamed key, no stage without outputs, and nothing that came out of a cache."""
    for key, each in stage_runs.accepted(evidence).items():
        proofs = [s for f, every in evidence if f == each.source for s in every if s.key == key]
        assert key
        assert each.outputs
        assert any(s.outputs == each.outputs and s.source != OWN_CACHE for s in proofs)


@given(
    st.lists(outputs, max_size=3), st.dictionaries(st.sampled_from(["a", "b"]), st.just(("", 0)))
)
def test_differing__says_nothing_only_where_every_output_is_the_one_that_is_named(
    named: list[Output], odd: dict[str, tuple[str, int]]
) -> None:
    actual = {each.path: (each.sha256, each.size_bytes) for each in named} | odd
    is_same = all(actual[each.path] == (each.sha256, each.size_bytes) for each in named)
    assert (stage_runs.differing(named, actual) == ()) == is_same


def test_differing__names_the_path_and_both_digests() -> None:
    [text] = stage_runs.differing([OUTPUT], {OUTPUT.path: ("4" * 64, 7)})
    assert text == (
        f"tiny/prepared.csv has SHA-256 {'4' * 64}, and the evidence names {OUTPUT.sha256}"
    )
    assert stage_runs.differing([OUTPUT], {}) == ("tiny/prepared.csv is not there",)


def test_sentence__says_where_the_outputs_of_a_stage_come_from() -> None:
    assert stage_runs.sentence(RUN) == ""
    name = "stage tiny/dvc.yaml:prepare did not run: its outputs were restored from"
    restored = StageRun(RUN.name, ran=False, source="e" * 64)
    assert stage_runs.sentence(restored) == f"{name} the evidence of eeeeeeeeeeee"
    own = StageRun(RUN.name, ran=False, source=OWN_CACHE)
    text = "the cache of this clone, where an earlier training left them"
    assert stage_runs.sentence(own) == f"{name} {text}"
