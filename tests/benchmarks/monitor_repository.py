"""Cost of `monitor` in a repository: `python -m tests.benchmarks.monitor_repository [--models 50]`.

Real Git and files; the ledger is a local branch. Prints seconds for a model's first look (its
reference of so many rows is reduced to a profile), for one new window of 10,000 rows, for the same
after a year of daily windows, for nothing due, and for many models with nothing due.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from interlock import documents
from interlock.adapters.ledger import GitLedger
from interlock.domain.basics import timestamps
from interlock.ledger import lookup
from tests import monitored
from tests.monitored import WATCH

_COLUMNS, _NEW, _YEAR = 20, 10_000, 365
_REFERENCE = "  reference: ../../data/reference.parquet\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--models", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _one(Path(folder) / "one", rows=options.rows)
        _many(Path(folder) / "many", count=options.models)


def _one(folder: Path, *, rows: int) -> None:
    folder.mkdir()
    shop = monitored.MonitoredShop(folder)
    shop.lay_out(WATCH + _REFERENCE)
    shop.ledger = GitLedger(shop.repository)
    shop.serve()
    (shop.checkout / "data").mkdir()
    _frame(rows, seed=0).write_parquet(shop.checkout / "data/reference.parquet")
    shop.day(1, _frame(_NEW, seed=1))
    shop.day(2, _frame(_NEW, seed=2))
    _tell(f"first look, {rows:,} × {_COLUMNS} of reference", lambda: shop.watch(1))
    _tell(f"a new window, {_NEW:,} × {_COLUMNS}", lambda: shop.watch(2))
    _age(shop)
    shop.day(_YEAR + 1, _frame(_NEW, seed=3))
    _tell("the same, after a year of windows", lambda: shop.watch(_YEAR + 1))
    _tell("nothing due", lambda: shop.watch(_YEAR + 1))
    path = shop.ledger.list("drift/digits")[-1]
    size = len(shop.ledger.read_bytes(path) or b"")
    print(f"a window's record: {size:,} bytes")


def _age(shop: monitored.MonitoredShop) -> None:
    """Have had a window on each day of a year, as the last one was."""
    newest = shop.reports()[-1]
    aged = [
        replace(
            newest,
            start=timestamps.write(monitored.start(day)),
            end=timestamps.write(monitored.start(day + 1)),
        )
        for day in range(3, _YEAR + 1)
    ]
    records = {lookup.path_of(report): documents.dump(report) for report in aged}
    shop.ledger.append(records, message="A year")


def _many(folder: Path, *, count: int) -> None:
    folder.mkdir()
    shop = monitored.MonitoredShop(folder)
    names = [f"model-{number:03}" for number in range(count)]
    for name in names:
        shop.lay_out(model=name)
    shop.ledger = GitLedger(shop.repository)
    for name in names:
        shop.serve(model=name)
    shop.day(1)
    _tell(f"{count} models, first look", lambda: shop.watch(1))
    _tell(f"{count} models, nothing due", lambda: shop.watch(1))


def _frame(rows: int, *, seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    answers = {"prediction": chance.choice(list("abc"), rows)}
    numbers = {f"c{place}": chance.normal(size=rows) for place in range(_COLUMNS - 1)}
    return pl.DataFrame(answers | numbers)


def _tell(what: str, look: Callable[[], object]) -> None:
    start = time.perf_counter()
    look()
    print(f"{what}: {time.perf_counter() - start:.2f} s", flush=True)


if __name__ == "__main__":
    main()
