"""The clock of a machine beside those of servers."""

from __future__ import annotations

import pytest

from interlock.domain.doctor import clock_lines
from interlock.domain.doctor.line import Mark


@pytest.mark.parametrize(
    ("seconds", "mark", "words"),
    [(0.4, Mark.OK, "agrees"), (-29, Mark.OK, "agrees"), (61, Mark.WRONG, "61 seconds ahead of")],
)
def test_lines__of_a_server(seconds: float, mark: Mark, words: str) -> None:
    (line,) = clock_lines.lines([("https://example.com", seconds)])
    assert (line.mark, words in line.sentence) == (mark, True)


def test_lines__of_no_server() -> None:
    assert [line.mark for line in clock_lines.lines([])] == [Mark.UNKNOWN]
