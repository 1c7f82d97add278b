"""Commands and holds in a comment: shown, without markup of users."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock import rendering
from interlock.domain.reporting.model_status import Report
from tests import report_cases
from tests.unit.rendering.test_escape import GFM, NOTICED, OURS, PAYLOADS, walk


def visible_text(report: Report) -> str:
    text = rendering.comment(report, lock=None, links=report_cases.LINKS)
    return text[: text.index(rendering.MARKER)]


def test_comment__lists_commands_newest_first() -> None:
    text = visible_text(report_cases.with_commands().report)
    _, _, folded = text.partition("<details><summary>Commands: 2</summary>")
    hold, train = folded.index("holds version 1"), folded.index("the head is")
    assert hold < train
    assert "`/interlock train 1234567` did nothing: the head is" in folded
    assert "`/interlock accept <sha> <reason>`" in folded


def test_comment__has_the_hold_before_the_effect_of_merging() -> None:
    text = visible_text(report_cases.with_commands().report)
    hold_line = (
        "On hold by octocat since 2030-01-02 09:30: broken camera. Release it with the comment"
    )
    assert text.index(hold_line) < text.index("Merging promotes nothing")


def test_comment__drops_the_oldest_commands_first() -> None:
    report = report_cases.with_commands().report
    many = replace(report, commands=report.commands * 500)
    text = rendering.comment(many, lock=None, links=report_cases.LINKS)
    assert "Commands: 1,000" in text
    assert "…and 900 more" in text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_comment__with_a_payload_in_a_command_has_only_our_markup(payload: str) -> None:
    report = report_cases.with_commands().report
    (status,) = report.models
    assert status.facts.hold is not None
    hold = replace(status.facts.hold, by=payload, reason=payload, at=payload)
    commands = tuple(
        replace(each, by=payload, text=payload, sentence=payload, at=payload)
        for each in report.commands
    )
    status = replace(status, facts=replace(status.facts, hold=hold))
    tokens = walk(GFM.parse(visible_text(replace(report, models=(status,), commands=commands))))
    assert not [t for t in tokens if t.type in {"link_open", "image", "heading_open", "hr"}]
    for token in tokens:
        if token.type in {"html_block", "html_inline"}:
            assert "<" not in OURS.sub("", token.content)
    words = " ".join(t.content for t in tokens if t.type == "text")
    assert not NOTICED.search(words)
