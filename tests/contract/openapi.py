"""GitHub's own description of its REST API, and whether an exchange fits it; makes no traffic."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import openapi_core
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.contract import openapi_fields, openapi_rules
from tests.contract.openapi_tape import Exchange

_HOST = "https://api.github.com"
_METHODS = ("get", "post", "put", "patch", "delete")
# Our adapter and whatever else a person may write with PyGithub: never let off.
_STRICT = "PyGithub"
# What is ours says so; it names the form and the version that it wants, every time.
_OURS = "interlock"
_VERSION = "2022-11-28"
_FORM = "application/vnd.github+json"
# Where GitHub takes or gives more than its description says: operation, complaint, why.
# One that no longer occurs fails nothing; each is worth a look when the description moves.
_KNOWN = (
    (
        "POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
        "is not valid under any of the given schemas",
        "in words: an array of labels may be passed directly; PyGithub does",
    ),
    (
        "GET /repos/{owner}/{repo}/pulls",
        "page: Failed to cast value to integer type",
        "GitHub takes a page that is no number for the first",
    ),
    *(
        (
            operation,
            "/description: None for not nullable",
            "a label without a description has null there, as it has wherever else one is shown",
        )
        for operation in (
            "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls",
            "GET /repos/{owner}/{repo}/pulls",
            "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers",
        )
    ),
)
# Addresses that are undescribed and answered all the same; PyGithub asks there.
_REPOSITORY = r"(/repos/[^/]+/[^/]+)"
_ALIASES = (
    (re.compile(_REPOSITORY + r"/statuses/(.+)"), r"\1/commits/\2/statuses"),
    (re.compile(_REPOSITORY + r"/contents/?"), r"\1/contents/."),
    (re.compile(_REPOSITORY + r"/git/refs"), r"\1/git/matching-refs/all"),
    (re.compile(_REPOSITORY + r"/git/refs/(.+)"), r"\1/git/ref/\2"),
)
# Bytes as they are, asked for by `Accept`; GitHub describes the JSON alone.
_RAW = ("application/vnd.github.raw", "application/vnd.github.sha")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path of the description; `pattern` finds its parameters in a path."""

    method: str
    template: str
    pattern: re.Pattern[str]
    statuses: frozenset[str]
    api: openapi_core.OpenAPI

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.template}"


@dataclass
class _Request:
    method: str
    path: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None
    host_url: str = _HOST


