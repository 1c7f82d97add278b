"""What is no document of ours is an error of ours, whatever stands in it."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from interlock import documents, errors
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.model.evidence import Attempt, Evidence
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.training.plan import Plan
from tests import report_cases

CASE = report_cases.CASES["promoted"]().report.models[0]
NOUNS: list[object] = [
    CASE.facts.evidence,
    CASE.verdict,
    CASE.promotion,
    Plan(None, "HEAD", (CASE.facts.plan,)),
    report_cases.CASES["training-failed"]().report.models[0].facts.failures[0],
]
ODD: list[object] = [
    None,
    3,
    10**400,
    math.nan,
    -math.inf,
    "x",
    [],
    {},
    [1],
    {"a": 1},
    True,
    [[]],
    "\ud800",
]


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items: Iterable[tuple[Any, Any]] = document.items() if isinstance(document, dict) else ()
    items = enumerate(document[:1]) if isinstance(document, list) else items
    for key, inside in items:
        yield from places(inside, (*path, key))


def put(document: Any, path: tuple[Any, ...], value: object) -> Any:
    changed = inside = copy.deepcopy(document)
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return changed


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: type(noun).__name__)
def test_load__with_any_field_of_another_kind_is_a_noun_or_our_error(noun: object) -> None:
    document = json.loads(documents.text(documents.dump(noun)))
    assert documents.load(document, type(noun), where="it") == noun
    refused = 0
    for path in places(document):
        for value in ODD if path else ():
            try:
                documents.load(put(document, path, value), type(noun), where="it")
            except errors.CannotReadDocument:
                refused += 1
    assert refused > 10


def test_nouns__are_of_every_kind_that_is_looked_at() -> None:
    assert {type(noun) for noun in NOUNS} == {Evidence, Verdict, Promotion, Plan, Attempt}


def test_load__names_the_invalid_fields() -> None:
    document = {"schema": "interlock/evidence/v1", "candidate": 3, "rows": {"count": 1}}
    with pytest.raises(errors.CannotReadDocument) as caught:
        documents.load(document, Evidence, where="evidence.json")
    message = caught.value.message
    assert message.startswith("evidence.json is malformed: ")
    assert "expected Candidate @ $.candidate" in message
    assert "required field missing @ $.rows.sha256" in message
    assert "interlock/evidence/v1" in caught.value.hint


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff\xfe{", '{"a": "\\ud8'])
def test_parse__text_that_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(errors.CannotReadDocument, match="it is not JSON"):
        documents.parse(text, where="it")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_parse__of_a_number_that_is_not_finite_is_refused(value: str) -> None:
    with pytest.raises(
        errors.CannotReadDocument, match="is not JSON: a number in it is not finite"
    ):
        documents.parse(f'{{"scores": [1, {value}]}}', where="it")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_load__of_a_number_that_is_not_finite_is_refused(value: float) -> None:
    document = documents.dump(NOUNS[0]) | {"scores": {"f1_macro": value}}
    with pytest.raises(errors.CannotReadDocument, match=r"malformed: .*scores"):
        documents.load(document, Evidence, where="it")
