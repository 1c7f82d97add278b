"""Watches in processes that can be made to die, over real Git and real files; see crashing.

A job is {"checkout", "runs", "now", "crash"}. Every job is forked before polars has any thread.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, cast

from interlock.adapters import git
from interlock.adapters.label_join import FileLabelling
from interlock.adapters.ledger import GitLedger
from interlock.adapters.live import FileLive
from interlock.adapters.profiling import FileProfiling
from interlock.adapters.scoring import FileScoring
from interlock.commands import monitor
from interlock.ports.git import Repository
from interlock.ports.runs import Runs
from interlock.services import snapshots
from tests import crashing

EFFECTS = frozenset({"push", "keep"})


class FolderRuns:
    """Runs as folders: only what watching asks of them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        return Path(shutil.copyfile(self.root / run_id / artifact, to / artifact))

    def keep(self, run_id: str, artifact: str, *, file: Path) -> None:
        goal = self.root / run_id / artifact
        goal.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, goal)


def work(job: dict[str, Any]) -> dict[str, Any]:
    counted = crashing.Counted(EFFECTS, crash=job.get("crash"))
    checkout = Path(job["checkout"])
    repository = cast(Repository, counted.wrap(git.open_repository(checkout)))
    runs = cast(Runs, counted.wrap(FolderRuns(Path(job["runs"]))))
    world = monitor.MonitorContext(
        repository=repository,
        read=snapshots.read,
        ledger=GitLedger(repository),
        runs=lambda: runs,
        live=lambda: FileLive(checkout, open_dvc=lambda _: None),
        profiling=FileProfiling,
        scoring=FileScoring,
        labelling=FileLabelling,
        timer=lambda: 0.0,
    )
    (model,) = monitor.run(world, monitor.MonitorOptions(revision="HEAD", now=job["now"])).models
    return {
        "state": model.state,
        "sentence": model.sentence,
        "windows": [window.end for window in model.windows],
        "labelled": [late.end for late in model.performance],
        "effects": counted.count,
    }


if __name__ == "__main__":
    crashing.serve(work)
