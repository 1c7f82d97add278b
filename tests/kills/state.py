"""All that a world holds for anybody who looks, without what differs from one run to another."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

_MODELS = {
    "versions": "select name, version, run_id is null from model_versions order by 1, 2",
    "aliases": "select name, alias, version from registered_model_aliases order by 1, 2",
    "version tags": "select name, version, key, value from model_version_tags order by 1, 2, 3",
    "model tags": "select name, key, value from registered_model_tags order by 1, 2",
    # A run without its mark is not there.
    "runs": "select e.name, r.status, t.value from runs r join experiments e using (experiment_id) "
    "join tags t on t.run_uuid = r.run_uuid and t.key = 'interlock.kind' "
    "where r.lifecycle_stage = 'active' and exists (select 1 from tags d where "
    "d.run_uuid = r.run_uuid and d.key = 'interlock.complete') order by 1, 2, 3",
}
# Of a record: what a clock, a machine or a process tells.
_OWN = frozenset(
    {"at", "seconds", "peak_memory_bytes", "log_tail", "run_id", "packages", "machine"}
)
_STEADY = (
    (re.compile(r"http://127\.0\.0\.1:\d+"), "URL"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|\+00:00| UTC)?"), "TIME"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|min|h|kB|KB|MB|GB|KiB|MiB|GiB|EUR)\b"), "SIZE"),
    (re.compile(r"\b(?=\w*\d)([0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{7,12})\b"), "HEX"),
)


def read(folder: Path, url: str, token: str) -> dict[str, Any]:
    """Look at everything outside of the job: Git, GitHub, MLflow, DVC's remote."""
    bare = next((folder / "hub" / "repositories" / "acme").glob("*.git"))
    return {
        "branches": _branches(bare),
        "ledger": _ledger(bare),
        "github": _github(f"{url}/api/repos/acme/models", token),
        "mlflow": _mlflow(folder / "mlflow" / "mlflow.db"),
        "dvc": sorted(_names(folder / "remote")),
    }


def left(folder: Path) -> list[str]:
    """What lies in the job's own places: temporary files, worktrees and locks.

    Half-written objects are left to `git gc`. DVC's `btime` lies where DVC came that far, and holds
    nothing.
    """
    leftovers = [f"tmp/{file.name}" for file in (folder / "tmp").iterdir()]
    git = folder / "clone" / ".git"
    leftovers += [f".git/worktrees/{each.name}" for each in git.glob("worktrees/*")]
    leftovers += [str(each.relative_to(folder)) for each in git.rglob("*.lock")]
    leftovers += [str(each.relative_to(folder)) for each in folder.glob("clone/.dvc/tmp/*")]
    harmless = ("/interlock.lock", ".dvc/tmp/btime")
    return sorted(each for each in leftovers if not each.endswith(harmless))


def differences(expected: Any, actual: Any, at: str = "") -> list[str]:
    """Where two states differ, a line each."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys = sorted({*expected, *actual})
        pairs = [(f"{at}/{k}", expected.get(k, "nothing"), actual.get(k, "nothing")) for k in keys]
        return [line for where, one, two in pairs for line in differences(one, two, where)]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        triples = [
            (f"{at}[{n}]", *each) for n, each in enumerate(zip(expected, actual, strict=True))
        ]
        return [line for where, one, two in triples for line in differences(one, two, where)]
    if expected == actual:
        return []
    return [f"{at}: {_short(expected)} became {_short(actual)}"]


def _short(value: Any) -> str:
    return str(value)[:1500]


def _branches(bare: Path) -> dict[str, list[Any]]:
    """Of each branch but the ledger's: how many commits it has, and what it holds."""
    listed = _git(bare, "for-each-ref", "--format=%(refname)", "refs/heads").split()
    refs = [ref for ref in listed if not ref.endswith("/interlock-ledger")]
    return {
        ref: [
            int(_git(bare, "rev-list", "--count", ref)),
            _git(bare, "rev-parse", f"{ref}^{{tree}}"),
            _git(bare, "log", "-1", "--format=%s", ref),
        ]
        for ref in refs
    }


def _ledger(bare: Path) -> dict[str, Any]:
    packed = subprocess.run(
        ["git", "-C", str(bare), "archive", "interlock-ledger"], capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        ios = {each.name: files.extractfile(each) for each in files if each.isfile()}
        records = {name: file.read() for name, file in ios.items() if file}
    return {
        steady(name): _record(json.loads(text)) if name.endswith(".json") else "a file"
        for name, text in records.items()
    }


def _record(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _record(v) for k, v in value.items() if k not in _OWN}
    if isinstance(value, list):
        return [_record(each) for each in value]
    return steady(value) if isinstance(value, str) else value


def _github(url: str, token: str) -> dict[str, Any]:
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:

        def ask(path: str) -> Any:
            answer = client.get(url + path)
            answer.raise_for_status()
            return answer.json()

        issues = ask("/issues?state=all&per_page=100")
        pulls = ask("/pulls?state=all&per_page=100")
        deployments = ask("/deployments?per_page=100")
        return {
            "issues": {str(each["number"]): _issue(ask, each) for each in issues},
            "pulls": {
                str(each["number"]): [
                    each["head"]["ref"],
                    bool(each["merged_at"]),
                    bool(each.get("auto_merge")),
                    [who["login"] for who in each["requested_reviewers"]],
                ]
                for each in pulls
            },
            "checks": {
                str(each["number"]): [
                    [run["name"], run["conclusion"], *_texts(run["output"])]
                    for run in ask(f"/commits/{each['head']['sha']}/check-runs?filter=all")[
                        "check_runs"
                    ]
                ]
                for each in pulls
            },
            "deployments": sorted(
                [
                    each["environment"],
                    steady(each["description"] or ""),
                    *(s["state"] for s in ask(f"/deployments/{each['id']}/statuses")),
                ]
                for each in deployments
            ),
        }


def _issue(ask: Any, issue: dict[str, Any]) -> dict[str, Any]:
    comments = ask(f"/issues/{issue['number']}/comments?per_page=100")
    return {
        "title": steady(issue["title"]),
        "state": issue["state"],
        "body": steady(issue["body"] or ""),
        "labels": sorted(label["name"] for label in issue["labels"]),
        "comments": [
            [
                each["user"]["login"],
                steady(each["body"]),
                sorted(r["content"] for r in ask(f"/issues/comments/{each['id']}/reactions")),
            ]
            for each in comments
        ],
    }


def _texts(output: dict[str, Any]) -> list[str]:
    return [steady(output[key] or "") for key in ("title", "summary", "text")]


def _mlflow(database: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(database)) as opened:
        rows = {name: opened.execute(query).fetchall() for name, query in _MODELS.items()}
    return {name: [[steady(str(x)) for x in row] for row in table] for name, table in rows.items()}


def _names(folder: Path) -> list[str]:
    """Files that are whole: DVC writes beside and renames."""
    paths = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return [str(name) for name in paths if not name.name.endswith(".tmp")]


def steady(text: str) -> str:
    for pattern, word in _STEADY:
        text = pattern.sub(word, text)
    return re.sub(r"(?m)^\| (peak memory|training took).*$", "", text)


def _git(bare: Path, *arguments: str) -> str:
    command = ["git", "-C", str(bare), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()
