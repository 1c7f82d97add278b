"""Reads the commits of a demo's ledger: the records of each, and whether a job attested them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from interlock.demo.state import LEDGER, PROOF

EXPECTED_KINDS = frozenset({"evidence", "verdicts", "promotions", "drift", "retrainings"})


@dataclass(frozen=True)
class LedgerCommit:
    """Paths of the records that a commit adds or changes."""

    id: str
    records: tuple[str, ...]
    is_attested: bool
    verifications: tuple[str, ...]


def commits(folder: Path) -> list[LedgerCommit]:
    """Return the commits of the ledger of a kept demo, oldest first."""
    bare = folder / "github" / "repositories" / "acme" / "models.git"
    log = ("log", "--reverse", "--format=%x00%H", "--name-only", LEDGER)
    done = subprocess.run(
        ["git", "-C", str(bare), *log], check=True, capture_output=True, text=True
    )
    return [_commit(*each.split()) for each in done.stdout.split("\0")[1:]]


def comments(folder: Path, title: str) -> list[list[str]]:
    """Return the bodies of the comment, in order, of each pull request with this title."""
    bodies: dict[int, list[str]] = {}
    for file in sorted((folder / "github" / "events").glob("*-issue_comment.json")):
        payload = json.loads(file.read_text())
        if payload["issue"]["title"] == title:
            bodies.setdefault(payload["issue"]["number"], []).append(payload["comment"]["body"])
    return list(bodies.values())


def _commit(commit: str, *paths: str) -> LedgerCommit:
    attestations, verifications = PROOF
    json_files = [path for path in paths if path.endswith(".json")]
    return LedgerCommit(
        id=commit,
        records=tuple(path for path in json_files if not path.startswith(PROOF)),
        is_attested=any(path.startswith(attestations) for path in json_files),
        verifications=tuple(path for path in json_files if path.startswith(verifications)),
    )
