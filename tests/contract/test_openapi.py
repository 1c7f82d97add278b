"""The sandbox's API against GitHub's own description; the plugin holds all other tests to it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from github_sandbox.api import ENDPOINTS
from tests import kept_demo
from tests.contract import node_world, openapi, openapi_program, openapi_rules
from tests.contract.openapi_plugin import Watch
from tests.contract.openapi_tape import Exchange
from tests.sandbox.scene import API, Scene, serve

_PARAMETER = re.compile(r"\{\w+(:\w+)?\}")
# Older addresses that GitHub still answers and no longer describes; PyGithub asks there.
UNDESCRIBED = {
    "GET /repos/{}/{}/statuses/{}",
    "GET /repos/{}/{}/git/refs",
    "GET /repos/{}/{}/git/refs/{}",
    "GET /repos/{}/{}/contents",
    "POST /graphql",
}
GOOD = Exchange(
    method="POST",
    path="/repos/acme/models/issues/1/labels",
    query="",
    by="PyGithub/Python",
    request_type="application/json",
    request=b'{"labels": ["gpu"]}',
    status=200,
    response_type="application/json; charset=utf-8",
    response=b"[]",
)
RUN = dataclasses.replace(
    GOOD,
    path="/repos/acme/models/check-runs",
    request=json.dumps({"name": "interlock", "head_sha": "a" * 40}).encode(),
    status=403,
    response=b'{"message": "Resource not accessible by integration"}',
)
OURS = dataclasses.replace(
    GOOD, by="interlock (PyGithub)", accept="application/vnd.github+json", version="2022-11-28"
)
REF = "/repos/acme/models/git/ref/heads/a/b"


def _run(**body: object) -> Exchange:
    return dataclasses.replace(RUN, request=json.dumps(body).encode())


WRONG = {
    "a path that GitHub has not": (
        dataclasses.replace(GOOD, path="/repos/acme/models/sticky-notes"),
        "no such operation",
    ),
    "a method that the path has not": (
        dataclasses.replace(GOOD, method="DELETE", path="/repos/acme/models/pulls/1"),
        "no such operation",
    ),
    "an answer of another form": (
        dataclasses.replace(GOOD, response=b'{"labels": []}'),
        "response",
    ),
    "an answer without a field": (
        dataclasses.replace(GOOD, response=b'[{"id": 1, "name": "gpu"}]'),
        "is a required property",
    ),
    "a status that it never has": (dataclasses.replace(GOOD, status=206), "206 is not among"),
    "an error in words alone": (
        dataclasses.replace(GOOD, status=418, response_type="text/plain", response=b"no"),
        "without a message",
    ),
    "a body with its 304": (dataclasses.replace(GOOD, status=304), "has no body"),
    "a body of another form": (_run(name="interlock"), "'head_sha' is a required property"),
    "a value that is none of its": (
        _run(name="interlock", head_sha="a" * 40, status="done"),
        "'done' is not one of",
    ),
    "a short SHA": (_run(name="interlock", head_sha="abc"), "not a full SHA"),
    "a completed check that concludes nothing": (
        _run(name="interlock", head_sha="a" * 40, status="completed"),
        "conclusion",
    ),
    "a field that it has not": (
        _run(name="interlock", head_sha="a" * 40, colour="green"),
        "colour is no field",
    ),
    "a field inside that it has not": (
        _run(name="i", head_sha="a" * 40, output={"title": "t", "summary": "s", "markdown": "m"}),
        "output/markdown is no field",
    ),
    "a field of an item that it has not": (
        _run(
            name="interlock",
            head_sha="a" * 40,
            output={
                "title": "t",
                "summary": "s",
                "images": [{"alt": "a", "image_url": "b", "w": 1}],
            },
        ),
        "output/images/0/w is no field",
    ),
    "a commit for a run that has one": (
        dataclasses.replace(
            RUN, method="PATCH", path=f"{RUN.path}/1", request=b'{"head_sha": "%s"}' % (b"a" * 40)
        ),
        "head_sha is no field",
    ),
    "no version": (dataclasses.replace(OURS, version=""), "X-GitHub-Api-Version is ''"),
    "another version": (dataclasses.replace(OURS, version="2026-03-10"), "Api-Version is '2026"),
    "any form": (dataclasses.replace(OURS, accept="*/*"), "Accept is"),
    "no version for GraphQL": (
        dataclasses.replace(OURS, path="/graphql", version=""),
        "X-GitHub-Api-Version is ''",
    ),
    "too large a page": (
        dataclasses.replace(GOOD, method="GET", request=b"", query="per_page=101"),
        "per_page",
    ),
}


@pytest.fixture(scope="module")
def description() -> openapi.Description:
    folder = node_world.install() / "@octokit" / "openapi" / "generated"
    return openapi.Description(folder / "api.github.com.json")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with serve(tmp_path) as made:
        yield made


def test_endpoints__are_all_described_by_github(description: openapi.Description) -> None:
    described = {
        f"{method} {_PARAMETER.sub('{}', path)}" for method, path in description.operations
    }
    ours = {f"{row.method} {_PARAMETER.sub('{}', row.path)}" for row in ENDPOINTS}
    assert len(ours) > 60
    assert ours - described == UNDESCRIBED


FREE = dataclasses.replace(
    GOOD,
    path="/repos/acme/models/deployments",
    request=b'{"ref": "main", "payload": {"interlock": "key", "more": {"a": [1]}}}',
    status=403,
    response=b'{"message": "Resource not accessible by integration"}',
)


@pytest.mark.parametrize("exchange", [GOOD, RUN, OURS, FREE], ids=str)
def test_exchange__that_fits_has_no_complaint(
    description: openapi.Description, exchange: Exchange
) -> None:
    assert openapi.complaints(description, exchange) == []


@pytest.mark.parametrize(("exchange", "sentence"), WRONG.values(), ids=WRONG)
def test_exchange__that_does_not_fit_is_reported(
    description: openapi.Description, exchange: Exchange, sentence: str
) -> None:
    complaints = openapi.complaints(description, exchange)
    assert any(sentence in complaint for complaint in complaints), complaints


def test_exchange__refused_to_somebody_else_may_be_anything(
    description: openapi.Description,
) -> None:
    """Tests ask for what is wrong, to be refused; our adapter never may."""
    wrong, _ = WRONG["a short SHA"]
    assert openapi.complaints(description, dataclasses.replace(wrong, by="python-httpx")) == []


def test_path__may_hold_slashes_where_github_says_so(description: openapi.Description) -> None:
    exchange = dataclasses.replace(GOOD, method="GET", path=REF, request=b"", status=404)
    exchange = dataclasses.replace(exchange, response=b'{"message": "Not Found"}')
    assert openapi.name_of(description, exchange) == "GET /repos/{owner}/{repo}/git/ref/{ref}"
    assert openapi.complaints(description, exchange) == []


def test_watch__fails_the_test_that_made_the_exchange() -> None:
    watch = Watch()
    watch.tape.keep(GOOD)
    watch.judge()
    watch.tape.keep(WRONG["a short SHA"][0])
    with pytest.raises(pytest.fail.Exception, match="head_sha is not a full SHA"):
        watch.judge()
    assert watch.exchanges.total() == 2


def test_demo__asks_and_is_answered_as_github_describes(
    description: openapi.Description, tmp_path_factory: pytest.TempPathFactory
) -> None:
    actual = openapi_program.read(kept_demo.folder(tmp_path_factory) / "exchanges")
    exchanges = [item for item in actual if isinstance(item, Exchange)]
    assert [(str(e), each) for e in exchanges for each in openapi.complaints(description, e)] == []
    names = {openapi.name_of(description, e) for e in exchanges if "PyGithub" in e.by}
    print(f"the demo: {len(exchanges)} exchanges, {len(names)} operations by our adapter")
    assert "POST /repos/{owner}/{repo}/check-runs" in names
    assert len(names) >= 8


# What only GitHub's words forbid: (method, path, body), and a part of what is broken.
LONG = "x" * 65_537
FORBIDDEN = {
    "conclusion": ("POST", "/check-runs", {"name": "i", "head_sha": "SHA", "status": "completed"}),
    "summary": (
        "POST",
        "/check-runs",
        {"name": "i", "head_sha": "SHA", "output": {"title": "t", "summary": LONG}},
    ),
    "annotations": (
        "POST",
        "/check-runs",
        {
            "name": "i",
            "head_sha": "SHA",
            "output": {"title": "t", "summary": "s", "annotations": [{}] * 51},
        },
    ),
    "head_sha": ("POST", "/check-runs", {"name": "i", "head_sha": "SHORT"}),
    "body": ("POST", "/issues/1/comments", {"body": LONG}),
    "title": ("PATCH", "/pulls/1", {"title": "x" * 257}),
    "ref": ("POST", "/git/refs", {"ref": "heads/new", "sha": "SHA"}),
    "sha": ("POST", "/git/refs", {"ref": "refs/heads/new", "sha": "SHORT"}),
    "color": ("POST", "/labels", {"name": "gpu", "color": "#ffffff"}),
    "name": ("POST", "/labels", {"name": "x" * 51}),
    "description": ("POST", "/statuses/SHA", {"state": "success", "description": "x" * 141}),
    "client_payload": (
        "POST",
        "/dispatches",
        {"event_type": "x", "client_payload": {str(n): n for n in range(11)}},
    ),
}


def test_rule_in_words__content_is_base64() -> None:
    lines = [
        openapi_rules.broken(openapi_rules.Request(operation, {}, body))
        for operation, body in (
            ("PUT /repos/{owner}/{repo}/contents/{path}", {"content": "no base 64!"}),
            ("POST /repos/{owner}/{repo}/git/blobs", {"content": "é", "encoding": "base64"}),
            ("POST /repos/{owner}/{repo}/git/blobs", {"content": "é", "encoding": "utf-8"}),
            ("PUT /repos/{owner}/{repo}/contents/{path}", {"content": "YWJj\n"}),
        )
    ]
    assert lines == [["content is not base64"], ["content is not base64"], [], []]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_rule_in_words__is_known_to_the_judge_and_kept_by_the_sandbox(
    description: openapi.Description, scene: Scene, name: str
) -> None:
    sha = scene.open_pull()["head"]["sha"]
    method, path, body = FORBIDDEN[name]
    path = path.replace("SHA", sha)
    text = json.dumps(body).replace('"SHA"', f'"{sha}"').replace('"SHORT"', f'"{sha[:7]}"')
    answer = scene.send(method, path, content=text)
    assert answer.status_code == 422, answer.text
    exchange = dataclasses.replace(GOOD, method=method, path=f"{API.removeprefix('/api')}{path}")
    broken = openapi_rules.broken(
        openapi_rules.Request(openapi.name_of(description, exchange), {}, json.loads(text))
    )
    assert [each for each in broken if name in each], broken
