"""The same categories in other letters are a fault of the data, and no drift."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.drift import comparison, detection, text_variants
from interlock.domain.drift.findings import DriftResult
from interlock.domain.drift.measures import ColumnProblem
from interlock.domain.drift.profile import ColumnKind, ColumnProfile, Profile
from interlock.domain.drift.rules import DriftRules, Persistence
from interlock.domain.drift.status import DriftStatus

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
CAFE = unicodedata.normalize("NFC", "café")
DECOMPOSED = unicodedata.normalize("NFD", CAFE)


def column(known: dict[str, int], others: dict[str, int] | None = None) -> ColumnProfile:
    """`known` are the reference's values; what else there is comes in `others`."""
    there = others or {}
    rows = sum(known.values()) + sum(there.values())
    return ColumnProfile(
        "k",
        ColumnKind.CATEGORY,
        "String",
        rows,
        0,
        values=tuple(known),
        counts=tuple(known.values()),
        other=sum(there.values()),
        other_values=tuple(there),
        other_spellings=text_variants.count_other_spellings(tuple(known), there),
    )


def judged(reference: ColumnProfile, live: ColumnProfile) -> DriftResult:
    one, other = (Profile(each.rows, (each,)) for each in (reference, live))
    return detection.detect(
        [comparison.compare(one, other)], rules=DriftRules(persist=Persistence(1, 1))
    )


REFERENCE = column({"DE": 500, "FR": 480, CAFE: 20})


@pytest.mark.parametrize(
    ("others", "shown"),
    [
        ({"de": 480, "fr": 500, "Café": 20}, "'DE' became 'de'"),
        ({"DE ": 500, " FR": 480, CAFE: 20}, "'DE' became 'DE '"),
        ({"De": 250, "dE": 250, "FR\u00a0": 500}, "'DE' became 'De'"),
        ({"\uff24\uff25": 500, "FR\n": 500}, "'DE' became '\\uff24\\uff25'"),
    ],
)
def test_categories__in_other_letters_are_broken(others: dict[str, int], shown: str) -> None:
    result = judged(REFERENCE, column(dict.fromkeys(REFERENCE.values, 0), others))
    assert result.verdict is DriftStatus.BROKEN
    assert result.columns[0].measure.problem is ColumnProblem.SPELLING
    assert result.columns[0].sentence == f"has another spelling of the same values: {shown}"
    assert result.columns[0].measure.effect == pytest.approx(0, abs=0.03)


def test_categories__in_another_form_of_unicode_are_broken() -> None:
    result = judged(
        column({CAFE: 500, "bar": 500}), column({CAFE: 0, "bar": 500}, {DECOMPOSED: 500})
    )
    assert result.verdict is DriftStatus.BROKEN
    assert result.columns[0].sentence == (
        "has another spelling of the same values: 'caf\\xe9' became 'cafe\\u0301'"
    )


def test_half_of_the_rows_in_other_letters_are_broken() -> None:
    live = column({"DE": 250, "FR": 240, CAFE: 10}, {"de": 250, "fr": 250})
    assert judged(REFERENCE, live).verdict is DriftStatus.BROKEN


def test_a_reference_with_two_spellings__is_held_to_their_shares() -> None:
    mixed = column({"DE": 600, "FR": 300, "de": 100})
    clean = column({"DE": 0, "FR": 300, "de": 700})
    assert judged(mixed, column({"DE": 590, "FR": 300, "de": 110})).verdict is DriftStatus.STABLE
    result = judged(mixed, clean)
    assert (result.verdict, result.columns[0].measure.problem) == (
        DriftStatus.BROKEN,
        ColumnProblem.SPELLING,
    )
    assert "'DE' became 'de'" in result.columns[0].sentence


def test_few_rows_in_other_letters_are_the_same_word() -> None:
    live = column({"DE": 490, "FR": 480, CAFE: 20}, {"de": 10})
    result = judged(REFERENCE, live)
    assert (result.verdict, result.columns[0].measure.unseen) == (DriftStatus.STABLE, 0)


def test_new_words__are_drift_beside_other_letters() -> None:
    live = column({"DE": 490, "FR": 0, CAFE: 20}, {"de": 10, "IT": 480})
    result = judged(REFERENCE, live)
    assert result.verdict is DriftStatus.DRIFT
    assert "new: 'IT'; vanished: 'FR'" in result.columns[0].sentence


def test_a_long_tail_of_other_words_names_none_of_them_new() -> None:
    reference = replace(REFERENCE, rows=1_500, other=500)
    live = column({"DE": 490, "FR": 480, CAFE: 20}, {"de": 10, "IT": 500})
    assert judged(reference, live).columns[0].measure.unseen is None


@given(st.text(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), st.text(" \t\u00a0", max_size=3))
def test_a_text__folds_to_the_same_in_every_form(text: str, form: Form, blanks: str) -> None:
    assert text_variants.fold(unicodedata.normalize(form, text)) == text_variants.fold(text)
    assert text_variants.fold(f"{blanks}{text}{blanks}") == text_variants.fold(text)
    assert text_variants.fold(text_variants.fold(text)) == text_variants.fold(text)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 9), min_size=1))
def test_merged__loses_no_row(words: dict[str, int]) -> None:
    assert sum(text_variants.merge_counts(tuple(words), words.values())) == sum(words.values())
