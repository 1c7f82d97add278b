"""In a partial clone, records are fetched for all models at once and not one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from interlock.ledger import prefetch
from tests.fakes.ledger import FakeLedger
from tests.monitored import LABELS, WATCH, MonitoredShop


class PartialClone(FakeLedger):
    """Counts the requests to origin: one for each read of records that are not here."""

    def __init__(self, *arguments: Any) -> None:
        self.requests = 0
        self.local: set[str] = set()
        super().__init__(*arguments)

    def read(self, path: str) -> dict[str, Any] | None:
        self._fetch([path])
        return super().read(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, dict[str, Any]]:
        wanted = tuple(paths)
        self._fetch(wanted)
        return super().read_many(wanted)

    def _fetch(self, paths: Iterable[str]) -> None:
        missing = {path for path in paths if self.read_bytes(path) is not None} - self.local
        self.requests += bool(missing)
        self.local |= missing


def shop_with(folder: Path, models: int) -> MonitoredShop:
    """Models with windows and labels on twenty days."""
    folder.mkdir()
    shop = MonitoredShop(folder)
    for number in range(models):
        shop.begin(WATCH, LABELS, model=f"digits{number}")
    for day in range(1, 21):
        shop.day(day)
        shop.label(day)
    shop.watch(1)
    shop.watch(20)
    return shop


def test_monitor__makes_the_same_requests_for_any_number_of_models(tmp_path: Path) -> None:
    requests: list[list[int]] = []
    for models in (1, 3):
        shop = shop_with(tmp_path / str(models), models)
        assert isinstance(shop.ledger, FakeLedger)
        origin = shop.ledger.origin
        shop.day(21)
        requests.append([])
        for day in (20, 21):  # nothing is due, and then one window
            clone = PartialClone(origin)
            shop.ledger = clone
            shop.watch(day)
            requests[-1].append(clone.requests)
    assert requests[0] == requests[1]
    assert max(requests[0]) <= 3


def test_newest__leaves_a_record_that_cannot_be_read_to_its_reader() -> None:
    ledger = PartialClone()
    ledger.append({"promotions/digits/odd.json": {"schema": "interlock/odd/v1"}}, message="Odd")
    ledger.append({"drift/faces/20300101T000000Z-x.json": {}}, message="Odd")
    prefetch.newest(ledger, ("digits", "faces"), windows=1, labelled=1)
