"""`interlock init` on thirteen layouts: a report and two promotions, and no edit of its files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from interlock.domain.training.plan import Decision
from tests.adoption import cycle, layouts
from tests.adoption.cycle import BRANCH, Adopter
from tests.adoption.repository import Layout

NOTHING = "nothing to add: this repository uses Interlock"


@pytest.mark.parametrize("layout", layouts.ALL, ids=lambda layout: layout.name)
def test_init__leads_to_reports_and_promotions(
    layout: Layout, tmp_path: Path, programs: Path, record_property: Callable[[str, str], None]
) -> None:
    with cycle.opened(tmp_path, layout, programs) as adopter:
        adopt(adopter)
        assert adopter.second_init() == NOTHING
        change(adopter)
    record_property("layout", layout.name)
    record_property("commands by hand", str(len(layout.by_hand)))
    record_property("to do", str(adopter.to_do))
    record_property("minutes to the first report", f"{adopter.seconds / 60:.1f}")


def adopt(adopter: Adopter) -> None:
    results = adopter.adopt()
    assert adopter.to_do == adopter.layout.to_do, adopter.printed
    assert results.decisions == adopter.all_models(Decision.TRAIN), adopter.printed
    assert adopter.is_green(BRANCH), adopter.story(BRANCH)
    assert not adopter.merge(BRANCH).trained
    assert adopter.is_deployed(1), adopter.story(BRANCH)


def change(adopter: Adopter) -> None:
    results = adopter.change()
    assert results.decisions == adopter.all_models(Decision.TRAIN)
    assert adopter.is_green("change"), adopter.story("change")
    assert not adopter.merge("change").trained
    assert adopter.is_deployed(2), adopter.story("change")


def test_layouts__need_work_by_hand_in_one_case() -> None:
    assert len(layouts.ALL) >= 10
    by_hand = [layout.name for layout in layouts.ALL if layout.by_hand]
    with_to_do = [layout.name for layout in layouts.ALL if layout.to_do]
    assert by_hand == ["a program without DVC"]
    assert with_to_do == ["a program without DVC", "no metric at all"]
    assert max(layout.to_do for layout in layouts.ALL) == 1
