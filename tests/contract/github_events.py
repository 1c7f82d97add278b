"""Events as GitHub writes them: its published examples, and those that it does not publish.

A derived one is a published one with a few fields changed, held against GitHub's schema again.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema

from tests.contract import node_world

Payload = dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """One event as a run meets it: its name, payload, and what it is an example of."""

    name: str
    payload: Payload
    is_of: str = "published"

    @property
    def place(self) -> str:
        return f"{self.name} {self.payload.get('action', '')}, {self.is_of}"

    def contexts(self) -> dict[str, Any]:
        """What `github` is in the expressions of that run."""
        repository = self.payload.get("repository") or {}
        return {
            "event_name": self.name,
            "event": self.payload,
            "repository": repository.get("full_name", "acme/models"),
            "actor": (self.payload.get("sender") or {}).get("login", "octocat"),
            "ref": self._ref(),
        }

    def _ref(self) -> str:
        """As GitHub documents it for each event that starts a workflow."""
        payload = self.payload
        if "pull_request" in payload:
            return f"refs/pull/{payload['pull_request'].get('number')}/merge"
        if self.name in {"push", "workflow_dispatch"}:
            return str(payload["ref"])
        if self.name == "merge_group":
            return str(payload["merge_group"]["head_ref"])
        default = (payload.get("repository") or {}).get("default_branch", "main")
        return f"refs/heads/{default}"


@functools.cache
def validator(name: str, action: str) -> jsonschema.Draft7Validator:
    """GitHub's schema of an event, of this action of it where that has its own."""
    definitions = node_world.webhook_schema()["definitions"]
    names = (f"{name}${action}", f"{name}_event", f"{name}$event")
    known = next(each for each in names if each in definitions)
    schema = {"$ref": f"#/definitions/{known}", "definitions": definitions}
    return jsonschema.Draft7Validator(schema)


def fits(delivery: Delivery) -> bool:
    """Whether GitHub's schema of its event takes the payload."""
    action = str(delivery.payload.get("action", ""))
    return bool(validator(delivery.name, action).is_valid(delivery.payload))


@functools.cache
def published() -> tuple[Delivery, ...]:
    """GitHub's examples, without those that its own schema refuses."""
    every = (
        Delivery(each["name"], payload)
        for each in node_world.webhook_examples()
        for payload in each["examples"]
    )
    return tuple(each for each in every if fits(each))


@functools.cache
def derived() -> tuple[Delivery, ...]:
    """What is not published, and fits GitHub's schema as well."""
    made = tuple(each for delivery in published() for each in _derive(delivery))
    assert all(fits(each) for each in made), [e.place for e in made if not fits(e)]
    return made


@functools.cache
def beyond_schemas() -> tuple[Delivery, ...]:
    """What GitHub's schemas do not have, and a run meets.

    They know of no `schedule`, and of no review whose pull request's fork is gone. What comes with
    a tick is not documented: here nothing but its line, and what most events bring.
    """
    push = next(each.payload for each in published() if each.name == "push")
    usual = {name: push[name] for name in ("repository", "sender")}
    reviews = (each for each in published() if each.name == "pull_request_review")
    return (
        Delivery("schedule", {"schedule": "30 5 * * 1"}, "a tick"),
        Delivery("schedule", {"schedule": "30 5 * * 1", **usual}, "a tick with more"),
        *(_without_fork(review) for review in reviews),
    )


def _derive(delivery: Delivery) -> Iterator[Delivery]:
    if delivery.name in {"pull_request", "pull_request_review"}:
        yield from _heads(delivery)
        yield _by_dependabot(delivery)
    if delivery.name == "pull_request":
        yield _without_fork(delivery)
        if delivery.payload["action"] == "opened":
            yield from _edits(delivery)
    if delivery.name in {"push", "workflow_dispatch"}:
        yield from _refs(delivery)
    if delivery.name == "issue_comment":
        yield _on_a_pull_request(delivery)
    if delivery.name == "workflow_run":
        yield from _ended(delivery)


def _heads(delivery: Delivery) -> Iterator[Delivery]:
    """Heads of another repository, and of ones with a name much like ours."""
    ours = delivery.payload["repository"]["full_name"]
    for stranger in (f"mallory/{ours.split('/')[1]}", f"{ours}-models", f"x{ours}"):
        changed = copy.deepcopy(delivery.payload)
        owner, name = stranger.split("/")
        changed["pull_request"]["head"]["repo"] |= {"full_name": stranger, "name": name}
        changed["pull_request"]["head"]["repo"]["owner"]["login"] = owner
        yield Delivery(delivery.name, changed, f"from the fork {stranger}")


def _without_fork(delivery: Delivery) -> Delivery:
    changed = copy.deepcopy(delivery.payload)
    changed["pull_request"]["head"]["repo"] = None
    return Delivery(delivery.name, changed, "its fork deleted")


def _edits(delivery: Delivery) -> Iterator[Delivery]:
    """Another title, another base, and both at once; GitHub's own example is of neither alone."""
    base = delivery.payload["pull_request"]["base"]
    retargeted = {"base": {"ref": {"from": "topic"}, "sha": {"from": base["sha"]}}}
    retitled = {"title": {"from": "Before"}}
    for changes, is_of in (
        (retitled, "another title"),
        (retargeted, "another base"),
        (retitled | retargeted, "another title and base"),
    ):
        changed = copy.deepcopy(delivery.payload) | {"action": "edited", "changes": changes}
        yield Delivery(delivery.name, changed, is_of)


def _by_dependabot(delivery: Delivery) -> Delivery:
    changed = copy.deepcopy(delivery.payload)
    changed["sender"] |= {"login": "dependabot[bot]", "type": "Bot"}
    return Delivery(delivery.name, changed, f"{delivery.is_of} by Dependabot")


def _refs(delivery: Delivery) -> Iterator[Delivery]:
    default = delivery.payload["repository"]["default_branch"]
    for ref in (f"heads/{default}", "heads/topic", f"heads/x/{default}", f"tags/{default}"):
        changed = copy.deepcopy(delivery.payload)
        changed["ref"] = f"refs/{ref}"
        made = Delivery(delivery.name, changed, f"of {ref}")
        yield made
        yield _by_dependabot(made)


def _on_a_pull_request(delivery: Delivery) -> Delivery:
    changed = copy.deepcopy(delivery.payload)
    address = changed["issue"]["url"].replace("/issues/", "/pulls/")
    page = changed["issue"]["html_url"].replace("/issues/", "/pull/")
    changed["issue"]["pull_request"] = {
        "url": address,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "merged_at": None,
    }
    return Delivery(delivery.name, changed, "on a pull request")


def _ended(delivery: Delivery) -> Iterator[Delivery]:
    """Ends of runs on pull requests: of the repository, of a fork, by Dependabot."""
    ours = delivery.payload["repository"]["full_name"]
    someone = delivery.payload["sender"]
    for repository, actor in (
        (ours, "octocat"),
        ("mallory/x", "mallory"),
        (ours, "dependabot[bot]"),
    ):
        changed = copy.deepcopy(delivery.payload)
        changed["workflow_run"] |= {"event": "pull_request", "actor": {**someone, "login": actor}}
        changed["workflow_run"]["head_repository"]["full_name"] = repository
        yield Delivery(delivery.name, changed, f"of {repository} by {actor}")
