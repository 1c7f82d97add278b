"""GraphQL: two supported queries, and an error for others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.scene import Scene

VIEWER = "query { viewer { login } }"


def ask(scene: Scene, text: str) -> dict[str, Any]:
    return dict(scene.http.post("/api/graphql", json={"query": text}).json())


def deployments_of(sha: str, *, name: str = "models", after: str = "") -> str:
    page = "first: 100" + (f', after: "{after}"' if after else "")
    fields = "{ pageInfo { hasNextPage endCursor } nodes { databaseId } }"
    query = f'c0: object(oid: "{sha}") {{ ... on Commit {{ deployments({page}) {fields} }} }}'
    return f'query {{ repository(owner: "acme", name: "{name}") {{ {query} }} }}'


@pytest.mark.parametrize("text", ["", "query { viewer { name } }", "mutation { x }"])
def test_graphql__unknown_query(scene: Scene, text: str) -> None:
    assert ask(scene, text)["errors"]


def test_graphql__viewer(scene: Scene) -> None:
    assert ask(scene, VIEWER) == {"data": {"viewer": {"login": "octocat"}}}


def test_graphql__unknown_repository(scene: Scene) -> None:
    answer = ask(scene, deployments_of("a" * 40, name="nothing"))
    (error,) = answer["errors"]
    assert error["type"] == "NOT_FOUND"


def test_graphql__deployments_page_by_page(scene: Scene) -> None:
    sha = scene.clone.head()
    for number in range(103):
        made = {"ref": sha, "environment": f"e{number}", "required_contexts": []}
        assert scene.post("/deployments", **made).status_code == 201
    first = ask(scene, deployments_of(sha))["data"]["repository"]["c0"]["deployments"]
    assert (len(first["nodes"]), first["pageInfo"]["hasNextPage"]) == (100, True)
    end = first["pageInfo"]["endCursor"]
    last = ask(scene, deployments_of(sha, after=end))["data"]["repository"]["c0"]["deployments"]
    assert (len(last["nodes"]), last["pageInfo"]["hasNextPage"]) == (3, False)
    ids = [node["databaseId"] for node in (*first["nodes"], *last["nodes"])]
    assert len(set(ids)) == 103
