"""A short run of every target: INTERLOCK_FUZZ_SECONDS in all (60), from INTERLOCK_FUZZ_SEED.

The seed is the same in every run unless one is given: a change fails for what it brings, and
`python -m tests.fuzz` searches new cases every day: its seed is the time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests import fuzz

TARGETS = fuzz.targets()
SECONDS = float(os.environ.get("INTERLOCK_FUZZ_SECONDS", "60"))
SEED = os.environ.get("INTERLOCK_FUZZ_SEED") or "1"


@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_target__ends_as_every_command_may(name: str) -> None:
    # In a process of its own: a fork of one that has run threads may wait for them for ever.
    share = str(SECONDS / len(TARGETS))
    command = [sys.executable, "-m", "tests.fuzz", name, "--seconds", share, "--seed", SEED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert re.search(r"\b[1-9][0-9]* commands", done.stdout), done.stdout
    assert done.returncode == 0, done.stdout + done.stderr
