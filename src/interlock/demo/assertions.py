"""Looks at the world from outside, as anybody could: GitHub's API, `git`, the model registry."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from interlock.demo.world import MODELS, REPOSITORY, DemoWorld
from interlock.ports.registry import Registry

LEDGER = "interlock-ledger"
ALIASES = ("staging", "production")


@dataclass(frozen=True, slots=True)
class WrittenCounts:
    """What a rerun may not change."""

    versions: int
    aliases: tuple[int | None, ...]
    comments: int
    deployments: int
    ledger: str


@dataclass(frozen=True, slots=True)
class Witness:
    world: DemoWorld
    registry: Registry

    def check(self, sha: str) -> str:
        """The conclusion of interlock's check on a commit; "" when there is none."""
        runs = self.world.person.ask("GET", f"commits/{sha}/check-runs").body
        found = [run for run in runs.get("check_runs", []) if run["name"] == "interlock"]
        return str(found[0]["conclusion"]) if len(found) == 1 else ""

    def head(self, pull: int) -> str:
        return str(self.world.person.ask("GET", f"pulls/{pull}").body["head"]["sha"])

    def comment(self, pull: int) -> str:
        """The body of the pull request's only comment; "" unless there is exactly one."""
        items = self.world.person.ask("GET", f"issues/{pull}/comments").body["items"]
        return str(items[0]["body"]) if len(items) == 1 else ""

    def versions(self, model: str) -> dict[int, str]:
        """Registered versions, number to the SHA-256 of their bytes."""
        return {v.number: v.sha256 for v in self.registry.versions(model)}

    def alias(self, model: str, alias: str) -> int | None:
        return self.registry.find_alias(model, alias)

    def serves(self, model: str, version: int) -> bool:
        """Whether every environment of a model points to `version`."""
        return all(self.alias(model, alias) == version for alias in ALIASES)

    def records(self, prefix: str) -> tuple[str, ...]:
        """Paths in the ledger below a folder."""
        listing = self._git("ls-tree", "-r", "--name-only", LEDGER, "--", prefix)
        return tuple(listing.splitlines())

    def record(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._git("show", f"{LEDGER}:{path}"))
        return found

    def last_promotion(self, model: str) -> dict[str, Any]:
        """The record of what is served: the finished act with the highest position."""
        paths = [p for p in self.records(f"promotions/{model}/") if p.endswith("-outcome.json")]
        done = [r for r in map(self.record, paths) if r["phase"] == "done"]
        return max(done, key=lambda r: int(r["position"]), default={})

    def last_verdict(self, model: str) -> dict[str, Any]:
        """The judgement of the model's that was written last."""
        last = ("log", "-1", "--format=", "--name-only", LEDGER)
        found = self._git(*last, "--", f"verdicts/{model}/")
        return self.record(found.splitlines()[0]) if found else {}

    def pulls_from(self, branch: str) -> list[dict[str, Any]]:
        """Open pull requests from a branch of the repository."""
        owner = REPOSITORY.partition("/")[0]
        answer = self.world.person.ask("GET", f"pulls?state=open&head={owner}:{branch}")
        return list(answer.body["items"])

    def files(self, pull: int) -> tuple[str, ...]:
        items = self.world.person.ask("GET", f"pulls/{pull}/files").body["items"]
        return tuple(str(item["filename"]) for item in items)

    def issues(self, state: str, *, about: str) -> list[dict[str, Any]]:
        """Issues that are no pull requests and whose title names something."""
        items = self.world.person.ask("GET", f"issues?state={state}&per_page=100").body["items"]
        return [i for i in items if "pull_request" not in i and about in str(i["title"])]

    def counts(self, pulls: tuple[int, ...]) -> WrittenCounts:
        ask = self.world.person.ask
        comments = (ask("GET", f"issues/{n}/comments").body["items"] for n in pulls)
        return WrittenCounts(
            versions=sum(len(self.versions(model)) for model in MODELS),
            aliases=tuple(self.alias(m, a) for m in MODELS for a in ALIASES),
            comments=sum(len(items) for items in comments),
            deployments=len(ask("GET", "deployments?per_page=100").body["items"]),
            ledger=self._git("rev-parse", LEDGER),
        )

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.world.bare), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()
