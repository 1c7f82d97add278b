"""What a text says of itself, written and read back; whatever people make of it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.monitoring.monitoring_records import Cause
from interlock.domain.retraining import hidden_marks
from interlock.domain.retraining.retraining_facts import HiddenMark
from tests.retrain_cases import mark

MARKS = st.builds(
    mark, st.integers(0, 400), st.sampled_from(Cause), st.floats(0, 1e9, allow_nan=False)
)


@given(MARKS, st.text(max_size=50))
def test_mark__is_read_back_from_any_text(written: HiddenMark, around: str) -> None:
    text = f"{around}\n{hidden_marks.write('retrain', 'digits', written)}\n{around}"
    assert hidden_marks.opening("retrain", "digits") in text
    assert hidden_marks.read(text, kind="retrain", model="digits") == written
    assert hidden_marks.read(text, kind="retrain", model="digit") is None
    assert hidden_marks.read(text, kind="data", model="digits") is None


@given(st.text(max_size=200))
def test_mark__of_any_text_is_none_and_not_an_error(text: str) -> None:
    assert hidden_marks.read(text, kind="retrain", model="digits") is None


@pytest.mark.parametrize(
    "inside",
    [
        "{}",
        "{broken}",
        '{"cause": "boredom", "window_end": "", "severity": 1, "reference": ""}',
        '{"cause": "none", "window_end": "noon", "severity": 1, "reference": ""}',
        '{"cause": "none", "window_end": "", "severity": -1, "reference": ""}',
        '{"cause": "none", "window_end": "", "severity": NaN, "reference": ""}',
        '{"cause": "none", "window_end": "", "severity": 1, "reference": "--> <script>"}',
        '{"cause": "none", "window_end": "", "severity": null, "reference": ""}',
    ],
)
def test_mark__that_was_edited_is_none(inside: str) -> None:
    text = f"<!-- interlock:retrain digits {inside} -->"
    assert hidden_marks.read(text, kind="retrain", model="digits") is None


@pytest.mark.parametrize(("severity", "kept"), [(math.inf, 1e9), (math.nan, 0.0), (-1.0, 0.0)])
def test_mark__limits_a_severity_that_json_lacks(severity: float, kept: float) -> None:
    text = hidden_marks.write("data", "digits", mark(severity=severity))
    read = hidden_marks.read(text, kind="data", model="digits")
    assert read is not None
    assert read.severity == kept
