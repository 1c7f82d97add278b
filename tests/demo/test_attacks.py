"""Every attack fails, with jobs in this process: one story, a test for each of its chapters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from interlock.demo.results import Assertion
from tests import attack_stage, attacks


@dataclass
class Story:
    """Goes on where the test before has left it."""

    chapters: Iterator[tuple[str, list[Assertion]]]
    done: dict[str, list[Assertion]] = field(default_factory=dict)

    def chapter(self, title: str) -> list[Assertion]:
        while title not in self.done:
            name, assertions = next(self.chapters)
            self.done[name] = assertions
        return self.done[title]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("attacks").resolve()
    with contextlib.closing(attack_stage.run(folder)) as chapters:
        yield Story(chapters)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("title", attacks.STEPS)
def test_attacks__fail(story: Story, title: str) -> None:
    assertions = story.chapter(title)
    assert assertions
    assert [each.sentence for each in assertions if not each.passed] == []
