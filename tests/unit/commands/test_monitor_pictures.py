"""What `monitor` draws: the newest window that moved, once, and after its record alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interlock import errors
from interlock.commands import monitor
from interlock.commands.monitor import MonitoredModel
from tests import monitored
from tests.fakes.ledger import FakeLedger
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
    assert place == f"pictures/digits/{reports[0].champion}/drift-20181103T000000Z.png"
    assert shop.ledger.read_bytes(place) == b"age"
    assert pen.drawn == ["age"]


class NoPictures(FakeLedger):
    """A ledger that takes records, and is out of reach for files."""

    def append(
        self,
        records: Mapping[str, Mapping[str, Any]],
        *,
        message: str,
        files: Mapping[str, bytes] | None = None,
    ) -> bool:
        if files:
            raise errors.CannotReachGit("origin is out of reach")
        return super().append(records, message=message, files=files)


def test_monitor__without_a_picture_returns_the_same_result(shop: monitored.MonitoredShop) -> None:
    shop.day(1, rows(seed=1, shift=1.0))
    assert isinstance(shop.ledger, FakeLedger)
    shop.ledger = NoPictures(shop.ledger.origin)
    result = watch(shop, 1, Pen())
    assert (result.state, result.picture) == (monitor.MonitorOutcome.WARNING, "")
    assert len(result.windows) == len(shop.reports()) == 1
