"""The dashboard's body: its order, its limit, and inert text."""

from __future__ import annotations

import pytest

from interlock.domain.reporting.dashboard import DashboardFacts, arrange
from interlock.rendering import dashboard, limits
from tests import dashboard_cases
from tests.dashboard_cases import healthy, shown


def test_body__of_problems_alone_is_not_all_well() -> None:
    body = dashboard.body(shown(healthy("digits"), problems=("wine cannot be shown",)))
    assert body.startswith("⚠️ **1 model healthy. 1 problem, see below.**")


def tables(body: str) -> list[dict[str, list[str]]]:
    """The cells of each model by name: of the main table, then of the folded one."""
    cells_of: list[dict[str, list[str]]] = [{}, {}]
    for line in body.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == 6 and "**" in line:
            is_folded = cells[0].startswith("**")
            cells_of[is_folded][cells[not is_folded].strip("*`")] = cells[1 if is_folded else 2 :]
    return cells_of


def test_body__first_line_names_models_that_need_attention() -> None:
    first = dashboard.body(shown()).splitlines()[0]
    names = "5 of 11 models need attention: broken, drifting, fallen, never-run and stopped."
    assert first == f"⛔ **{names}**"


def test_body__all_healthy() -> None:
    body = dashboard.body(shown(healthy("digits"), healthy("wine")))
    assert body.startswith("✅ **All 2 models healthy.**")
    assert body.endswith(f"\n\n{dashboard.MARKER}")


def test_body__of_no_model() -> None:
    body = dashboard.body(arrange(()))
    assert body.startswith("✅ **No models.**")
    assert "| Model |" not in body


def test_body__a_row_for_each_model() -> None:
    shown_cells, folded = tables(dashboard.body(shown()))
    assert len(shown_cells) == len(folded) == 11
    assert shown_cells["drifting"] == [
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
    assert shown_cells["not-deployed"] == ["–", "not monitored", "–", "–"]
    assert folded["not-deployed"] == ["–"] * 5
    assert shown_cells["held"][0] == "version\u00a02\u00a0📌"
    assert shown_cells["new"][1] == "not evaluated yet"
    assert folded["new"][4] == "no rate"
    assert shown_cells["fallen"][1].endswith("stable, performance drift")


def test_body__shows_times_as_text() -> None:
    assert "held by octocat since 2030-11-01 12:00: broken camera." in dashboard.body(shown())


def test_body__window_of_an_earlier_champion() -> None:
    shown_cells, _ = tables(dashboard.body(shown(healthy("digits", newest=None))))
    assert shown_cells["digits"][1].endswith("</code> no window of this version yet")


def many(count: int) -> list[DashboardFacts]:
    names = [f"a-model-with-a-name-of-forty-digits-{i:04d}" for i in range(count)]
    return [dashboard_cases.drifting(n) if i % 10 == 0 else healthy(n) for i, n in enumerate(names)]


def test_body__a_hundred_models_fit_with_all_columns() -> None:
    body = dashboard.body(shown(*many(100)))
    assert limits.measure(body) <= limits.COMMENT == 65_536
    assert [len(table) for table in tables(body)] == [100, 100]
    assert "Shortened" not in body


@pytest.mark.parametrize("count", [200, 1_000])
def test_body__of_more_models_keeps_the_worst(count: int) -> None:
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
