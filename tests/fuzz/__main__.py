"""`python -m tests.fuzz [TARGET …] [--seconds N] [--seed WORD] [--case SEED [--keep FOLDER]]`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests import fuzz
from tests.fuzz import driver


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=fuzz.__doc__)
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="all of them when none is named"
    )
    parser.add_argument(
        "--seconds", type=float, default=120.0, help="in all, shared by the targets"
    )
    parser.add_argument("--seed", default=str(int(time.time())), help="the time when none is given")
    parser.add_argument("--case", metavar="SEED", help="repeat one case of one target")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave its files here")
    namespace = parser.parse_args()
    known = fuzz.targets()
    names = namespace.targets or sorted(known)
    number = 0
    for name in names:
        tally = driver.Tally()
        if namespace.case:
            known[name].warm()
            faults = iter(
                driver.run_case(known[name], seed=namespace.case, tally=tally, keep=namespace.keep)
            )
        else:
            share = namespace.seconds / len(names)
            faults = driver.run(known[name], seconds=share, seed=namespace.seed, tally=tally)
        for fault in faults:
            number += 1
            print(fault, flush=True)
        print(f"{name}: {tally}", flush=True)
    return int(number > 0)


if __name__ == "__main__":
    sys.exit(main())
