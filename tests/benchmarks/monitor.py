"""What watching costs: `uv run --no-sync python -m tests.benchmarks.monitor`; seconds and memory.

Each case runs in a process of its own, so that one's memory is not another's. Held, where the case
is run at full size:

* a million rows of 20 columns: 20 times as fast as Evidently's drift preset, and 400 MB;
* 100 million rows in 100 Parquet parts: half the speed of polars' bare scan of the same columns,
  which sums each number and takes the length of each text, and as much memory as for a tenth.

`--rows` makes the second smaller (and then nothing is held), `--no-evidently` leaves out the
minutes that the preset takes, `--folder` says where the parts are kept.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

MILLION, PART = 1_000_000, 1_000_000
WORDS = np.array([f"category {place}" for place in range(10)])
CEILING_BYTES = 400_000_000
FASTER, SCAN_SHARE = 20, 0.5


class Spent(NamedTuple):
    seconds: float
    processor: float
    peak_bytes: int

    def __str__(self) -> str:
        return (
            f"{self.seconds:8.2f} s {self.processor:8.2f} s processor "
            f"{self.peak_bytes / 1e6:7.0f} MB"
        )


def table(seed: int, rows: int, *, numbers: int, codes: int, words: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    columns: dict[str, object] = {f"x{k}": chance.normal(size=rows) for k in range(numbers)}
    columns |= {f"i{k}": chance.integers(0, 1_000, rows) for k in range(codes)}
    columns |= {f"c{k}": WORDS[chance.integers(0, len(WORDS), rows)] for k in range(words)}
    return pl.DataFrame(columns)


def scan(files: list[str]) -> None:
    """The bare scan: every value is decoded and looked at once."""
    columns = pl.scan_parquet(files)
    texts = pl.col(pl.String).str.len_bytes().sum()
    columns.select(pl.col(pl.Float64, pl.Int64).sum(), texts).collect(engine="streaming")


def live(files: list[str], reference: str) -> None:
    """A later run: the reference's profile is known, and the new data is read."""
    from interlock.adapters.profiling import FileProfiling  # noqa: PLC0415 - only in its process
    from interlock.domain.drift import comparison  # noqa: PLC0415

    known = FileProfiling().profile([reference])
    with timed():
        comparison.compare(known, FileProfiling().profile_window(files, reference=known).profile)


def both(files: list[str], reference: str) -> None:
    """A first run: both files are profiled."""
    from interlock.adapters.profiling import FileProfiling  # noqa: PLC0415 - only in its process
    from interlock.domain.drift import comparison  # noqa: PLC0415

    with timed():
        known = FileProfiling().profile([reference])
        comparison.compare(known, FileProfiling().profile_window(files, reference=known).profile)


def evidently(files: list[str], reference: str) -> None:
    from evidently import Report  # noqa: PLC0415 - only in its process
    from evidently.presets import DataDriftPreset  # noqa: PLC0415

    with timed():
        one, other = (pl.read_parquet(file).to_pandas() for file in (reference, files[0]))
        Report([DataDriftPreset()]).run(other, one).dict()


class timed:  # noqa: N801 - reads as a word
    """Prints what the block took, as JSON, for the process that started this one."""

    def __enter__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        wall, processor = self._began
        spent = [time.perf_counter() - wall, time.process_time() - processor, peak_bytes()]
        print(json.dumps(spent))


def peak_bytes() -> int:
    """Of this program: what getrusage tells has the program in it that started this one."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


CASES: dict[str, Callable[[list[str], str], None]] = {
    "live": live,
    "both": both,
    "evidently": evidently,
}


def spent(case: str, files: list[str], reference: str) -> Spent:
    command = [sys.executable, "-m", "tests.benchmarks.monitor", "--case", case]
    done = subprocess.run(
        [*command, "--reference", reference, *files], check=True, capture_output=True, text=True
    )
    return Spent(*json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    options = arguments()
    if options.case:
        if options.case == "scan":
            with timed():
                scan(options.files)
        else:
            CASES[options.case](options.files, options.reference)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        held = [million(folder, has_evidently=not options.no_evidently)]
        held.append(many(folder, rows=options.rows))
    sys.exit(0 if all(held) else "what is held was not reached")


def million(folder: Path, *, has_evidently: bool) -> bool:
    files = [str(folder / f"{name}.parquet") for name in ("reference", "live")]
    for seed, file in enumerate(files):
        table(seed, MILLION, numbers=12, codes=3, words=5).write_parquet(file)
    print(f"{MILLION:,} rows x 20 columns", flush=True)
    first = spent("both", files[1:], files[0])
    print(f"  both files profiled and measured {first}", flush=True)
    print(f"  the live file alone              {spent('live', files[1:], files[0])}", flush=True)
    is_held = first.peak_bytes <= CEILING_BYTES
    if has_evidently:
        theirs = spent("evidently", files[1:], files[0])
        faster = theirs.seconds / first.seconds
        print(f"  Evidently's drift preset         {theirs}: {faster:.0f} times ours", flush=True)
        is_held &= faster >= FASTER
    return is_held


def many(folder: Path, *, rows: int) -> bool:
    parts = [folder / f"part-{place:03}.parquet" for place in range(max(1, rows // PART))]
    for seed, part in enumerate(parts):
        if not part.is_file():
            table(seed, min(rows, PART), numbers=4, codes=1, words=1).write_parquet(part)
    files = [str(part) for part in parts]
    peaks, share = [], 0.0
    for some in (files[: max(1, len(files) // 10)], files):
        print(f"{len(some) * min(rows, PART):,} rows x 6 columns, {len(some)} parts", flush=True)
        bare = spent("scan", some, files[0])
        ours = spent("live", some, files[0])
        share = bare.seconds / ours.seconds
        peaks.append(ours.peak_bytes)
        print(f"  polars' bare scan                {bare}", flush=True)
        print(f"  profiled and measured            {ours}: {share:.2f} of its speed", flush=True)
    is_full = rows >= 100 * MILLION
    return not is_full or (share >= SCAN_SHARE and peaks[1] <= 1.25 * peaks[0])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100 * MILLION)
    parser.add_argument("--no-evidently", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--reference", help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
