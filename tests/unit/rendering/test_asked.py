"""What people asked for and what they hold, in the comment: told, and never markup of theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock import rendering
from interlock.domain.reporting.model_status import Report
from tests import report_cases
from tests.unit.rendering.test_escape import GFM, NOTICED, OURS, PAYLOADS, walk


def said(report: Report) -> str:
    text = rendering.comment(report, lock=None, links=report_cases.LINKS)
    return text[: text.index(rendering.MARKER)]


def test_comment__tells_what_was_asked_the_newest_first() -> None:
    text = said(report_cases.with_commands().report)
    _, _, folded = text.partition("<details><summary>Commands: 2</summary>")
    hold, train = folded.index("holds version 1"), folded.index("the head is")
    assert hold < train
    assert "`/interlock train 1234567` did nothing: the head is" in folded
    assert "`/interlock accept <sha> <reason>`" in folded


def test_comment__tells_the_hold_above_what_merging_does() -> None:
    text = said(report_cases.with_commands().report)
    held = "On hold by octocat since 2030-01-02 09:30: broken camera. Release it with the comment"
    assert text.index(held) < text.index("Merging promotes nothing")


def test_comment__of_more_than_there_is_room_for_drops_the_oldest() -> None:
    report = report_cases.with_commands().report
    many = replace(report, commands=report.commands * 500)
    text = rendering.comment(many, lock=None, links=report_cases.LINKS)
    assert "Commands: 1,000" in text
    assert "…and 900 more" in text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_comment__with_a_payload_in_a_command_holds_our_markup_alone(payload: str) -> None:
    report = report_cases.with_commands().report
    (status,) = report.models
    assert status.facts.hold is not None
    hold = replace(status.facts.hold, by=payload, reason=payload, at=payload)
    asked = tuple(
        replace(each, by=payload, text=payload, sentence=payload, at=payload)
        for each in report.commands
    )
    status = replace(status, facts=replace(status.facts, hold=hold))
    found = walk(GFM.parse(said(replace(report, models=(status,), commands=asked))))
    assert not [t for t in found if t.type in {"link_open", "image", "heading_open", "hr"}]
    for token in found:
        if token.type in {"html_block", "html_inline"}:
            assert "<" not in OURS.sub("", token.content)
    words = " ".join(t.content for t in found if t.type == "text")
    assert not NOTICED.search(words)