@dataclass
class _Response:
    status_code: int
    content_type: str
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Description:
    """The operations of one OpenAPI document, each compiled when it is first asked for."""

    def __init__(self, document: Path) -> None:
        self._document: dict[str, Any] = json.loads(document.read_bytes())
        _corrected(self._document["components"])
        _corrected(self._document["paths"])
        patterns = [(self._pattern(path), path) for path in self._document["paths"]]
        # What a parameter with slashes would swallow stands before it.
        self._patterns = sorted(patterns, key=lambda row: _literals(row[1]), reverse=True)
        self._operations: dict[tuple[str, str], Operation] = {}
        self.find = functools.lru_cache(maxsize=None)(self._find)

    @property
    def operations(self) -> frozenset[tuple[str, str]]:
        """Every operation as (METHOD, path with its parameters in braces)."""
        items = self._document["paths"].items()
        return frozenset((m.upper(), path) for path, item in items for m in _METHODS if m in item)

    @property
    def components(self) -> Mapping[str, Any]:
        document: dict[str, Any] = self._document["components"]
        return document

    def body_schema(self, operation: Operation) -> Mapping[str, Any] | None:
        """JSON Schema of what is sent, None where nothing is."""
        item = self._document["paths"][operation.template][operation.method]
        content = item.get("requestBody", {}).get("content", {})
        document: Mapping[str, Any] | None = content.get("application/json", {}).get("schema")
        return document

    def error_schema(self) -> dict[str, Any]:
        """JSON Schema of an error that an operation does not describe by itself."""
        document: dict[str, Any] = self._document["components"]["schemas"]["basic-error"]
        return document

    def _find(self, method: str, path: str) -> Operation | None:
        """The operation that a request is for, None where GitHub describes none."""
        for pattern, template in self._patterns:
            if pattern.fullmatch(path) and method.lower() in self._document["paths"][template]:
                return self._operation(method.lower(), template, pattern)
        return None

    def _operation(self, method: str, template: str, pattern: re.Pattern[str]) -> Operation:
        if (method, template) not in self._operations:
            item = self._document["paths"][template]
            # One path a document: openapi-core tries them all, one after the other.
            document = {**self._document, "paths": {template: item}}
            # Its own validity is GitHub's affair, and takes seconds to see.
            config = openapi_core.Config(spec_validator_cls=None)  # type: ignore[arg-type]
            self._operations[method, template] = Operation(
                method=method,
                template=template,
                pattern=pattern,
                statuses=frozenset(item[method]["responses"]),
                api=openapi_core.OpenAPI.from_dict(document, config=config),
            )
        return self._operations[method, template]

    def _pattern(self, template: str) -> re.Pattern[str]:
        long = self._with_slashes(template)

        def group(parameter: re.Match[str]) -> str:
            return "(.+)" if parameter[1] in long else "([^/]+)"

        return re.compile(re.sub(r"\\\{(\w+)\\\}", group, re.escape(template)))

    def _with_slashes(self, template: str) -> frozenset[str]:
        item = self._document["paths"][template]
        listed = [p for method in _METHODS for p in item.get(method, {}).get("parameters", [])]
        parameters = self._document["components"]["parameters"]
        known = [parameters[p["$ref"].rsplit("/", 1)[-1]] if "$ref" in p else p for p in listed]
        return frozenset(p["name"] for p in known if p.get("x-multi-segment"))


def _literals(template: str) -> tuple[int, int]:
    parts = template.split("/")
    return sum(not part.startswith("{") for part in parts), len(parts)


def _corrected(schema: Any) -> None:
    """Read the document as GitHub means it, in three places where its form says something else.

    `nullable` with an `enum`: OpenAPI 3.0 wants null among the values. `oneOf`: GitHub's
    alternatives overlap (a public user is a private user with less), so that any may fit; with
    `nullable` null is one of them (the author of a commit who has no account).
    """
    if isinstance(schema, dict):
        values = schema.get("enum")
        if schema.get("nullable") and isinstance(values, list) and None not in values:
            values.append(None)
        if isinstance(schema.get("oneOf"), list) and "anyOf" not in schema:
            none = [{"type": "object", "nullable": True, "enum": [None]}]
            schema["anyOf"] = schema.pop("oneOf") + (none if schema.get("nullable") else [])
            schema.pop("discriminator", None)
    for value in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(value, dict | list):
            _corrected(value)


def complaints(description: Description, exchange: Exchange) -> list[str]:
    """Say where an exchange is not as GitHub describes it.

    A request is held to the description when it was taken (GitHub would have refused it), and
    always when PyGithub sent it, with each field of its body. An answer is held to what the
    operation describes for its status; an error that it does not describe is held to GitHub's
    common form of an error.
    """
    path = _address(exchange)
    of_headers = list(_of_headers(exchange))
    if path == "/graphql":
        return of_headers  # described elsewhere: GitHub's schema of GraphQL
    operation = description.find(exchange.method, path)
    if operation is None:
        return (
            of_headers
            if exchange.status == 404
            else [*of_headers, "GitHub describes no such operation"]
        )
    of_headers += _all(description, operation, path, exchange)
    known = [sentence for name, sentence, _ in _KNOWN if name == str(operation)]
    return [each for each in of_headers if not any(part in each for part in known)]


