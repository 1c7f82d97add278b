"""What it costs to verify a training's data: `python -m tests.benchmarks.inputs`.

A folder that DVC tracks, in place, and no digest known of any file: our reading of it beside a cold
`dvc status`, which reads it as well. Both are processes of their own, in turns; the ratio of the
medians is printed, and the same for one file.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_VERIFY = """
import sys
from pathlib import Path
from dvc.repo import Repo
from interlock.adapters.dvc import leaves
with Repo(".") as repo:
    print(len(leaves.verify(repo, Path.cwd(), [str(Path.cwd() / sys.argv[1])])))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args()
    for files in (wanted.files, 1):
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), wanted.megabytes, files, wanted.runs)


def _measure(folder: Path, megabytes: int, files: int, runs: int) -> None:
    root = folder / "work"
    (root / "data").mkdir(parents=True)
    size = megabytes * 10**6 // files
    for number in range(files):
        (root / "data" / f"{number:06}.bin").write_bytes(os.urandom(size))
    _dvc(root, folder, "init", "--no-scm", "--quiet")
    _dvc(root, folder, "add", "--quiet", "data")
    status = [sys.executable, "-m", "dvc", "status", "data.dvc"]
    verify = [sys.executable, "-c", _VERIFY, "data"]
    seconds: dict[str, list[float]] = {"dvc status": [], "verify": []}
    for number in range(runs):
        for name, command in (("dvc status", status), ("verify", verify)):
            seconds[name].append(_time(command, root, folder / f"site-{name}-{number}"))
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    ratio = middle["verify"] / middle["dvc status"]
    figures = ", ".join(f"{name} {times:.2f} s" for name, times in middle.items())
    print(f"{megabytes} MB in {files} files: {figures}, ratio {ratio:.2f}")


def _dvc(root: Path, folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "dvc", *arguments]
    subprocess.run(command, cwd=root, env=_environment(folder / "site"), check=True)


def _time(command: list[str], root: Path, site: Path) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=root, env=_environment(site), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _environment(site: Path) -> dict[str, str]:
    return {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(site)}


if __name__ == "__main__":
    main()
