"""The pictures of a report: ours first, the pipeline's own by name, and which are missing."""

from __future__ import annotations

from dataclasses import replace

from interlock import rendering
from interlock.domain.reporting import status_rules
from interlock.domain.reporting.model_status import ModelStatus
from interlock.rendering import details
from tests import report_cases as cases

PREFIX = "../blob/interlock-ledger/"


def status(pictures: dict[str, str], unshown: dict[str, str] | None = None) -> ModelStatus:
    verdict = replace(cases.verdict(), pictures=pictures, unshown=unshown or {})
    facts = cases.evaluated(verdict)
    (model_status,) = status_rules.report(cases.REQUEST, [facts]).models
    return model_status


def shown(model_status: ModelStatus, *, prefix: str = PREFIX, variant: int = 0) -> str:
    section = details.plots(model_status, lambda path: prefix and f"{prefix}{path}?raw=true")
    assert section is not None
    return section.variants[variant]


def test_plots__ours_come_first_and_others_under_their_names() -> None:
    model_status = status({"a/loss.csv": "p/d.png", "residuals": "p/r.png", "confusion": "p/c.png"})
    lines = [line for line in shown(model_status).splitlines() if line][1:-1]
    assert lines == [
        f'<img src="{PREFIX}p/c.png?raw=true" alt="confusion" width="720">',
        f'<img src="{PREFIX}p/r.png?raw=true" alt="residuals" width="720">',
        "`a/loss.csv`",
        f'<img src="{PREFIX}p/d.png?raw=true" alt="a/loss.csv" width="720">',
    ]


def test_plots__say_which_are_not_shown_also_where_no_picture_can_be() -> None:
    model_status = status({"confusion": "p/c.png"}, {"a.svg": "a .svg is not drawn"})
    for prefix in (PREFIX, ""):
        assert "Not shown:\n\n- `a.svg`: a `.svg` is not drawn" in shown(
            model_status, prefix=prefix
        )
    assert "<img" not in shown(model_status, prefix="")
    assert details.plots(status({"confusion": "p/c.png"}), lambda _: "") is None


def test_links__of_a_picture_in_the_ledger_and_on_its_own_branch() -> None:
    links = rendering.RecordLinks(ledger_branch="ledger", pictures_branch="pictures")
    old, new = "pictures/digits/1111/confusion.png", "2030-11/digits/1111/confusion.png"
    assert links.picture(old, prefix="../blob/") == f"../blob/ledger/{old}?raw=true"
    assert links.picture(new, prefix="../blob/") == f"../blob/pictures/{new}?raw=true"
    assert links.picture(new, prefix="") == ""


def test_plots__of_many_show_fewer_where_there_is_little_room() -> None:
    names = {f"p/{n:02d}.csv": f"p/{n}.png" for n in range(12)}
    model_status = status(names, {f"q/{n:02d}.csv": "too large" for n in range(30)})
    assert shown(model_status).count("<img") == 12
    assert "- …and 6 more" in shown(model_status)
    few = shown(model_status, variant=2)
    assert few.count("<img") == 3
    assert "…and 9 more." in few
    assert "- …and 27 more" in few
