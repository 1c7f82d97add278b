"""The lineage graph is the pipeline's: inputs where they are declared, edges as they are."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.rendering import lineage as drawing

FILE = "m/dvc.yaml"


def read(path: str, *readers: str, kind: InputKind = InputKind.CODE) -> Input:
    return Input(
        kind, f"m/{path}", "git:" + "0" * 40, readers=tuple(f"{FILE}:{r}" for r in readers)
    )


def graph(inputs: tuple[Input, ...], *stages: str, edges: tuple[tuple[str, str], ...]) -> Lineage:
    return Lineage(
        "m",
        inputs,
        tuple(f"{FILE}:{s}" for s in stages),
        tuple((f"{FILE}:{a}", f"{FILE}:{b}") for a, b in edges),
    )


def arrows(lineage: Lineage, *, most: int = 30) -> set[tuple[str, str]]:
    """The drawn arrows, by the labels of their ends."""
    text = drawing.diagram(lineage, changed=(), folder="m", ends_in="the model", most=most)
    labels = dict(re.findall(r'^ *(\w+)[\[(]+"(.*?)"', text, flags=re.MULTILINE))
    labels |= dict(re.findall(r'subgraph (\w+)\["(.*?)"', text))
    labels |= {"m": "the model"}
    pairs = re.findall(r"^ *(\w+) --> (\w+)", text, flags=re.MULTILINE)
    assert len(pairs) == len(set(pairs))
    return {(labels[a], labels[b]) for a, b in pairs}


def test_diagram__draws_branches_as_branches() -> None:
    lineage = graph(
        (read("a.py", "a"), read("common.py", "a", "b"), read("train.py", "train")),
        "a",
        "b",
        "train",
        edges=(("a", "train"), ("b", "train")),
    )
    assert arrows(lineage) == {
        ("code: a.py", "a"),
        ("code: common.py", "a"),
        ("code: common.py", "b"),
        ("code: train.py", "train"),
        ("a", "train"),
        ("b", "train"),
        ("train", "the model"),
    }


def test_diagram__the_environment_leads_to_all_stages() -> None:
    environment = read("uv.lock", kind=InputKind.ENVIRONMENT)
    two = graph((environment,), "a", "train", edges=(("a", "train"),))
    assert ("environment: uv.lock", "pipeline") in arrows(two)
    one = graph((environment,), "train", edges=())
    assert ("environment: uv.lock", "train") in arrows(one)


def test_diagram__of_evidence_without_edges_invents_none() -> None:
    lineage = Lineage("m", (read("a.py"),), (f"{FILE}:a", f"{FILE}:train"))
    assert arrows(lineage) == {("code: a.py", "pipeline"), ("train", "the model")}


def test_diagram__inputs_that_are_not_shown_keep_their_stages() -> None:
    inputs = (read("a.py", "a"), read("b.py", "a"), read("c.py", "train"))
    lineage = graph(inputs, "a", "train", edges=(("a", "train"),))
    actual = arrows(lineage, most=1)
    assert {("2 more inputs", "a"), ("2 more inputs", "train")} <= actual


def test_diagram__is_left_out_where_mermaid_would_refuse_it() -> None:
    names = [f"s{i}" for i in range(600)]
    chain = graph((read("a.py", "s0"),), *names, edges=tuple(itertools.pairwise(names)))
    assert drawing.diagram(chain, changed=(), folder="m", ends_in="m", most=30) == ""


def test_listing__says_which_stage_comes_after_which() -> None:
    lineage = graph((read("a.py", "a"),), "a", "b", "train", edges=(("a", "train"), ("b", "train")))
    lines = drawing.listing(lineage, changed=(), most=2).splitlines()
    assert "stage m/dvc.yaml:a" in lines
    assert "  and 1 more stage" in lines
    whole = drawing.listing(lineage, changed=(), most=9).splitlines()
    assert "stage m/dvc.yaml:train after m/dvc.yaml:a, m/dvc.yaml:b" in whole


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=4, unique=True), max_size=6))
def test_diagram__every_input_leads_where_it_is_read(who: list[list[str]]) -> None:
    inputs = tuple(read(f"{i}.py", *readers) for i, readers in enumerate(who))
    lineage = graph(inputs, *"abcd", edges=(("a", "b"), ("a", "c"), ("c", "d"), ("b", "d")))
    expected = {
        (f"code: {i}.py", goal) for i, readers in enumerate(who) for goal in readers or ["pipeline"]
    }
    drawn = {pair for pair in arrows(lineage) if pair[0].startswith("code")}
    assert drawn == expected
