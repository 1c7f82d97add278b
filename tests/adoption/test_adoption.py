"""`interlock init` on ten layouts: the first report, and a promotion, without an edit by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.domain.training.plan import Decision
from tests.adoption import cycle, layouts
from tests.adoption.cycle import BRANCH
from tests.adoption.repository import Layout

NOTHING = "nothing to add: this repository uses Interlock"


@pytest.mark.parametrize("layout", layouts.ALL, ids=lambda layout: layout.name)
def test_init__leads_to_reports_and_promotions(
    layout: Layout, tmp_path: Path, programs: Path
) -> None:
    with cycle.opened(tmp_path, layout, programs) as adopter:
        first = adopter.adopt()
        assert adopter.to_do == layout.to_do, adopter.printed
        assert first.decisions == adopter.all_models(Decision.TRAIN), adopter.printed
        assert adopter.is_green(BRANCH), adopter.comment(BRANCH)
        assert not adopter.merge(BRANCH).trained
        assert adopter.is_deployed(1), adopter.lines
        assert adopter.second_init() == NOTHING

        changed = adopter.change()
        assert set(changed.decisions) == set(layout.models)
        assert adopter.is_green("change"), adopter.comment("change")
        assert not adopter.merge("change").trained
        assert adopter.is_deployed(2), adopter.lines
    print(f"{layout.name}: {adopter.seconds:.0f} s")
