"""A program `cml` that does what CML's documentation says of `cml comment update`, and no more.

https://cml.dev/doc/ref/comment, and the source of CML 0.20 for what the page leaves open: the first
page of comments is read, 30 of them, whoever wrote them; the last that bears the watermark is the
one. Run as a program: its arguments are CML's.
"""

from __future__ import annotations

import argparse
import os
import re
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
    given = parser.parse_args()
    assert given.words == ["comment", "update"], given.words
    assert given.publish == "false", "it would write the Markdown anew"
    assert given.repo.endswith(f"/{REPOSITORY}")
    kind, number = given.target.split("/")
    assert kind == "pr"
    title = given.watermark_title or os.environ.get("CML_COMMENT_WATERMARK_TITLE", "")
    print(update(int(number), given.file.read_text(encoding="utf-8"), title))


def update(number: int, text: str, label: str) -> str:
    token = os.environ.get("REPO_TOKEN") or os.environ["GITHUB_TOKEN"]
    headers = {"Authorization": f"token {token}"}
    with httpx.Client(base_url=f"{API}/repos/{REPOSITORY}", headers=headers) as client:
        body = {"body": f"{text}\n\n{watermark(os.environ['GITHUB_SHA'], label)}"}
        found = client.get(f"/issues/{number}/comments").raise_for_status().json()
        pattern = re.escape(watermark("COMMIT", label)).replace("COMMIT", "[0-9a-fA-F]+")
        ours = [c["id"] for c in found if re.search(pattern, c["body"])]
        if ours:
            answer = client.patch(f"/issues/comments/{ours[-1]}", json=body)
        else:
            answer = client.post(f"/issues/{number}/comments", json=body)
        return str(answer.raise_for_status().json()["html_url"])


def watermark(commit: str, label: str) -> str:
    title = f"CML watermark {label}".strip()
    for sign in "_*[<":
        title = title.replace(sign, f"\\{sign}")
    return f'![](https://cml.dev/watermark.png#{commit} "{title}")'


if __name__ == "__main__":
    try:
        main()
    except httpx.HTTPError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
