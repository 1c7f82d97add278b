"""The dashboard's body: what is read first, what fits, and that nothing in it is a command."""

from __future__ import annotations

import pytest

from interlock.domain.reporting.dashboard import DashboardFacts, arrange
from interlock.rendering import dashboard, limits
from tests import dashboard_cases
from tests.dashboard_cases import calm, shown


def test_body__of_problems_alone_is_not_all_well() -> None:
    body = dashboard.body(shown(calm("digits"), problems=("wine cannot be shown",)))
    assert body.startswith("⚠️ **1 model, none of which needs anybody. 1 problem, told below.**")


def tables(body: str) -> list[dict[str, list[str]]]:
    """The cells of each model, by its name, of what is seen and of what is folded away."""
    found: list[dict[str, list[str]]] = [{}, {}]
    for line in body.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == 6 and "**" in line:
            is_seen = not cells[0].startswith("**")
            found[not is_seen][cells[is_seen].strip("*`")] = cells[2 if is_seen else 1 :]
    return found


def test_body__says_first_who_needs_somebody() -> None:
    first = dashboard.body(shown()).splitlines()[0]
    said = "5 of 11 models need somebody: broken, drifting, fallen, never-run and stopped."
    assert first == f"⛔ **{said}**"


def test_body__all_calm() -> None:
    body = dashboard.body(shown(calm("digits"), calm("wine")))
    assert body.startswith("✅ **2 models, none of which needs anybody.**")
    assert body.endswith(f"\n\n{dashboard.MARKER}")


def test_body__of_no_model() -> None:
    body = dashboard.body(arrange(()))
    assert body.startswith("✅ **No model is shown.**")
    assert "| model |" not in body


def test_body__a_line_a_model_with_all_that_is_asked() -> None:
    seen, folded = tables(dashboard.body(shown()))
    assert len(seen) == len(folded) == 11
    assert seen["drifting"] == [
        "version\u00a02",
        '<code title="2 stable, 1 warning, 1 drift">▁▁▄█</code> drift',
        "#12",
        "`f1_macro` 0.985, better than version 1: +0.021 [+0.012, +0.031]",
    ]
    assert folded["drifting"] == [
        "2030-10-28 12:00",
        "`cccccccccccc`",
        "staging and production",
        "2030-11-05 06:00",
        "0.42 EUR",
    ]
    assert seen["unserved"] == ["–", "not watched", "–", "–"]
    assert folded["unserved"] == ["–"] * 5
    assert seen["held"][0] == "version\u00a02\u00a0📌"
    assert seen["new"][1] == "not seen yet"
    assert folded["new"][4] == "no rate"
    assert seen["fallen"][1].endswith("stable, by its labels drift")


def test_body__says_moments_as_they_are() -> None:
    assert "held by octocat since 2030-11-01 12:00: broken camera." in dashboard.body(shown())


def test_body__window_of_an_earlier_champion() -> None:
    seen, _ = tables(dashboard.body(shown(calm("digits", newest=None))))
    assert seen["digits"][1].endswith("</code> no window of it yet")


def many(count: int) -> list[DashboardFacts]:
    names = [f"a-model-with-a-name-of-forty-digits-{i:04d}" for i in range(count)]
    return [dashboard_cases.drifting(n) if i % 10 == 0 else calm(n) for i, n in enumerate(names)]


def test_body__a_hundred_models_fit_with_all_columns() -> None:
    body = dashboard.body(shown(*many(100)))
    assert limits.measure(body) <= limits.COMMENT == 65_536
    assert [len(table) for table in tables(body)] == [100, 100]
    assert "Shortened" not in body


@pytest.mark.parametrize("count", [200, 1_000])
def test_body__of_more_models_keeps_the_troubled(count: int) -> None:
    body = dashboard.body(shown(*many(count)))
    assert limits.measure(body) <= limits.COMMENT
    assert "Shortened to stay within GitHub's limit" in body
    assert next(iter(tables(body)[0])) == "a-model-with-a-name-of-forty-digits-0000"
    assert body.endswith(dashboard.MARKER)


def test_body__names_and_reasons_are_data() -> None:
    problem = "model-manifests/@octocat/model.yaml cannot be read: fixes #1 <img src=x>"
    body = dashboard.body(shown(dashboard_cases.held(), problems=(problem,)))
    assert "`model-manifests/@octocat/model.yaml`" in body
    assert "fixes `#1`" in body
    assert "<img" not in body
