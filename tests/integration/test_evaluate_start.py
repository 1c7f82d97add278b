"""`evaluate` of two files starts one process, and nothing for a repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl

_PROGRAM = """
import sys
steps = []

def note(event, arguments):
    if event == "subprocess.Popen" or (event == "import" and arguments[0] == "polars"):
        steps.append(event)

sys.addaudithook(note)
from interlock.cli import group
files = ["--candidate", "candidate.parquet", "--champion", "champion.parquet"]
group.main(["evaluate", *files, "--task", "binary", "--json"], standalone_mode=False)
print(*dict.fromkeys(steps), steps.count("subprocess.Popen"))
of_a_repository = "ledger", "manifests", "pipelines", "documents", "services.snapshots"
print(*(name for name in of_a_repository if f"interlock.{name}" in sys.modules))
"""


def test_evaluate__decodes_in_one_process_that_starts_before_polars_is_imported_here(
    tmp_path: Path,
) -> None:
    rows = pl.DataFrame({"id": [1, 2, 3], "target": [0, 1, 1], "prediction": [0, 1, 0]})
    for name in ("candidate", "champion"):
        rows.write_parquet(tmp_path / f"{name}.parquet")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-2:] == ["subprocess.Popen import 1", ""]
