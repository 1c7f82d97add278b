"""Runs the true workflow files under act, as an adopter's repository on the sandbox's GitHub.

act: https://github.com/nektos/act, in host mode. What it does not do as GitHub does is done here:
which events start a workflow, and what each job's token may.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import github_sandbox
from interlock import errors
from interlock.demo import jobs
from interlock.demo.act import installed, tokens, triggers
from interlock.demo.act.installed import ActInstallation
from interlock.demo.act.triggers import WorkflowRun
from interlock.demo.assertions import Witness
from interlock.demo.jobs import Workplace
from interlock.demo.world import REPOSITORY, DemoWorld
from interlock.domain.training.plan import Plan

_LABELS = ("ubuntu-latest", "self-hosted", "gpu")
_DEADLINE_SECONDS = 600


@dataclass(slots=True)
class ActEngine:
    """Starts an adopter's workflows as events ask for them."""

    world: DemoWorld
    workplace: Workplace
    witness: Witness
    installed: ActInstallation
    runs: list[WorkflowRun] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _attempts: Counter[str] = field(default_factory=Counter)
    """How often each event was worked off: its runs of before are started again."""

    @classmethod
    def prepared(cls, world: DemoWorld, workplace: Workplace, witness: Witness) -> ActEngine:
        """Install Interlock's own checkout as `acme/interlock@v1`, and its workflows in octocat's.

        Raises MissingSetting when there is no act, or no checkout that it could run.
        """
        workplace.console.say("installing acme/interlock@v1")
        found = installed.install(world.folder / "act")
        workflows = world.person.folder / ".github" / "workflows"
        workflows.mkdir(parents=True)
        for name, text in found.adopted.items():
            (workflows / name).write_text(text)
        return cls(world, workplace, witness, found)

    def perform(self, event: github_sandbox.Event) -> tuple[Plan, list[str]] | None:
        """Run every workflow that the event starts; what the plan says, and what trained anew."""
        before = set(self.witness.records("evidence/"))
        plan = self._look(event)
        if not self.start(event):
            return None
        new = set(self.witness.records("evidence/")) - before
        return plan, sorted(path.split("/")[1] for path in new)

    def start(self, event: github_sandbox.Event) -> tuple[WorkflowRun, ...]:
        """Run every workflow that an event starts, and those that the end of these starts."""
        if event.name == "push" and event.payload["deleted"]:
            return ()
        clone = self._clone(_commit(event))
        self._attempts[_told(event)] += 1
        found = triggers.started(clone / ".github" / "workflows", event)
        ended = [self.run(workflow, event=event, clone=clone) for workflow in found]
        if event.name != "workflow_run":
            for each in list(ended):
                ended += self.start(triggers.ended(each, event))
        return tuple(ended)

    def _look(self, event: github_sandbox.Event) -> Plan:
        """The plan that the jobs will make, seen by an onlooker."""
        match event.name:
            case "pull_request" | "workflow_dispatch":
                pull = self._pull(event)
                head, base = pull["head"]["sha"], pull["base"]["sha"]
                return jobs.look(self.workplace, number=pull["number"], head=head, base=base)
            case "push" if event.payload["ref"] == "refs/heads/main":
                return jobs.look(self.workplace, head=event.payload["after"])
        return Plan(None, "", ())

    def _pull(self, event: github_sandbox.Event) -> dict[str, Any]:
        """The pull request that an event is about, or that a dispatch names."""
        if event.name == "pull_request":
            return dict(event.payload["pull_request"])
        number = event.payload["inputs"]["pull"]
        return dict(self.workplace.visitor.ask("GET", f"pulls/{number}").body)

    def run(self, workflow: Path, *, event: github_sandbox.Event, clone: Path) -> WorkflowRun:
        """Run one workflow file to its end; raises OutsideFailure when that takes too long."""
        self.workplace.console.say(f"act {event.name} {workflow.name}")
        payload = clone.parent / f"{clone.name}-{workflow.stem}.json"
        payload.write_text(json.dumps(_payload(event)))
        granted = tokens.create(self.world.hub, self.installed.folder, workflow, event=event)
        done = self._start(self._command(workflow, event=event, payload=payload), clone, granted)
        for line in done.stdout.splitlines():
            self.workplace.console.line(line)
        ended = WorkflowRun(workflow, event.name, done.returncode == 0, done.stdout)
        self.runs.append(ended)
        return ended

    def _start(
        self, command: list[str], clone: Path, granted: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command,
                cwd=clone,
                env=self.installed.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=_DEADLINE_SECONDS,
                input="".join(f"{name}={value}\n" for name, value in granted.items()),
            )
        except subprocess.TimeoutExpired as error:
            raise errors.OutsideFailure(
                f"a workflow did not end within {_DEADLINE_SECONDS} seconds",
                hint="--program shows what it does",
            ) from error

    def _command(self, workflow: Path, *, event: github_sandbox.Event, payload: Path) -> list[str]:
        server = self.world.url
        variables = {
            **self.installed.variables,
            "GITHUB_API_URL": self.world.api_url,
            "GITHUB_SERVER_URL": server,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ATTEMPT": str(self._attempts[_told(event)]),
            # The story's clock, where it has one.
            **{name: os.environ[name] for name in ("INTERLOCK_NOW",) if name in os.environ},
        }
        return [
            self.installed.act,
            event.name,
            *("--workflows", str(workflow), "--eventpath", str(payload)),
            *("--actor", _actor(event)),
            # What a tick does not say, act would make up.
            *("--defaultbranch", "main"),
            *(word for label in _LABELS for word in ("-P", f"{label}=-self-hosted")),
            *("--var", f"MLFLOW_TRACKING_URI={self.world.mlflow_uri}"),
            # On standard input, that no token stands in a list of processes.
            *("--env-file", "/dev/stdin"),
            *(word for name in variables for word in ("--env", f"{name}={variables[name]}")),
            *(word for place in self.installed.places for word in ("--local-repository", place)),
            *("--no-skip-checkout", "--no-cache-server"),
            *("--artifact-server-addr", "127.0.0.1"),
        ]

    def _clone(self, commit: str) -> Path:
        """The working copy that act reads workflow files from; no job sees it."""
        clone = self.world.folder / "act" / f"event-{next(self._numbers):03d}"
        run = ["git", "clone", "--quiet", "--no-checkout", self.world.clone_url, str(clone)]
        subprocess.run(run, check=True)
        for words in (
            ("fetch", "--quiet", "origin", commit),
            ("checkout", "--quiet", "FETCH_HEAD"),
        ):
            subprocess.run(["git", "-C", str(clone), *words], check=True)
        return clone


def _commit(event: github_sandbox.Event) -> str:
    """What GitHub would read the workflow files from."""
    match event.name:
        case "push":
            return str(event.payload["after"])
        case "workflow_dispatch":
            return str(event.payload["ref"])
        case "pull_request" | "pull_request_review":
            pull = event.payload["pull_request"]
            return str(pull.get("merge_commit_sha") or pull["head"]["sha"])
    return "refs/heads/main"


def _actor(event: github_sandbox.Event) -> str:
    """Who GitHub says it was; the clock's runs are somebody's who last changed the schedule."""
    return str((event.payload.get("sender") or {"login": "octocat"})["login"])


def _told(event: github_sandbox.Event) -> str:
    """An event delivered again is the same event."""
    return f"{event.name} {json.dumps(event.payload, sort_keys=True)}"


def _payload(event: github_sandbox.Event) -> dict[str, Any]:
    """Without a number at the top act cannot name a pull request's ref."""
    pull = event.payload.get("pull_request") or event.payload.get("issue") or {}
    return {**event.payload, **({"number": pull["number"]} if "number" in pull else {})}
