"""What `validate` costs for many manifests, beside one parse of them, and for hostile ones.

python -m tests.benchmarks.validate [--small]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from interlock import manifests
from tests.benchmarks import plan_repository, table
from tests.benchmarks.measuring import measure
from tests.benchmarks.table import Row

_VALIDATE = (sys.executable, "-m", "interlock", "validate", "--rev", "HEAD")
_PARSE = (sys.executable, "-m", "tests.benchmarks.plan_repository")
_HERE = Path(__file__).resolve().parents[2]
_HOSTILE = {
    "1 MB of brackets": b"[" * 1_000_000,
    "100,000 unknown fields": b"".join(b"f%d:\n" % n for n in range(100_000)),
    "49,000 mixed labels": b"runner: {labels: [" + b"1, a, " * 49_000 + b"]}",
    "aliases, nine times nine": b"a0: &a0 [x]\n"
    + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 10)
    ),
}


def rows(small: bool) -> Iterator[Row]:
    count = 200 if small else 10_000
    with tempfile.TemporaryDirectory(prefix="interlock-validate-") as folder:
        yield _shared(Path(folder, "shared"), count)
        yield _own(Path(folder, "own"), count // 10)
    for name, data in _HOSTILE.items():
        start = time.process_time()
        manifests.read(data, path="model-manifests/digits/model.yaml")
        yield Row(name=f"validate, {name}", ours=time.process_time() - start, limit=2)


def _shared(root: Path, count: int) -> Row:
    """Manifests of one pipeline: the file that is read most is the manifest."""
    plan_repository.make_manifests(root, count)
    return _row(root, f"validate, {count:,} manifests of one pipeline", limit=1.6)


def _own(root: Path, count: int) -> Row:
    """Manifests with pipelines, parameters and programs, which are parsed, too."""
    plan_repository.make(root, count)
    return _row(root, f"validate, {count:,} manifests with their own pipelines", limit=4)


def _row(root: Path, name: str, *, limit: float) -> Row:
    ours = measure([*_VALIDATE, "--repo", str(root)], folder=_HERE)
    peer = measure([*_PARSE, str(root)], folder=_HERE)
    return Row(
        name=name,
        ours=ours.cpu_seconds,
        limit=limit,
        is_ratio=True,
        peer=peer.cpu_seconds,
        peer_name="each file parsed once",
    )


if __name__ == "__main__":
    print(table.text(rows(small="--small" in sys.argv)))
