"""Print the whole table of costs: `python -m tests.benchmarks [--small] [SUBJECT ...]`.

A subject is a module of this folder; by default all of them. Each row is also printed as soon as it
is measured, on standard error.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterable, Iterator

from tests.benchmarks import table
from tests.benchmarks.table import Row

SUBJECTS = (
    "plan",
    "validate",
    "evaluate",
    "report",
    "promote",
    "monitored_models",
    "ledger",
    "ledger_store",
    "verification",
    "provenance",
    "jobs",
    "demo",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(SUBJECTS))
    parser.add_argument("--small", action="store_true", help="small inputs, to try the benchmarks")
    wanted = parser.parse_args()
    print(table.text(_rows(wanted.subjects or SUBJECTS, small=wanted.small)))


def _rows(subjects: Iterable[str], *, small: bool) -> Iterator[Row]:
    for subject in subjects:
        print(f"{subject} …", file=sys.stderr, flush=True)
        for row in importlib.import_module(f"tests.benchmarks.{subject}").rows(small=small):
            print(table.line(row), file=sys.stderr, flush=True)
            yield row


if __name__ == "__main__":
    main()