def _of_headers(exchange: Exchange) -> Iterator[str]:
    """https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api"""
    if not exchange.by.startswith(_OURS):
        return
    if exchange.version != _VERSION:
        yield f"request: X-GitHub-Api-Version is {exchange.version!r}, not {_VERSION}"
    if exchange.accept != _FORM:
        yield f"request: Accept is {exchange.accept!r}, not {_FORM}"


def _all(
    description: Description, operation: Operation, path: str, exchange: Exchange
) -> list[str]:
    request = _request(operation, path, exchange)
    faults: list[str] = []
    if exchange.status < 400 or _is_strict(exchange):
        errors = operation.api.iter_request_errors(request)
        faults += [f"request: {_explained(error)}" for error in errors]
        checked = openapi_rules.Request(
            str(operation),
            dict(request.parameters.query.items()),
            _body(exchange.request),
            is_strict=_is_strict(exchange),
        )
        faults += [f"request: {rule}" for rule in openapi_rules.broken(checked)]
        faults += [
            f"request: {name} is no field of it"
            for name in _unknown(description, operation, checked)
        ]
    return faults + list(_of_answer(description, operation, request, exchange))


def _is_strict(exchange: Exchange) -> bool:
    return _STRICT in exchange.by


def _unknown(
    description: Description, operation: Operation, request: openapi_rules.Request
) -> Iterator[str]:
    """GitHub lets them pass, and no program of ours may count on that."""
    schema = description.body_schema(operation)
    if request.is_strict and schema is not None:
        yield from openapi_fields.unknown(request.body, schema, components=description.components)


def name_of(description: Description, exchange: Exchange) -> str:
    """The operation that it is for, "" for none."""
    return str(description.find(exchange.method, _address(exchange)) or "")


def _of_answer(
    description: Description, operation: Operation, request: _Request, exchange: Exchange
) -> Iterator[str]:
    if exchange.status == 304:
        if exchange.response:
            yield "response: a 304 has no body"
    elif exchange.response_type.startswith(_RAW):
        return
    elif str(exchange.status) in operation.statuses:
        response = _Response(exchange.status, exchange.response_type, exchange.response)
        for error in operation.api.iter_response_errors(request, response):
            yield f"response: {_explained(error)}"
    elif exchange.status < 400:
        yield f"response: {exchange.status} is not among {sorted(operation.statuses)}"
    else:
        yield from _of_error(description, exchange)


def _of_error(description: Description, exchange: Exchange) -> Iterator[str]:
    body = _body(exchange.response)
    if not isinstance(body, dict) or "message" not in body:
        yield "response: an error without a message"
        return
    for name in description.error_schema()["properties"]:
        if not isinstance(body.get(name, ""), str):
            yield f"response: {name} of an error is not a string"


def _address(exchange: Exchange) -> str:
    """The path under which GitHub describes it."""
    if exchange.method == "GET":
        for old, new in _ALIASES:
            if old.fullmatch(exchange.path):
                return old.sub(new, exchange.path)
    return exchange.path


def _request(operation: Operation, path: str, exchange: Exchange) -> _Request:
    query = parse_qsl(exchange.query, keep_blank_values=True)
    return _Request(
        operation.method,
        _one_segment(operation, path),
        RequestParameters(ImmutableMultiDict(query), Headers(), ImmutableMultiDict()),
        exchange.request_type,
        exchange.request or None,
    )


def _one_segment(operation: Operation, path: str) -> str:
    """Encode the slashes inside a parameter: openapi-core knows none of several segments."""
    match = operation.pattern.fullmatch(path)
    assert match is not None
    parts = iter(match.groups())
    return re.sub(r"\{\w+\}", lambda _: next(parts).replace("/", "%2F"), operation.template)


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw or b"null")
    except ValueError:
        return None


def _explained(error: BaseException) -> str:
    cause = error.__cause__ or error
    inner = getattr(cause, "schema_errors", None)
    if not inner:
        return f"{error}: {cause}" if cause is not error else str(error)
    return "; ".join(f"{'/'.join(map(str, e.absolute_path))}: {e.message[:400]}" for e in inner)
