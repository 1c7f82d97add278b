"""What `monitor` draws: the newest window that moved, once, and after its record alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from interlock import errors
from interlock.commands import monitor
from interlock.commands.monitor import MonitoredModel
from tests import monitored
from tests.fakes.pictures import FakePictures
from tests.monitored import rows
from tests.unit.test_picturing import Pen


@pytest.fixture
def shop(tmp_path: Path) -> monitored.MonitoredShop:
    return monitored.MonitoredShop(tmp_path).begin()


def watch(shop: monitored.MonitoredShop, day: int, pen: Pen) -> MonitoredModel:
    world = replace(shop.world(), plots=lambda: pen)
    now = monitored.start(day + 1) + 3600
    (done,) = monitor.run(world, monitor.MonitorOptions(revision="HEAD", now=now)).models
    return done


def test_monitor__draws_what_moved_and_once(shop: monitored.MonitoredShop) -> None:
    pen = Pen()
    shop.day(1)
    assert watch(shop, 1, pen).picture == ""
    shop.day(2, rows(seed=2, shift=1.0))
    reports = [watch(shop, 2, pen) for _ in range(2)]
    (place,) = {each.picture for each in reports}
    assert place == f"2018-11/digits/{reports[0].champion}/drift-20181103T000000Z.png"
    assert isinstance(shop.pictures, FakePictures)
    assert shop.pictures.files == {place: b"age"}
    assert pen.drawn == ["age"]


def test_monitor__without_a_picture_returns_the_same_result(shop: monitored.MonitoredShop) -> None:
    shop.day(1, rows(seed=1, shift=1.0))
    shop.pictures = FakePictures(fault=errors.CannotReachGit("origin is out of reach"))
    result = watch(shop, 1, Pen())
    assert (result.state, result.picture) == (monitor.MonitorOutcome.WARNING, "")
    assert len(result.windows) == len(shop.reports()) == 1
