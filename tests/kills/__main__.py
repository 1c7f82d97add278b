"""`python -m tests.kills --kills 300`: so many kills, spread over the verbs; what differed.

With `--full` a disk is full at random moments instead.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.kills import killing


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--full", action="store_true", help="fill disks instead of killing")
    parser.add_argument("--show", action="store_true", help="print what each verb says unkilled")
    parser.add_argument("verbs", nargs="*", metavar="VERB")
    words = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="kills-") as folder,
        killing.Warm.started() as warm,
        killing.prepared(Path(folder), warm) as world,
    ):
        if words.verbs:
            world.cases = [case for case in world.cases if case.verb.name in words.verbs]
        for case in world.cases:
            print(f"{case}: {case.seconds:.2f} s, exit {case.codes}, left {case.left}", flush=True)
            if words.show:
                print(case.output, flush=True)
        return _run(world, words)


def _run(world: killing.Killing, words: argparse.Namespace) -> int:
    chance, end = random.Random(words.seed), time.monotonic() + words.seconds
    done: Counter[str] = Counter()
    late: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    print(f"seed {words.seed}", flush=True)
    act = world.fill if words.full else world.kill
    number = 0
    while done.total() < words.kills and time.monotonic() < end:
        case = world.cases[number % len(world.cases)]
        number += 1
        differences = act(case, chance)
        (late if differences is None else done)[case.verb.name] += 1
        print(
            f"{number}, {case}: {'too late' if differences is None else len(differences)}",
            flush=True,
        )
        for line in differences or []:
            print(f"  {line}", flush=True)
        faults[case.verb.name] += bool(differences)
    for name in sorted({*done, *late}):
        print(f"{name}: {done[name]} done, {late[name]} too late, {faults[name]} ended elsewhere")
    print(f"{done.total()} in all, {faults.total()} ended elsewhere", flush=True)
    return int(bool(faults.total()))


if __name__ == "__main__":
    sys.exit(main())
