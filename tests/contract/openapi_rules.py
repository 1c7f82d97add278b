"""Rules of GitHub's that its description states in words alone; each names where it stands."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_REPOSITORY = "/repos/{owner}/{repo}"
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_COLOR = re.compile(r"[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Request:
    """A request: "METHOD /template", its query, its body; `is_strict` when PyGithub sent it."""

    operation: str
    query: Mapping[str, str]
    body: Any
    is_strict: bool = False


_Rule = Callable[[dict[str, Any]], Iterator[str]]


def broken(request: Request) -> list[str]:
    faults = (
        [] if _is_page(request) else ["per_page is over 100: GitHub gives 100 and says nothing"]
    )
    body = request.body if isinstance(request.body, dict) else {}
    return faults + [each for rule in RULES.get(request.operation, ()) for each in rule(body)]


def _is_page(request: Request) -> bool:
    size = request.query.get("per_page", "")
    return not (request.is_strict and size.isdecimal() and int(size) > 100)


def _at_most(limit: int, *names: str, inside: str = "") -> _Rule:
    def rule(body: dict[str, Any]) -> Iterator[str]:
        held = body.get(inside) or {} if inside else body
        for name in names:
            if isinstance(held.get(name), str) and len(held[name]) > limit:
                yield f"{name} is longer than {limit} characters"

    return rule


def _full_sha(name: str) -> _Rule:
    def rule(body: dict[str, Any]) -> Iterator[str]:
        if body.get(name) is not None and not _SHA.fullmatch(str(body[name])):
            yield f"{name} is not a full SHA"

    return rule


def _concluded(body: dict[str, Any]) -> Iterator[str]:
    if body.get("status") == "completed" and not body.get("conclusion"):
        yield "a completed check needs a conclusion"


def _annotations(body: dict[str, Any]) -> Iterator[str]:
    if len((body.get("output") or {}).get("annotations") or []) > 50:
        yield "more than 50 annotations in one request"


def _whole_ref(body: dict[str, Any]) -> Iterator[str]:
    ref = str(body.get("ref", ""))
    if not ref.startswith("refs/") or ref.count("/") < 2:
        yield "ref does not start with refs/ or has fewer than two slashes"


def _base64(body: dict[str, Any]) -> Iterator[str]:
    try:
        base64.b64decode(str(body.get("content", "")).replace("\n", ""), validate=True)
    except ValueError:
        yield "content is not base64"


def _blob(body: dict[str, Any]) -> Iterator[str]:
    if body.get("encoding") == "base64":
        yield from _base64(body)


def _color(body: dict[str, Any]) -> Iterator[str]:
    if body.get("color") is not None and not _COLOR.fullmatch(str(body["color"])):
        yield "color is not six hexadecimal digits without #"


def _payload_keys(body: dict[str, Any]) -> Iterator[str]:
    if len(body.get("client_payload") or {}) > 10:
        yield "client_payload has more than 10 keys at its top"


_CHECK: tuple[_Rule, ...] = (
    _concluded,
    _annotations,
    _at_most(65_535, "summary", "text", inside="output"),
)
_LABEL: tuple[_Rule, ...] = (_color, _at_most(50, "name"), _at_most(100, "description"))
_COMMENT: tuple[_Rule, ...] = (_at_most(65_536, "body"),)
_PULL: tuple[_Rule, ...] = (_at_most(65_536, "body"), _at_most(256, "title"))
_SHORT: tuple[_Rule, ...] = (_at_most(140, "description"),)

# docs.github.com/rest/checks/runs, /issues/comments, /pulls, /git/refs, /git/blobs,
# /repos/contents, /issues/labels, /commits/statuses, /deployments, /repos#create-a-dispatch-event
RULES: dict[str, tuple[_Rule, ...]] = {
    f"POST {_REPOSITORY}/check-runs": (*_CHECK, _full_sha("head_sha")),
    f"PATCH {_REPOSITORY}/check-runs/{{check_run_id}}": _CHECK,
    f"POST {_REPOSITORY}/issues/{{issue_number}}/comments": _COMMENT,
    f"PATCH {_REPOSITORY}/issues/comments/{{comment_id}}": _COMMENT,
    f"POST {_REPOSITORY}/pulls": _PULL,
    f"PATCH {_REPOSITORY}/pulls/{{pull_number}}": _PULL,
    f"POST {_REPOSITORY}/git/refs": (_whole_ref, _full_sha("sha")),
    f"PATCH {_REPOSITORY}/git/refs/{{ref}}": (_full_sha("sha"),),
    f"POST {_REPOSITORY}/git/blobs": (_blob,),
    f"PUT {_REPOSITORY}/contents/{{path}}": (_base64,),
    f"POST {_REPOSITORY}/labels": _LABEL,
    f"PATCH {_REPOSITORY}/labels/{{name}}": _LABEL,
    f"POST {_REPOSITORY}/statuses/{{sha}}": _SHORT,
    f"POST {_REPOSITORY}/deployments": _SHORT,
    f"POST {_REPOSITORY}/deployments/{{deployment_id}}/statuses": _SHORT,
    f"POST {_REPOSITORY}/dispatches": (_payload_keys, _at_most(100, "event_type")),
}
