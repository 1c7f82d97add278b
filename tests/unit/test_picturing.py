"""A window's picture is drawn once, and lies where comments can show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from interlock.domain.evaluation.chart_data import Charts
from interlock.domain.model.declared_plots import Plot
from interlock.domain.monitoring.monitoring_records import ColumnReport, DriftReport
from interlock.ports.plots import PlotSide
from interlock.services import drift_plots
from tests import drift_cases
from tests.fakes.pictures import FakePictures

PATH = f"2030-11/digits/{drift_cases.CHAMPION}/drift-20301105T000000Z.png"


class Pen:
    """Draws the names of the columns."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def draw(
        self, candidate: Charts, *, champion: Charts | None, names: tuple[str, str]
    ) -> dict[str, bytes]:
        return {}

    def draw_declared(self, plot: Plot, sides: Sequence[PlotSide]) -> bytes | str:
        return ""

    def draw_shares(self, columns: Sequence[ColumnReport]) -> bytes | None:
        self.drawn.append(",".join(column.name for column in columns))
        return self.drawn[-1].encode() or None


def keep(branch: FakePictures, *reports: DriftReport, pen: Pen | None = None) -> dict[str, str]:
    return drift_plots.keep(branch, {"digits": reports}, plots=lambda: pen or Pen())


def test_keep__draws_the_newest_window_once() -> None:
    branch, pen = FakePictures(), Pen()
    for _ in range(2):
        assert keep(branch, *drift_cases.drifting(), pen=pen) == {"digits": PATH}
    assert pen.drawn == ["age,income"]
    assert branch.files == {PATH: b"age,income"}
    assert branch.pushes == 1
    assert drift_plots.find(branch, drift_cases.drifting()) == PATH


def test_keep__stores_the_plots_of_all_models_at_once() -> None:
    branch = FakePictures()
    models = {
        name: [replace(each, model=name) for each in drift_cases.drifting()]
        for name in ("digits", "prices", "rates")
    }
    places = drift_plots.keep(branch, models, plots=Pen)
    assert set(places) == set(models)
    assert set(branch.files) == set(places.values())
    assert branch.pushes == 1


def test_find__a_plot_that_was_not_drawn() -> None:
    assert drift_plots.find(FakePictures(), drift_cases.drifting()) == ""
    assert drift_plots.find(FakePictures(), ()) == ""


def test_keep__nothing_moved() -> None:
    branch, pen = FakePictures(), Pen()
    assert keep(branch, drift_cases.window(1), pen=pen) == {}
    assert keep(branch, pen=pen) == {}
    assert (pen.drawn, branch.pushes) == ([], 0)


def test_keep__without_shares() -> None:
    *earlier, newest = drift_cases.drifting()
    bare = tuple(replace(column, shares=()) for column in newest.columns)
    assert keep(FakePictures(), *earlier, replace(newest, columns=bare)) == {}


def test_url__is_below_the_prefix() -> None:
    prefix = "../blob/interlock-pictures/"
    assert drift_plots.url(PATH, prefix=prefix) == f"../blob/interlock-pictures/{PATH}?raw=true"
    assert drift_plots.url("", prefix=prefix) == ""
    assert drift_plots.url(PATH, prefix="") == ""
