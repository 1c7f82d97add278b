"""The expression engine answers as GitHub documents it."""

from __future__ import annotations

import pytest

from tests.contract.node_world import Expressions

# https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
DOCUMENTED = {
    "github.event_name == 'PUSH'": True,  # strings are compared without regard to case
    "github.event.head.repo.full_name": False,  # a field of null is null
    "github.event.head.repo.full_name == github.repository": False,
    "github.event.none == ''": True,  # null and '' are both the number 0
    "contains(github.event.labels.*.name, 'gpu')": True,
    "startsWith(github.ref, 'refs/heads/')": True,
    "fromJSON('[1, 2]')[1] == 2": True,
    "!cancelled() && success()": True,
    "always() && failure()": False,
    "${{ github.repository }}": True,
}
CONTEXTS = {
    "github": {
        "event_name": "push",
        "ref": "refs/heads/main",
        "repository": "acme/models",
        "event": {"head": {"repo": None}, "labels": [{"name": "gpu"}]},
    }
}


def test_expressions__are_evaluated_as_documented(expressions: Expressions) -> None:
    actual = expressions.hold(list(DOCUMENTED), contexts=CONTEXTS)
    assert dict(zip(DOCUMENTED, actual, strict=True)) == DOCUMENTED


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("success", [True, False, False, True]),
        ("failure", [False, True, False, True]),
        ("cancelled", [False, False, True, True]),
    ],
)
def test_expressions__know_how_the_jobs_before_ended(
    expressions: Expressions, status: str, expected: list[bool]
) -> None:
    lines = ["success()", "failure()", "cancelled()", "always()"]
    documents = expressions.evaluate(lines, status=status, contexts={})
    assert [result["truthy"] for result in documents] == expected


def test_expressions__a_wrong_one_is_an_error(expressions: Expressions) -> None:
    (document,) = expressions.evaluate(["github.event_name = 'push'"], contexts=CONTEXTS)
    assert "error" in document
