"""What a told story left, without what differs between two tellings: times, ids, addresses."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_VERSIONS = "select name, version from model_versions order by name, version"
_ALIASES = "select name, alias, version from registered_model_aliases order by name, alias"
_DIGESTS = (
    "select name, version, value from model_version_tags "
    "where key in ('interlock.sha256', 'interlock.fingerprint') order by name, version, key"
)


@dataclass(frozen=True)
class EndState:
    """Ledger records by kind, the registry's rows, and of each pull request comment and check."""

    ledger: list[tuple[str, ...]]
    registry: list[list[tuple[Any, ...]]]
    comments: dict[int, str]
    checks: dict[int, tuple[str, str]]


def read(folder: Path) -> EndState:
    """Read it from Git, MLflow's database and the files of the GitHub, as anybody could."""
    return EndState(
        ledger=_ledger(folder / "github" / "repositories" / "acme" / "models.git"),
        registry=_registry(folder / "mlflow" / "mlflow.db"),
        comments=_comments(folder / "github" / "events"),
        checks=_checks(folder / "github" / "events"),
    )


def _ledger(bare: Path) -> list[tuple[str, ...]]:
    listed = _git(bare, "ls-tree", "-r", "--name-only", "interlock-ledger").splitlines()
    paths = [path for path in listed if path.endswith(".json")]
    records = (json.loads(_git(bare, "show", f"interlock-ledger:{path}")) for path in paths)
    return sorted(_told(record) for record in records)


def _told(record: dict[str, Any]) -> tuple[str, ...]:
    """What a record says that may not depend on who ran the jobs."""
    candidate = record.get("candidate", record)
    names = ("schema", "model", "name", "fingerprint", "kind", "phase", "outcome", "version")
    found = [str(record.get(name, candidate.get(name, ""))) for name in names]
    digest = candidate.get("model") if isinstance(candidate.get("model"), dict) else {}
    return (*found, str(digest.get("sha256", record.get("sha256", ""))))


def _registry(database: Path) -> list[list[tuple[Any, ...]]]:
    with sqlite3.connect(database) as opened:
        return [opened.execute(query).fetchall() for query in (_VERSIONS, _ALIASES, _DIGESTS)]


def _comments(events: Path) -> dict[int, str]:
    found: dict[int, str] = {}
    for file in sorted(events.glob("*-issue_comment.json")):
        payload = json.loads(file.read_text())
        found[payload["issue"]["number"]] = _steady(payload["comment"]["body"])
    return found


def _checks(events: Path) -> dict[int, tuple[str, str]]:
    """The last word of the check on each pull request's head, by number."""
    heads: dict[str, int] = {}
    for file in sorted(events.glob("*-pull_request.json")):
        pull = json.loads(file.read_text())["pull_request"]
        heads[pull["head"]["sha"]] = pull["number"]
    found: dict[int, tuple[str, str]] = {}
    for file in sorted(events.glob("*-check_run.json")):
        check = json.loads(file.read_text())["check_run"]
        if check["head_sha"] in heads and check["name"] == "interlock":
            title = _steady(check["output"]["title"] or "")
            found[heads[check["head_sha"]]] = (str(check["conclusion"]), title)
    return found


def _steady(text: str) -> str:
    """Without addresses, commits, run ids, times, memory, and whose token it was."""
    text = re.sub(r"http://127\.0\.0\.1:\d+\S*", "URL", text)
    text = re.sub(r"\b[0-9a-f]{12,64}\b|`[0-9a-f]{7}`", "HEX", text)
    text = re.sub(r"\b\d+(\.\d+)? (s|min|h|MB|GB)\b", "SIZE", text)
    text = re.sub(r"^\| (peak memory|training took).*$", "", text, flags=re.MULTILINE)
    # Only a workflow's own token leaves commits that start no workflow.
    return re.sub(r" GitHub starts no workflow for this commit.*$", "", text, flags=re.MULTILINE)


def _git(bare: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(bare), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout
