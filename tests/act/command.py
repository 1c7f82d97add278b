"""The command line of act for one workflow file and one event."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import github_sandbox
from github_sandbox import WorkflowJob
from interlock.demo.project import REPOSITORY, DemoProject
from tests.act.installation import ActInstallation

_LABELS = ("ubuntu-latest", "self-hosted", "gpu")


def write(
    project: DemoProject,
    installed: ActInstallation,
    workflow: Path,
    *,
    event: github_sandbox.Event,
    run: WorkflowJob,
) -> list[str]:
    """Write the event's payload beside the clone of the workflow, and return the command."""
    clone = workflow.parents[2]
    payload = clone.parent / f"{clone.name}-{workflow.stem}.json"
    payload.write_text(json.dumps(_payload(event)))
    variables = _variables(project, installed, run)
    return [
        installed.act,
        event.name,
        *("--directory", str(clone), "--workflows", str(workflow), "--eventpath", str(payload)),
        *("--actor", _actor(event)),
        # Without it, act invents a branch for a schedule event.
        *("--defaultbranch", "main"),
        *(word for label in _LABELS for word in ("-P", f"{label}=-self-hosted")),
        # On standard input, so that no token is in the list of processes.
        *("--var-file", "/dev/stdin"),
        # By default, act reads files of the change; and `.actrc` where it starts.
        *("--env-file", os.devnull, "--secret-file", os.devnull, "--input-file", os.devnull),
        *(word for name in variables for word in ("--env", f"{name}={variables[name]}")),
        *(word for place in installed.places for word in ("--local-repository", place)),
        *("--no-skip-checkout", "--no-cache-server"),
        *("--artifact-server-addr", "127.0.0.1"),
    ]


def _variables(
    project: DemoProject, installed: ActInstallation, run: WorkflowJob
) -> dict[str, str]:
    """Return the variables of every step."""
    return {
        **installed.variables,
        "GITHUB_API_URL": project.api_url,
        "GITHUB_SERVER_URL": project.url,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_REPOSITORY_ID": str(project.hub.instance.need_repository(REPOSITORY)["id"]),
        "GITHUB_RUN_ID": str(run.run_id),
        "GITHUB_RUN_NUMBER": str(run.run_number),
        "GITHUB_RUN_ATTEMPT": str(run.run_attempt),
        # The demo's clock, if it is set.
        **{name: os.environ[name] for name in ("INTERLOCK_NOW",) if name in os.environ},
    }


def _actor(event: github_sandbox.Event) -> str:
    """Return the user of an event; for a schedule, the user who last changed it."""
    return str((event.payload.get("sender") or {"login": "octocat"})["login"])


def _payload(event: github_sandbox.Event) -> dict[str, Any]:
    """Return the payload with the number at the top: act needs it for the ref of a pull request."""
    pull = event.payload.get("pull_request") or event.payload.get("issue") or {}
    return {**event.payload, **({"number": pull["number"]} if "number" in pull else {})}
