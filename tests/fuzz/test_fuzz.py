"""A short run of every target: INTERLOCK_FUZZ_SECONDS in all (120), from INTERLOCK_FUZZ_SEED."""

from __future__ import annotations

import os
import time

import pytest

from tests import fuzz
from tests.fuzz import driver

TARGETS = fuzz.targets()
SECONDS = float(os.environ.get("INTERLOCK_FUZZ_SECONDS", "120"))
SEED = os.environ.get("INTERLOCK_FUZZ_SEED") or str(int(time.time()))


@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_target__ends_as_every_command_may(name: str) -> None:
    tally = driver.Tally()
    share = SECONDS / len(TARGETS)
    faults = list(driver.run(TARGETS[name], seconds=share, seed=SEED, tally=tally))
    print(f"{name}, seed {SEED}: {tally}")
    assert tally.commands > 0
    assert not faults, "\n".join(map(str, faults))
