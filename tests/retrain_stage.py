"""A deployed model with a reason to retrain: real Git with an origin, fakes for the rest."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interlock import documents
from interlock.adapters import git
from interlock.commands import retrain
from interlock.commands.retrain import RetrainResult
from interlock.domain.basics import timestamps
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.retraining.refresh_results import RefreshResults
from interlock.ledger import lookup
from interlock.ports.github import Pull
from interlock.ports.ledger import Ledger
from interlock.ports.refreshing import Refreshed, RefreshJob
from interlock.services import snapshots
from tests import retrain_cases as cases
from tests import tiny
from tests.docs import documents as printed
from tests.fakes.github import FakeGitHub, Hub
from tests.fakes.ledger import FakeLedger
from tests.fakes.pictures import FakePictures
from tests.fakes.refreshing import FakeRefreshing
from tests.tiny import DATA, Tiny

BRANCH = "interlock/retrain/tiny"
POINTER = "tiny/data.csv.dvc"
WATCH = """\
monitor:
  live: ../live/date=*/*.parquet
  time: date
  retrain:
    refresh: {pointers: [data.csv.dvc], command: python refresh.py}
    reviewers: ["@mona", "@acme/vision"]
"""
GROWN = DATA + "4,b\n"


def pointer(content: str, *, rows: int | None = None, path: str = "data.csv") -> bytes:
    meta = "" if rows is None else f"meta:\n  rows: {rows}\n"
    outs = f"outs:\n- md5: {tiny.md5(content)}\n  size: {len(content)}\n  hash: md5\n"
    return f"{outs}  path: {path}\n{meta}".encode()


class Forbidden:
    """Of a run that may write to GitHub: it runs no program."""

    def refresh(self, errand: RefreshJob, *, say: Callable[[str], None]) -> Refreshed:
        raise AssertionError(f"{errand.command!r} was to be run")


@dataclass
class Stage:
    """`day` is that of the last window; GitHub is in memory, and sees the origin's branches."""

    folder: Path
    ledger: Ledger = field(default_factory=FakeLedger)
    pictures: FakePictures = field(default_factory=FakePictures)
    hub: Hub = field(default_factory=lambda: Hub(permissions={"mona": "write"}))
    refreshing: FakeRefreshing = field(
        default_factory=lambda: FakeRefreshing({POINTER: pointer(GROWN, rows=4)})
    )
    tiny: Tiny = field(init=False)
    known: dict[str, str] = field(default_factory=dict)
    in_parts: bool = False
    """One run refreshes and hands over, another writes, as the workflow's two jobs do."""

    def begin(self, watch: str = WATCH, *, base: str = "", **more: Any) -> Stage:
        """`base` is what a pointer beside the model's own names, if there is to be one."""
        self.tiny = tiny.make(self.folder)
        if base:
            (self.tiny.root / "tiny" / "base.csv.dvc").write_bytes(pointer(base, path="base.csv"))
        (self.tiny.root / "tiny" / "data.csv.dvc").write_bytes(pointer(DATA, rows=3))
        self.tiny.commit(model_yaml=tiny.MANIFEST + watch, refresh_py="print('nothing')\n")
        origin = self.folder / "origin.git"
        subprocess.run(["git", "init", "--quiet", "--bare", str(origin)], check=True)
        self.tiny.git("remote", "add", "origin", str(origin))
        self.push()
        self.promote(**more)
        return self

    @property
    def first(self) -> dict[str, Any]:
        """Of the promotion that it began with, what is its own."""
        revision = self.tiny.git("rev-parse", "main")
        return {"model": "tiny", "fingerprint": self.fingerprint, "revision": revision}

    def copy(self, folder: Path) -> Stage:
        """The same beginning in a folder of its own, for less than it takes to begin."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        copied = Stage(folder, known=self.known, in_parts=self.in_parts)
        copied.tiny = Tiny(folder / "work", folder / "remote", folder / "count")
        copied.tiny.git("remote", "set-url", "origin", str(folder / "origin.git"))
        copied.record(cases.served(**self.first))
        return copied

    def push(self) -> None:
        self.tiny.git("push", "--quiet", "--force", "origin", "main")

    @property
    def fingerprint(self) -> str:
        """The fingerprint of main, computed once per commit."""
        tip = self.tiny.git("rev-parse", "main")
        if tip not in self.known:
            fingerprint = snapshots.read_model(self.repository.tree(tip), "tiny").fingerprint
            assert fingerprint is not None
            self.known[tip] = fingerprint
        return self.known[tip]

    @property
    def repository(self) -> git.GitRepository:
        return git.open_repository(self.tiny.root)

    def promote(self, **more: Any) -> Promotion:
        promotion = cases.served(**{**self.first, **more})
        self.record(promotion)
        return promotion

    def record(self, *nouns: object) -> None:
        records = {lookup.path_of(noun): documents.dump(noun) for noun in nouns}
        self.ledger.append(records, message="Record")

    def window(self, number: int, *rest: Any, **more: Any) -> None:
        """Record a window of the model, as retrain_cases.window."""
        values = {"model": "tiny", "reference": self.fingerprint, **more}
        self.record(cases.window(number, *rest, **values))

    def run(self, day: float = 4, **more: Any) -> RetrainResult:
        (result,) = self.run_all(day, **more)
        return result

    def run_all(self, day: float = 4, **more: Any) -> tuple[RetrainResult, ...]:
        options = retrain.RetrainOptions(
            now=timestamps.write(cases.NOON + int(day * 86_400)), **more
        )
        if not self.in_parts or options.dry_run:
            return retrain.run(self.context(), options)
        return retrain.run(
            self.context(refreshed=self.refresh(options), refreshing=Forbidden()), options
        )

    def refresh(self, options: retrain.RetrainOptions) -> RefreshResults:
        """The result of the part `refresh` in a checkout, as text and read again."""
        branches = "+refs/heads/*:refs/remotes/origin/*"
        self.tiny.git("fetch", "--quiet", "--prune", "origin", branches)
        text = documents.line(documents.dump(retrain.refresh_models(self.context(), options)))
        printed.check(json.loads(text))
        return documents.load(json.loads(text), RefreshResults, where="--refreshed")

    def context(self, **more: Any) -> retrain.RetrainContext:
        self.look()
        context = retrain.RetrainContext(
            repository=self.repository,
            ledger=self.ledger,
            pictures=self.pictures,
            github=FakeGitHub(self.hub),
            refreshing=self.refreshing,
            reader=snapshots.Reader(),
            say=lambda _: None,
        )
        return dataclasses.replace(context, **more)

    def look(self) -> None:
        """Update GitHub's branches after a push."""
        self.hub.branches = dict(self.branches())
        for number, pull in self.hub.pulls.items():
            if pull.is_open and pull.head_ref in self.hub.branches:
                head = self.hub.branches[pull.head_ref]
                self.hub.pulls[number] = dataclasses.replace(pull, head_sha=head)

    def branches(self) -> Mapping[str, str]:
        text = self.tiny.git("ls-remote", "--heads", "origin")
        lines = (line.split("\t") for line in text.splitlines())
        return {ref.removeprefix("refs/heads/"): sha for sha, ref in lines}

    @property
    def pull(self) -> Pull:
        (pull,) = self.hub.pulls.values()
        return pull

    def close(self, *, day: float = 4, merged: bool = False) -> None:
        self.look()
        at = timestamps.write(cases.NOON + int(day * 86_400))
        closed = dataclasses.replace(self.pull, state="closed", merged=merged, closed_at=at)
        self.hub.pulls[closed.number] = closed

    def commit_by_user(self) -> str:
        """Push a commit of octocat to the branch; return its id."""
        self.tiny.git("fetch", "--quiet", "origin", BRANCH)
        self.tiny.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
        commit = self.tiny.commit(params_yaml="size: 6\n")
        self.tiny.git("push", "--quiet", "origin", f"HEAD:{BRANCH}")
        self.tiny.git("checkout", "--quiet", "main")
        return commit

    def on_branch(self, path: str) -> str:
        return self.tiny.git("show", f"{self.branches()[BRANCH]}:{path}")
