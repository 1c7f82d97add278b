"""A window's picture is drawn once, and lies where comments can show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from interlock import errors
from interlock.domain.evaluation.chart_data import Charts
from interlock.domain.model.declared_plots import Plot
from interlock.domain.monitoring.monitoring_records import ColumnReport
from interlock.ports.plots import PlotSide
from interlock.services import drift_plots
from tests import drift_cases
from tests.fakes.ledger import FakeLedger

PATH = f"pictures/digits/{drift_cases.CHAMPION}/drift-20301105T000000Z.png"


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


def test_keep__draws_the_newest_window_once() -> None:
    ledger, pen = FakeLedger(), Pen()
    for _ in range(2):
        assert drift_plots.keep(ledger, drift_cases.drifting(), plots=lambda: pen) == PATH
    assert pen.drawn == ["age,income"]
    assert ledger.read_bytes(PATH) == b"age,income"
    assert ledger.appends == 1
    assert drift_plots.find(ledger, drift_cases.drifting()) == PATH


def test_find__a_plot_that_was_not_drawn() -> None:
    assert drift_plots.find(FakeLedger(), drift_cases.drifting()) == ""
    assert drift_plots.find(FakeLedger(), ()) == ""


def test_keep__nothing_moved() -> None:
    ledger, pen = FakeLedger(), Pen()
    assert drift_plots.keep(ledger, (drift_cases.window(1),), plots=lambda: pen) == ""
    assert drift_plots.keep(ledger, (), plots=lambda: pen) == ""
    assert (pen.drawn, ledger.appends) == ([], 0)


def test_keep__without_shares() -> None:
    *earlier, newest = drift_cases.drifting()
    bare = tuple(replace(column, shares=()) for column in newest.columns)
    reports = (*earlier, replace(newest, columns=bare))
    assert drift_plots.keep(FakeLedger(), reports, plots=Pen) == ""


class Raced(FakeLedger):
    """Somebody else writes the same path first, with other bytes or not at all."""

    theirs: bytes | None = b"theirs"

    def append(
        self,
        records: Mapping[str, Mapping[str, Any]],
        *,
        message: str,
        files: Mapping[str, bytes] | None = None,
    ) -> bool:
        if self.theirs is None:
            raise errors.LedgerBroken("it is no ledger")
        FakeLedger(self.origin).append({}, message="theirs", files={PATH: self.theirs})
        return super().append(records, message=message, files=files)


def test_keep__two_at_once_leave_one_picture() -> None:
    ledger = Raced()
    assert drift_plots.keep(ledger, drift_cases.drifting(), plots=Pen) == PATH
    assert ledger.read_bytes(PATH) == b"theirs"


def test_keep__a_ledger_that_is_broken() -> None:
    ledger = Raced()
    ledger.theirs = None
    with pytest.raises(errors.LedgerBroken):
        drift_plots.keep(ledger, drift_cases.drifting(), plots=Pen)


def test_url__is_below_the_prefix() -> None:
    prefix = "../blob/interlock-ledger/"
    assert drift_plots.url(PATH, prefix=prefix) == f"../blob/interlock-ledger/{PATH}?raw=true"
    assert drift_plots.url("", prefix=prefix) == ""
    assert drift_plots.url(PATH, prefix="") == ""
