"""A program `cml` that does what CML's documentation says of `cml comment update`, and no more.

https://cml.dev/doc/ref/comment, and the source of CML 0.20 for what the page leaves open: the first
page of comments is read, 30 of them, whoever wrote them; the last that bears the watermark is the
one; a watermark without a commit is written where none is known, and never found again; Git's
global configuration is written to; an error is one line of JSON. Run as a program: its arguments
are CML's.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

API = os.environ.get("GITHUB_API_URL", "")
REPOSITORY = os.environ.get("GITHUB_REPOSITORY", "")


def main() -> None:
    parser = argparse.ArgumentParser("cml")
    parser.add_argument("words", nargs=2)
    parser.add_argument("file", type=Path)
    parser.add_argument("--driver", choices=["github"], required=True)
    parser.add_argument("--repo", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--publish", choices=["true", "false"], default="true")
    parser.add_argument("--watermark-title", default="")
    parser.add_argument("--commit-sha", default="")
    namespace = parser.parse_args()
    assert namespace.words == ["comment", "update"], namespace.words
    assert namespace.publish == "false", "it would write the Markdown anew"
    assert namespace.repo.endswith(f"/{REPOSITORY}")
    subprocess.run(["git", "config", "--global", "--add", "safe.directory", "*"], check=True)
    kind, number = namespace.target.split("/")
    assert kind == "pr"
    title = namespace.watermark_title or os.environ.get("CML_COMMENT_WATERMARK_TITLE", "")
    mark = watermark(namespace.commit_sha or trigger(), title)
    print(update(int(number), namespace.file.read_text(encoding="utf-8"), mark, title))


def trigger() -> str:
    """The commit of the surroundings: the run's, else the folder's, else none."""
    process = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return os.environ.get("GITHUB_SHA", "") or process.stdout.strip() * (process.returncode == 0)


def update(number: int, text: str, mark: str, label: str) -> str:
    token = os.environ.get("REPO_TOKEN") or os.environ["GITHUB_TOKEN"]
    headers = {"Authorization": f"token {token}"}
    with httpx.Client(base_url=f"{API}/repos/{REPOSITORY}", headers=headers) as client:
        body = {"body": f"{text}\n\n{mark}"}
        value = client.get(f"/issues/{number}/comments").raise_for_status().json()
        pattern = re.escape(watermark("COMMIT", label)).replace("COMMIT", "[0-9a-fA-F]+")
        ours = [c["id"] for c in value if re.search(pattern, c["body"])]
        if ours:
            answer = client.patch(f"/issues/comments/{ours[-1]}", json=body)
        else:
            answer = client.post(f"/issues/{number}/comments", json=body)
        return str(answer.raise_for_status().json()["html_url"])


def watermark(commit: str, label: str) -> str:
    title = f"CML watermark {label}".strip()
    for sign in "_*[<":
        title = title.replace(sign, f"\\{sign}")
    place = f"#{commit}" if commit else ""
    return f'![](https://cml.dev/watermark.png{place} "{title}")'


def fail(error: httpx.HTTPError) -> None:
    """As winston writes an error of octokit's."""
    line: dict[str, object] = {
        "level": "error",
        "message": str(error),
        "name": type(error).__name__,
    }
    if isinstance(error, httpx.HTTPStatusError):
        answer = error.response
        message = answer.json()["message"] if "json" in answer.headers["content-type"] else ""
        line |= {"message": message, "name": "HttpError", "status": answer.status_code}
    print(json.dumps({"level": "warn", "message": "something else"}), file=sys.stderr)
    print(json.dumps(line), file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except httpx.HTTPError as error:
        fail(error)
