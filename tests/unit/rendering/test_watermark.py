"""CML's watermark, byte for byte as CML writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import rendering
from interlock.rendering import watermark
from tests import report_cases

# What CML says that it makes of a report: iterative/cml, src/watermark.test.js.
PLAIN = 'some report\n\n![](https://cml.dev/watermark.png#deadbeef "CML watermark")'
LABELLED = 'some report\n\n![](https://cml.dev/watermark.png#deadbeef "CML watermark some-label")'
# How it escapes a title: iterative/cml, src/watermark.js.
ESCAPED = r'![](https://cml.dev/watermark.png#deadbeef "CML watermark a\_b\*c\[d]\<e>")'


@pytest.mark.parametrize(("label", "whole"), [("", PLAIN), ("some-label", LABELLED)])
def test_line__is_cmls(label: str, whole: str) -> None:
    assert f"some report\n\n{watermark.line('deadbeef', label=label)}" == whole
    assert watermark.remove(whole) == "some report"
    assert whole.endswith(watermark.end(label))


def test_line__escapes_as_cml_does() -> None:
    assert watermark.line("deadbeef", label="a_b*c[d]<e>") == ESCAPED


@pytest.mark.parametrize("label", ["", "models_{workflow}"])
def test_comment__ends_with_the_watermark(label: str) -> None:
    case = report_cases.CASES["gates-pass"]()
    links = rendering.RecordLinks(
        ledger_branch="interlock-ledger", cml_label=label, has_watermark=True
    )
    text = rendering.comment(case.report, lock=case.lock, links=links)
    head = case.report.request.head
    assert text.endswith(f"\n\n{watermark.line(head, label=label)}")
    assert f"\n\n{rendering.MARKER}\n\n" in text


def test_comment__without_cml_has_no_watermark() -> None:
    case = report_cases.CASES["gates-pass"]()
    links = rendering.RecordLinks(ledger_branch="interlock-ledger", cml_label="models")
    text = rendering.comment(case.report, lock=case.lock, links=links)
    assert text.endswith(f"\n\n{rendering.MARKER}")
    assert watermark.end("models") not in text


@given(st.text(), st.text(alphabet="0123456789abcdef", min_size=1))
def test_remove__takes_the_watermark_and_nothing_else(text: str, commit: str) -> None:
    marked = f"{text}\n\n{watermark.line(commit)}"
    assert watermark.remove(marked) == text
    assert watermark.commit(marked) == commit


@pytest.mark.parametrize("text", ["", "a report", PLAIN + " and more", PLAIN[len("some ") :][7:]])
def test_remove__leaves_what_bears_none_at_its_end(text: str) -> None:
    assert watermark.remove(text) == text
    assert watermark.commit(text) == ""
