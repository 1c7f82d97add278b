"""Target: what people say on a pull request, as events of GitHub's with odd fields and as lines
typed by hand, into `command`. GitHub is in memory, and says of the comment what the event does."""

from __future__ import annotations

import importlib
import json
import os
import random
from pathlib import Path
from typing import Any

from interlock import wiring
from interlock.domain.access.comment_command import GRAMMAR
from interlock.ports.github import Comment, Pull, Review
from tests import tiny
from tests.fakes.github import FakeGitHub, Hub
from tests.fuzz.driver import Ending, Target

_SHA = "89abcde0" * 5
_AT = "2030-01-01T12:00:00Z"
_USER = {"login": "octocat", "id": 1, "type": "User"}
_REPOSITORY = {"full_name": "acme/models", "default_branch": "main", "name": "models"}
_SIDE = {"ref": "better", "sha": _SHA, "repo": _REPOSITORY}
_PULL = {"number": 1, "user": _USER, "head": _SIDE, "base": {**_SIDE, "ref": "main"}}
# The fields of GitHub's published examples that any rule asks about, and neighbours of theirs.
_EVENTS: dict[str, dict[str, Any]] = {
    "issue_comment": {
        "action": "created",
        "issue": {"number": 1, "pull_request": {"url": "https://api.github.com"}, "user": _USER},
        "comment": {"id": 1, "user": _USER, "body": "", "created_at": _AT, "updated_at": _AT},
        "repository": _REPOSITORY,
        "sender": _USER,
    },
    "pull_request_review": {
        "action": "submitted",
        "review": {"id": 2, "user": _USER, "state": "approved", "body": "", "commit_id": _SHA},
        "pull_request": _PULL,
        "repository": _REPOSITORY,
        "sender": _USER,
    },
    "pull_request": {
        "action": "opened",
        "number": 1,
        "pull_request": _PULL,
        "repository": _REPOSITORY,
    },
    "workflow_run": {
        "action": "completed",
        "workflow_run": {"id": 3, "event": "pull_request", "actor": _USER, "head_sha": _SHA},
        "repository": _REPOSITORY,
    },
}
_ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2**63, 10**4000, 1e308, "", "x", "main", "-x", "a\0b", "\ud800",
    "\u202e", "é" * 300, "x" * 70_000, "@acme", "acme/models", _SHA, _SHA[:12], _SHA * 2, [], {},
    [[]] * 3, {"login": None}, "octocat[bot]", "\r\n", "../../etc", "1" * 5000,
]  # fmt: skip
_WORDS = [
    "/interlock", "/Interlock", "／interlock", "/inter\u00adlock", ">", "`", "<!--", *GRAMMAR,
    "tiny", "Tiny", "../tiny", "-tiny", _SHA, _SHA[:12], _SHA[:39], _SHA.upper(), _SHA + "0",
    "HEAD", "why", "why <!--",
    "\n", "\r\n", "\r", "\t", "\0", "\u2028", "\u202e", "\u0301", "\ud800", "👍",
    "--force", "--", "$(id)", "${{ github.token }}", "::error::", "x" * 600, "é" * 70_000,
]  # fmt: skip


def warm() -> None:
    importlib.import_module("interlock.cli.command")


def make(random: random.Random, folder: Path) -> list[list[str]]:
    head = tiny.make(folder).git("rev-parse", "HEAD")
    lines = [_event(random, folder, number) for number in range(24)]
    lines += [["command", "--text", _text(random), "--by", "octocat"] for _ in range(12)]
    for file in folder.glob("event-*.json"):
        file.write_bytes(file.read_bytes().replace(_SHA.encode(), head.encode()))
    return [[word.replace(_SHA, head) for word in line] for line in lines]


def _event(random: random.Random, folder: Path, number: int) -> list[str]:
    name = random.choice([*_EVENTS, "issue_comment", "issue_comment", "issue_comment"])
    payload = json.loads(json.dumps(_EVENTS[name]))
    for noun in ("comment", "review"):
        if noun in payload:
            payload[noun]["body"] = _text(random)
            payload[noun]["id"] = number + 1
    for _ in range(random.choice([0, 0, 1, 1, 2, 4])):
        _mutate(random, payload)
    text = json.dumps(payload)
    if random.random() < 0.1:
        text = _damaged(random, text)
    file = folder / f"event-{number}.json"
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    if random.random() < 0.05:
        name = random.choice(["", "push", "schedule", "merge_group", "\n", "x" * 5000])
    return ["command", "--event", str(file), "--event-name", name, *_json_flag(random)]


