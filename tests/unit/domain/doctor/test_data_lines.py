"""The data of a DVC repository, step by step until one fails."""

from __future__ import annotations

import dataclasses

import pytest

from interlock.domain.doctor import data_lines
from interlock.domain.doctor.data_lines import DataFacts
from interlock.domain.doctor.line import Mark, SettingCheck

WHOLE = DataFacts("", url="s3://acme/dvc", files=7, writes=True)


def last(**changes: object) -> SettingCheck:
    """Return the last line of a repository that differs from the whole one in `changes`."""
    *_, line = data_lines.lines(dataclasses.replace(WHOLE, **changes))  # type: ignore[arg-type]
    return line


def test_lines__of_a_repository_that_is_whole() -> None:
    lines = list(data_lines.lines(dataclasses.replace(WHOLE, folder="ner")))
    names = ["DVC in ner", "remote in ner", "write to the remote in ner", "data in ner"]
    assert [each.name for each in lines] == names
    assert {each.mark for each in lines} == {Mark.OK}
    assert lines[-1].sentence == "the remote has 7 files of HEAD"


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        ("DVC", {"load_error": "dvc.yaml is no YAML"}, "dvc.yaml is no YAML"),
        ("remote", {"url": ""}, "there is no default remote"),
        ("remote", {"read_error": "403"}, "s3://acme/dvc cannot be read: 403"),
    ],
)
def test_lines__no_step_is_tried_after_one_that_failed(
    name: str, changes: dict[str, object], sentence: str
) -> None:
    line = last(**changes)
    assert (line.name, line.mark, line.sentence) == (name, Mark.WRONG, sentence)


def test_lines__a_write_is_unknown_until_it_was_tried() -> None:
    for writes, mark in ((None, Mark.UNKNOWN), (True, Mark.OK), (False, Mark.WRONG)):
        facts = dataclasses.replace(WHOLE, writes=writes, write_error="read only")
        (write,) = (each for each in data_lines.lines(facts) if each.name.startswith("write"))
        assert write.mark is mark
        assert (write.sentence == "read only") is (writes is False)


def test_lines__missing_files_come_before_files_to_push() -> None:
    assert last(unpushed=("a", "b")).sentence == "not in the remote: a, b"
    both = last(missing=("a", "b", "c", "d"), unpushed=("e",))
    assert (both.mark, both.sentence) == (Mark.WRONG, "in no place: a, b, c and 1 more")
