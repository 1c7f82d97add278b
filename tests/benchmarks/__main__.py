"""Print the whole table of costs: `python -m tests.benchmarks [--small] [SUBJECT ...]`.

A subject is a module of this folder with `rows(small)`; by default all of them.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType

from tests import benchmarks
from tests.benchmarks import table
from tests.benchmarks.table import Row


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("subjects", nargs="*")
    parser.add_argument("--small", action="store_true", help="small inputs, to try the benchmarks")
    wanted = parser.parse_args()
    print(table.text(_rows(wanted.subjects, small=wanted.small)))


def _rows(subjects: list[str], *, small: bool) -> Iterator[Row]:
    for subject in _subjects():
        if not subjects or subject.__name__.rpartition(".")[2] in subjects:
            print(f"{subject.__name__} …", file=sys.stderr, flush=True)
            yield from subject.rows(small=small)


def _subjects() -> Iterator[ModuleType]:
    for module_info in pkgutil.iter_modules(benchmarks.__path__, "tests.benchmarks."):
        if not module_info.name.endswith("__main__"):
            module = importlib.import_module(module_info.name)
            if hasattr(module, "rows"):
                yield module


if __name__ == "__main__":
    main()
