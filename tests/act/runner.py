"""Run the workflow files with act, in a repository on the local GitHub.

act: https://github.com/nektos/act, in host mode. Two things that act does not do as GitHub are done
here: start workflows for events, and give each job its own tokens.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import yaml

import github_sandbox
from github_sandbox import WorkflowJob
from interlock import errors
from interlock.demo import jobs
from interlock.demo.jobs import JobContext
from interlock.demo.project import DemoProject
from interlock.demo.state import DemoState
from interlock.domain.training.plan import Plan
from tests.act import command, installation, tokens, triggers
from tests.act.installation import ActInstallation
from tests.act.tokens import RunTokens
from tests.act.triggers import WorkflowRun

_DEADLINE_SECONDS = 600


@dataclass(slots=True)
class ActRunner:
    """Starts the workflows of a repository for its events."""

    project: DemoProject
    context: JobContext
    state: DemoState
    installed: ActInstallation
    runs: list[WorkflowRun] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _attempts: Counter[str] = field(default_factory=Counter)
    """The number of runs of each event: a repeated event is a new attempt."""
    _runs: dict[tuple[str, str], int] = field(default_factory=dict)
    """The number of each run, by the workflow file and the event."""

    @classmethod
    def prepared(cls, project: DemoProject, context: JobContext, state: DemoState) -> ActRunner:
        """Install this checkout as `acme/interlock@v1`, and its workflows in octocat's clone.

        Raises MissingSetting without act.
        """
        context.console.say("installing acme/interlock@v1")
        installed = installation.install(project.folder / "act")
        workflows = project.user.folder / ".github" / "workflows"
        workflows.mkdir(parents=True)
        for name, text in installed.adopted.items():
            (workflows / name).write_text(text)
        return cls(project, context, state, installed)

    def run(self, event: github_sandbox.Event) -> tuple[Plan, list[str]] | None:
        """Run every workflow that the event starts; return the plan and the trained models."""
        before = set(self.state.records("evidence/"))
        plan = self._preview_plan(event)
        if not self.start(event):
            return None
        new = set(self.state.records("evidence/")) - before
        return plan, sorted(path.split("/")[1] for path in new)

    def start(self, event: github_sandbox.Event) -> tuple[WorkflowRun, ...]:
        """Run the workflows that an event starts, and the workflows that their end starts."""
        if event.name == "push" and event.payload["deleted"]:
            return ()
        clone = self._clone(_commit(event))
        self._attempts[_identity(event)] += 1
        workflows = triggers.started(clone / ".github" / "workflows", event)
        ended = [self.run_workflow(each, event=event, clone=clone) for each in workflows]
        if event.name != "workflow_run":
            for each in list(ended):
                ended += self.start(triggers.ended(each, event))
        return tuple(ended)

    def _preview_plan(self, event: github_sandbox.Event) -> Plan:
        """Return the plan that the jobs will make."""
        match event.name:
            case "pull_request" | "workflow_dispatch":
                pull = self._pull(event)
                head, base = pull["head"]["sha"], pull["base"]["sha"]
                return jobs.preview_plan(self.context, number=pull["number"], head=head, base=base)
            case "push" if event.payload["ref"] == "refs/heads/main":
                return jobs.preview_plan(self.context, head=event.payload["after"])
        return Plan(None, "", ())

    def _pull(self, event: github_sandbox.Event) -> dict[str, Any]:
        """Return the pull request of an event or of a dispatch."""
        if event.name == "pull_request":
            return dict(event.payload["pull_request"])
        number = event.payload["inputs"]["pull"]
        return dict(self.context.user.request("GET", f"pulls/{number}").body)

    def run_workflow(
        self, workflow: Path, *, event: github_sandbox.Event, clone: Path
    ) -> WorkflowRun:
        """Run one workflow file; raises OutsideFailure when it takes too long."""
        self.context.console.say(f"act {event.name} {workflow.name}")
        run = self._identify(workflow, event)
        made = self._create_tokens(workflow, event=event, run=run)
        words = command.write(self.project, self.installed, workflow, event=event, run=run)
        try:
            done = self._start(words, clone, made.variables)
        finally:
            for access in made.jobs:
                self.project.hub.end_job(access)
        for line in done.stdout.splitlines():
            self.context.console.line(line)
        ended = WorkflowRun(workflow, event.name, done.returncode == 0, done.stdout)
        self.runs.append(ended)
        return ended

    def _identify(self, workflow: Path, event: github_sandbox.Event) -> WorkflowJob:
        """Describe a run; a repeated event is a new attempt of the same run."""
        number = self._runs.setdefault((workflow.name, _identity(event)), len(self._runs) + 1)
        document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        return WorkflowJob(
            workflow_path=f".github/workflows/{workflow.name}",
            workflow_name=document.get("name", ""),
            run_id=number,
            run_number=number,
            run_attempt=self._attempts[_identity(event)],
        )

    def _create_tokens(
        self, workflow: Path, *, event: github_sandbox.Event, run: WorkflowJob
    ) -> RunTokens:
        """Create the tokens of a run, and rewrite its file so that each job uses its own."""
        hub, ours = self.project.hub, self.installed
        tokens.rewrite_file(workflow, called="")
        return tokens.create(hub, ours.folder, workflow, event=event, run=run, commit=ours.commit)

    def _start(
        self, words: list[str], clone: Path, variables: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                words,
                cwd=clone.parent,
                env=self.installed.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=_DEADLINE_SECONDS,
                input="".join(f"{name}={value}\n" for name, value in variables.items()),
            )
        except subprocess.TimeoutExpired as error:
            raise errors.OutsideFailure(
                f"a workflow did not end within {_DEADLINE_SECONDS} seconds",
                hint="read the output of act above",
            ) from error

    def _clone(self, commit: str) -> Path:
        """Clone the commit that act reads workflow files from; jobs do not use this clone."""
        clone = self.project.folder / "act" / f"event-{next(self._numbers):03d}"
        run = ["git", "clone", "--quiet", "--no-checkout", self.project.clone_url, str(clone)]
        subprocess.run(run, check=True)
        for words in (
            ("fetch", "--quiet", "origin", commit),
            ("checkout", "--quiet", "FETCH_HEAD"),
        ):
            subprocess.run(["git", "-C", str(clone), *words], check=True)
        return clone


def _commit(event: github_sandbox.Event) -> str:
    """Return the commit whose workflow files GitHub runs."""
    match event.name:
        case "push":
            return str(event.payload["after"])
        case "workflow_dispatch":
            return str(event.payload["ref"])
        case "pull_request" | "pull_request_review":
            pull = event.payload["pull_request"]
            return str(pull.get("merge_commit_sha") or pull["head"]["sha"])
    return "refs/heads/main"


def _identity(event: github_sandbox.Event) -> str:
    """Return a key that is the same for a repeated event."""
    return f"{event.name} {json.dumps(event.payload, sort_keys=True)}"