def _json_flag(random: random.Random) -> list[str]:
    return random.choice([[], ["--json"]])


def _text(random: random.Random) -> str:
    """A line that begins as a command does, more often than not, and may be a whole one."""
    verb = random.choice(list(GRAMMAR))
    right = {"sha": _SHA, "model": "tiny", "reason": "it is fine"}
    whole = ["/interlock", verb, *(right[name] for name in GRAMMAR[verb])]
    words = list(whole) if random.random() < 0.6 else random.choices(_WORDS, k=random.randint(0, 6))
    for _ in range(random.choice([0, 0, 1, 2])):
        words.insert(random.randint(0, len(words)), random.choice(_WORDS))
    # No process takes half of a pair or a NUL as an argument; a comment may hold both.
    return random.choice([" ", " ", " ", "  ", "\n"]).join(words)


def _mutate(random: random.Random, payload: dict[str, Any]) -> None:
    """Another value, no value, or one more, at a place of the payload."""
    place: Any = payload
    while True:
        key = random.choice(list(place))
        inner = place[key]
        if not isinstance(inner, dict) or not inner or random.random() < 0.3:
            break
        place = inner
    match random.randrange(4):
        case 0:
            del place[key]
        case 1:
            place[random.choice(["id", "body", "login", "sha", ""])] = random.choice(_ODD)
        case _:
            place[key] = random.choice(_ODD)
    if not payload:
        payload["action"] = "created"


def _damaged(random: random.Random, text: str) -> str:
    return random.choice(
        [
            text[: random.randrange(len(text) + 1)],
            "[" * 100_000,
            text.replace(":", "::", 1),
            text[:-1] + ', "action": NaN}',
            text[:-1] + ', "comment": ' + '{"a":' * 3_000 + "1" + "}" * 3_000 + "}",
            "\ufeff" + text,
            text.replace("1", "1" + "0" * 6_000, 1),
        ]
    )


def settle(folder: Path, arguments: list[str]) -> None:
    """In the process of a case: a GitHub that says what the event says."""
    os.environ |= {"GITHUB_TOKEN": "token", "GITHUB_REPOSITORY": "acme/models"}
    hub = Hub(permissions={"octocat": "write", "mona": "admin"})
    head = _head(folder)
    hub.pulls[1] = Pull(1, "", "", "mona", "open", head, "better", "acme/models", "main", head)
    if "--event" in arguments:
        _say(hub, Path(arguments[arguments.index("--event") + 1]), head)
    wiring.github = lambda *_, **__: FakeGitHub(hub)


def _head(folder: Path) -> str:
    return tiny.Tiny(folder / "work", folder / "remote", folder / "count").git("rev-parse", "HEAD")


def _say(hub: Hub, event: Path, head: str) -> None:
    try:
        payload = json.loads(event.read_text(encoding="utf-8", errors="surrogatepass"))
        value = payload.get("comment") or payload["review"]
        number, body = int(value["id"]), value["body"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    hub.posted[number] = Comment(
        number, 1, "octocat", body if isinstance(body, str) else "", _AT, _AT
    )
    hub.reviews[1] = [Review(number, "octocat", "APPROVED", head, _AT)]


def check(folder: Path, arguments: list[str], ending: Ending) -> str:
    """What starts a training or accepts is a whole commit, the head's, as it was typed."""
    if "--json" not in arguments or ending.code:
        return ""
    answer, head = json.loads(ending.stdout), _head(folder)
    if answer["verb"] not in {"train", "accept"} or answer["outcome"] in {"refused", "ignored"}:
        return ""
    is_typed = answer["verb"] == "accept" or f"train {head} " in answer["sentence"]
    return "" if is_typed and answer["sha"] == head else f"granted for {answer['sha']}"


TARGET = Target("comments", warm, make, place="work", check=check, settle=settle)
