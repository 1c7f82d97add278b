"""The Python of a program, and the packages that it lacks."""

from __future__ import annotations

import pytest

from interlock.domain.doctor import python_lines
from interlock.domain.doctor.line import Mark


@pytest.mark.parametrize(
    ("version", "wanted", "mark", "sentence"),
    [
        ("3.12.1", "ab", Mark.OK, "Python 3.12.1 with 2 packages"),
        ("3.12.1", "acd", Mark.WRONG, "Python 3.12.1 has no c, d"),
        ("3.12.1", "hgfedc", Mark.WRONG, "Python 3.12.1 has no c, d, e, f, g and 1 more"),
        ("", "ab", Mark.WRONG, "the Python of the program does not start on this machine"),
    ],
)
def test_line(version: str, wanted: str, mark: Mark, sentence: str) -> None:
    line = python_lines.line("m", is_python=True, version=version, packages="ab", wanted=wanted)
    assert (line.name, line.mark, line.sentence) == ("python of m", mark, sentence)


def test_line__of_another_language_is_unknown() -> None:
    line = python_lines.line("m", is_python=False, version="3.12.1", packages="", wanted="")
    assert line.mark is Mark.UNKNOWN
