"""Endpoints of rulesets, and of the rules of a branch."""

from __future__ import annotations

from github_sandbox import rulesets
from github_sandbox.http_types import Answer, Call, Endpoint, not_found, page
from github_sandbox.shapes import actors
from github_sandbox.state import Json


def list_rules(call: Call) -> Answer:
    """List the rules of a branch, which may not exist."""
    known = rulesets.of(call.repository, call.params["branch"])
    return page(call, [_with_source(call, each, rule) for each in known for rule in each["rules"]])


def _with_source(call: Call, known: Json, rule: Json) -> Json:
    source = {"ruleset_source_type": "Repository", "ruleset_source": call.name}
    return {**rule, **source, "ruleset_id": known["id"]}


def list_rulesets(call: Call) -> Answer:
    return page(call, rulesets.of(call.repository), shape=lambda known: _shape(call, known))


def get_ruleset(call: Call) -> Answer:
    """Return one ruleset; only an administrator can read who may bypass it."""
    for known in rulesets.of(call.repository):
        if known["id"] == call.params["number"]:
            shape = {**_shape(call, known), "rules": known["rules"], "conditions": _target(known)}
            if call.has_permission("admin"):
                shape["bypass_actors"] = known["bypass_actors"]
            return Answer(shape)
    raise not_found()


def _target(known: Json) -> Json:
    return {"ref_name": {"include": [f"refs/heads/{known['branch']}"], "exclude": []}}


def _shape(call: Call, known: Json) -> Json:
    links = {
        "self": {"href": f"{call.base}/api/repos/{call.name}/rulesets/{known['id']}"},
        "html": {"href": f"{call.base}/{call.name}/rules/{known['id']}"},
    }
    return {
        "id": known["id"],
        "name": known["name"],
        "target": "branch",
        "source_type": "Repository",
        "source": call.name,
        "enforcement": "active",
        "node_id": actors.node_id("RepositoryRuleset", known["id"]),
        "_links": links,
        "created_at": known["created_at"],
        "updated_at": known["created_at"],
    }


_REPOSITORY = "/repos/{owner}/{repo}"
ENDPOINTS = (
    Endpoint("GET", f"{_REPOSITORY}/rules/branches/{{branch:path}}", list_rules),
    Endpoint("GET", f"{_REPOSITORY}/rulesets", list_rulesets),
    Endpoint("GET", f"{_REPOSITORY}/rulesets/{{number:int}}", get_ruleset),
)
