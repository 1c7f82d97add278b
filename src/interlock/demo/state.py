"""Read the state of the demo from outside: GitHub's API, Git and the model registry."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from interlock.demo.project import MODELS, REPOSITORY, DemoProject
from interlock.ports.git import Repository, Tree
from interlock.ports.registry import Registry

LEDGER = "interlock-ledger"
ALIASES = ("staging", "production")
PROOF = ("attestations/", "verifications/")
"""Only jobs that request tokens write these: the records of two runners differ by them."""


@dataclass(frozen=True, slots=True)
class WrittenCounts:
    """Counts that must be the same after a rerun. `ledger` has the records, without those that
    verify others."""

    versions: int
    aliases: tuple[int | None, ...]
    comments: int
    deployments: int
    ledger: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DemoState:
    project: DemoProject
    registry: Registry
    repository: Repository

    def check(self, sha: str) -> str:
        """The conclusion of the check `interlock` on a commit; "" without exactly one check."""
        runs = self._get(f"commits/{sha}/check-runs").get("check_runs", [])
        conclusions = [str(run["conclusion"]) for run in runs if run["name"] == "interlock"]
        return conclusions[0] if len(conclusions) == 1 else ""

    def head(self, pull: int) -> str:
        return str(self._get(f"pulls/{pull}")["head"]["sha"])

    def comment(self, pull: int) -> str:
        """The body of the pull request's comment; "" without exactly one comment."""
        items = self._get(f"issues/{pull}/comments")["items"]
        return str(items[0]["body"]) if len(items) == 1 else ""

    def versions(self, model: str) -> dict[int, str]:
        """The SHA-256 of each registered version, by number."""
        return {v.number: v.sha256 for v in self.registry.versions(model)}

    def alias(self, model: str, alias: str) -> int | None:
        return self.registry.find_alias(model, alias)

    def is_deployed(self, model: str, version: int) -> bool:
        """Whether all aliases of a model point to `version`."""
        return all(self.alias(model, alias) == version for alias in ALIASES)

    def records(self, prefix: str) -> tuple[str, ...]:
        """Paths in the ledger below a folder."""
        ledger = self._ledger()
        return ledger.named((".json",), below=prefix.rstrip("/")) if ledger else ()

    def record(self, path: str) -> dict[str, Any]:
        """The record at a path; {} without one."""
        ledger = self._ledger()
        return dict(json.loads((ledger and ledger.read(path)) or b"{}"))

    def last_promotion(self, model: str) -> dict[str, Any]:
        """The record of the production model: the finished promotion with the highest position."""
        paths = [p for p in self.records(f"promotions/{model}/") if p.endswith("-outcome.json")]
        done = [r for r in map(self.record, paths) if r["phase"] == "done"]
        return max(done, key=lambda r: int(r["position"]), default={})

    def last_verdict(self, model: str) -> dict[str, Any]:
        """The latest verdict of a model."""
        last = ("log", "-1", "--format=", "--name-only", LEDGER)
        paths = self._git(*last, "--", f"verdicts/{model}/").splitlines()
        return self.record(paths[0]) if paths else {}

    def pulls_from(self, branch: str) -> list[dict[str, Any]]:
        """Open pull requests from a branch of the repository."""
        owner = REPOSITORY.partition("/")[0]
        return list(self._get(f"pulls?state=open&head={owner}:{branch}")["items"])

    def files(self, pull: int) -> tuple[str, ...]:
        items = self._get(f"pulls/{pull}/files")["items"]
        return tuple(str(item["filename"]) for item in items)

    def issues(self, state: str, *, about: str) -> list[dict[str, Any]]:
        """Issues, without pull requests, whose title contains `about`."""
        items = self._get(f"issues?state={state}&per_page=100")["items"]
        return [i for i in items if "pull_request" not in i and about in str(i["title"])]

    def counts(self, pulls: tuple[int, ...]) -> WrittenCounts:
        comments = (self._get(f"issues/{number}/comments")["items"] for number in pulls)
        return WrittenCounts(
            versions=sum(len(self.versions(model)) for model in MODELS),
            aliases=tuple(self.alias(m, a) for m in MODELS for a in ALIASES),
            comments=sum(len(items) for items in comments),
            deployments=len(self._get("deployments?per_page=100")["items"]),
            ledger=self._contents(),
        )

    def _contents(self) -> tuple[tuple[str, str], ...]:
        """Path and object of every record."""
        ledger = self._ledger()
        rows = ledger.entries.values() if ledger else ()
        return tuple(
            (row.path, row.object_id)
            for row in rows
            if row.path.endswith(".json") and not row.path.startswith(PROOF)
        )

    def _ledger(self) -> Tree | None:
        head = self.repository.find_ref(f"refs/heads/{LEDGER}")
        return self.repository.tree(head) if head else None

    def _get(self, path: str) -> dict[str, Any]:
        return self.project.user.request("GET", path).body

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.project.bare), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()
