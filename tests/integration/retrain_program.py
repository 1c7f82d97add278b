"""Retrains in processes that can be made to die, over real Git and a GitHub on loopback.

A job is {"clone", "api", "repository", "token", "now", "brings", "crash": [when, n]}: `brings` are
the pointers of a refresh in memory, None for a real DVC.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

# Before the forks, so that no job pays for it.
import github  # noqa: F401

from interlock.adapters import git
from interlock.adapters.dvc.refreshing import DvcRefreshing
from interlock.adapters.github import PyGithubAdapter
from interlock.adapters.ledger import GitLedger
from interlock.commands import retrain
from interlock.domain.retraining.data_difference import DataShape
from interlock.ports.refreshing import Refreshing
from interlock.services import snapshots
from tests import crashing
from tests.fakes.pictures import FakePictures
from tests.fakes.refreshing import FakeRefreshing

WORKFLOW = "pull-request.yml"
EFFECTS = frozenset(
    {
        "push",
        "refresh",
        "open_pull",
        "edit_pull",
        "dispatch",
        "enable_auto_merge",
        "request_reviews",
        "add_labels",
        "upsert_comment",
        "upsert_issue",
        "close_issue",
    }
)


def work(job: dict[str, Any]) -> dict[str, Any]:
    counted = crashing.Counted(EFFECTS, crash=job["crash"])
    repository = counted.wrap(git.open_repository(Path(job["clone"])))
    adapter = PyGithubAdapter(
        api_url=job["api"],
        repository=job["repository"],
        token=job["token"],
        login="interlock[bot]",
    )
    world = retrain.RetrainContext(
        repository=repository,
        ledger=GitLedger(repository),
        pictures=FakePictures(),
        github=counted.wrap(adapter),
        refreshing=counted.wrap(_refreshing(job["brings"])),
        reader=snapshots.Reader(),
        say=lambda _: None,
    )
    request = retrain.RetrainOptions(revision="main", now=job["now"], dispatch=WORKFLOW)
    (result,) = retrain.run(world, request)
    return {
        "decision": result.decision.value,
        "sentence": result.sentence,
        "effects": counted.count,
    }


def _refreshing(brings: dict[str, str] | None) -> Refreshing:
    if brings is None:
        return DvcRefreshing()
    texts = {path: text.encode() for path, text in brings.items()}
    # As a real one tells of the data behind them.
    columns = {"id": "Int64", "target": "String"}
    return FakeRefreshing(texts, before=DataShape(3, columns), after=DataShape(4, columns))


if __name__ == "__main__":
    crashing.serve(work)
