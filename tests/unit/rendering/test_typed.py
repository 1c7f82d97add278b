"""Every command in a report has full commit ids, or none."""

from __future__ import annotations

import re

import pytest

from interlock import rendering
from interlock.domain.basics import commit_ids
from tests import report_cases

# What starts a training, accepts a verdict or is a revision for a verb of the command line.
TYPED = re.compile(r"(?:/interlock (?:train|accept)|--rev|git fetch origin|--detach) ([^\s`]+)")


@pytest.mark.parametrize("name", report_cases.CASES)
def test_lines_to_type__name_whole_commits(name: str) -> None:
    case = report_cases.CASES[name]()
    links, room = report_cases.LINKS, 1_000_000
    check = rendering.check_output(case.report, lock=case.lock, links=links)
    pages = (
        rendering.comment(case.report, lock=case.lock, links=links),
        rendering.step_summary(case.report, lock=case.lock, links=links, room_bytes=room),
        check.summary,
        check.text,
    )
    for page in pages:
        own, _, _ = page.partition("<summary>Commands:")
        for named in TYPED.findall(own):
            assert commit_ids.WHOLE.fullmatch(named) or named in {"<sha>", "HEAD"}


def test_lines_to_type__exist() -> None:
    text = rendering.comment(
        report_cases.CASES["inconclusive"]().report, lock=None, links=report_cases.LINKS
    )
    assert TYPED.findall(text)[0] == report_cases.HEAD
