"""The end state of a demo, without times, ids and addresses, which differ between two runs."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlock.demo.state import PROOF

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


def read(folder: Path, *, registry: bool = True) -> EndState:
    """Read it from Git, MLflow's database (`registry`) and the files of the local GitHub."""
    return EndState(
        ledger=_ledger(folder / "github" / "repositories" / "acme" / "models.git"),
        registry=_registry(folder / "mlflow" / "mlflow.db") if registry else [],
        comments=_comments(folder / "github" / "events"),
        checks=_checks(folder / "github" / "events"),
    )


def _ledger(bare: Path) -> list[tuple[str, ...]]:
    listed = _git(bare, "ls-tree", "-r", "--name-only", "interlock-ledger").splitlines()
    paths = [path for path in listed if path.endswith(".json") and not path.startswith(PROOF)]
    records = (json.loads(_git(bare, "show", f"interlock-ledger:{path}")) for path in paths)
    return sorted(_key(record) for record in records)


def _key(record: dict[str, Any]) -> tuple[str, ...]:
    """The fields of a record that do not depend on the runner of the jobs."""
    candidate = record.get("candidate", record)
    names = ("schema", "model", "name", "fingerprint", "kind", "phase", "outcome", "version")
    values = [str(record.get(name, candidate.get(name, ""))) for name in names]
    digest = candidate.get("model") if isinstance(candidate.get("model"), dict) else {}
    return (*values, str(digest.get("sha256", record.get("sha256", ""))))


def _registry(database: Path) -> list[list[tuple[Any, ...]]]:
    with sqlite3.connect(database) as opened:
        return [opened.execute(query).fetchall() for query in (_VERSIONS, _ALIASES, _DIGESTS)]


def _comments(events: Path) -> dict[int, str]:
    comments: dict[int, str] = {}
    for file in sorted(events.glob("*-issue_comment.json")):
        payload = json.loads(file.read_text())
        comments[payload["issue"]["number"]] = _steady(payload["comment"]["body"])
    return comments


def _checks(events: Path) -> dict[int, tuple[str, str]]:
    """The last conclusion of the check on each pull request's head, by number."""
    heads: dict[str, int] = {}
    for file in sorted(events.glob("*-pull_request.json")):
        pull = json.loads(file.read_text())["pull_request"]
        heads[pull["head"]["sha"]] = pull["number"]
    checks: dict[int, tuple[str, str]] = {}
    for file in sorted(events.glob("*-check_run.json")):
        check = json.loads(file.read_text())["check_run"]
        if check["head_sha"] in heads and check["name"] == "interlock":
            title = _steady(check["output"]["title"] or "")
            checks[heads[check["head_sha"]]] = (str(check["conclusion"]), title)
    return checks


def _steady(text: str) -> str:
    """Remove addresses, commits, run ids, times, memory and the kind of token."""
    text = re.sub(r"http://127\.0\.0\.1:\d+\S*", "URL", text)
    text = re.sub(r"\b[0-9a-f]{12,64}\b|`[0-9a-f]{7}`", "HEX", text)
    text = re.sub(r"\b\d+(\.\d+)? (s|min|h|MB|GB)\b", "SIZE", text)
    text = re.sub(r"^\| (peak memory|training took).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r" (Nobody attests records|Only attested records) [^\n]*", "", text)
    text = re.sub(r" GitHub attested these files for the commit [^\n]*", "", text)
    # If records are attested, those of a dispatch of a branch do not count: the merge trains again.
    text = re.sub(r"Trained by (this pull request|the merge) at", "Trained at", text)
    # Only commits of a workflow's own token start no workflow.
    return re.sub(r" The token of a workflow made this commit.*$", "", text, flags=re.MULTILINE)


def _git(bare: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(bare), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout
