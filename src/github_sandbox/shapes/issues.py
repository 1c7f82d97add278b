"""Issues and pull requests as GitHub's JSON of an issue."""

from __future__ import annotations

from github_sandbox.instance import Instance
from github_sandbox.shapes import pulls as pull_shapes
from github_sandbox.state import Json


def is_pull(known: Json) -> bool:
    return "head_sha" in known


def issue(instance: Instance, base: str, name: str, known: Json) -> Json:
    """Return a pull request or issue as an issue."""
    if is_pull(known):
        return pull_shapes.issue(instance, base, name, known)
    page = f"{base}/{name}/issues/{known['number']}"
    shown = pull_shapes.issue_fields(instance, base, name, known, page=page)
    return {**shown, "state_reason": known["state_reason"]}
