"""The claims of a token: about the event, its repository and the job, with GitHub's values.

https://docs.github.com/actions/reference/security/oidc
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping

from github_sandbox import errors
from github_sandbox.events import OF_CHANGE, Event
from github_sandbox.instance import Instance
from github_sandbox.shapes import actors
from github_sandbox.state import Json

_ISSUER = "/_services/token"
_BRANCHES = "refs/heads/"
# Seconds around the time of issue, as in GitHub's example.
_VALID_BEFORE = 600
_VALID_AFTER = 300


def issuer(instance: Instance) -> str:
    """Return the issuer's URL, as of a GitHub Enterprise Server."""
    return instance.base_url + _ISSUER


def complete(instance: Instance, claims: Mapping[str, str], audience: str) -> Json:
    """Return the claims of a job with those of one token; by default, the audience is the owner."""
    now = int(time.time())
    return {
        "jti": secrets.token_hex(16),
        "aud": audience or f"{instance.base_url}/{claims['repository_owner']}",
        "iss": issuer(instance),
        "nbf": now - _VALID_BEFORE,
        "iat": now,
        "exp": now + _VALID_AFTER,
        **claims,
    }


def of_event(instance: Instance, event: Event) -> dict[str, str]:
    """Return the claims about an event, which are the same for all jobs of its runs.

    Raises InvalidCall if the event has no commit.
    """
    ref, sha = _commit(instance, event)
    head, base = _sides(event)
    return {
        "event_name": event.name,
        "ref": ref,
        "ref_type": "tag" if ref.startswith("refs/tags/") else "branch",
        "ref_protected": _is_protected(instance, event.repository, ref),
        "sha": sha,
        "workflow_sha": sha,
        "head_ref": head,
        "base_ref": base,
        **_of_repository(instance, event.repository),
        **_of_actor(instance, event),
    }


def _commit(instance: Instance, event: Event) -> tuple[str, str]:
    """Return the ref and the commit of the runs of an event."""
    payload = event.payload
    if event.name == "push":
        return payload["ref"], payload["after"]
    if event.name in OF_CHANGE:
        ref = f"refs/pull/{payload['pull_request']['number']}/merge"
        return ref, payload["pull_request"]["merge_commit_sha"] or _tip(instance, event, ref)
    if event.name == "merge_group":
        return payload["merge_group"]["head_ref"], payload["merge_group"]["head_sha"]
    default = instance.need_repository(event.repository)["default_branch"]
    ref = payload["ref"] if event.name == "workflow_dispatch" else _BRANCHES + default
    return ref, _tip(instance, event, ref)


def _tip(instance: Instance, event: Event, ref: str) -> str:
    sha = instance.git(event.repository).resolve(ref)
    if sha is None:
        raise errors.InvalidCall(
            f"{event.repository} has no {ref}, so this {event.name} has no run",
            hint="push the branch, or resolve the conflict of the pull request",
        )
    return sha


def _sides(event: Event) -> tuple[str, str]:
    """Return the branches of a pull request: the new one and its base; otherwise two empty texts.

    GitHub sets them on `pull_request` only, not for reviews.
    """
    if event.name != "pull_request":
        return "", ""
    pull = event.payload["pull_request"]
    return pull["head"]["ref"], pull["base"]["ref"]


def _is_protected(instance: Instance, name: str, ref: str) -> str:
    known = instance.need_repository(name)["protection"]
    return "true" if ref.removeprefix(_BRANCHES) in known else "false"


def _of_repository(instance: Instance, name: str) -> dict[str, str]:
    known = instance.need_repository(name)
    owner = known["full_name"].split("/")[0]
    return {
        "repository": known["full_name"],
        "repository_id": str(known["id"]),
        "repository_owner": owner,
        "repository_owner_id": str(instance.ensure_user(owner)["id"]),
        "repository_visibility": "private" if known["private"] else "public",
    }


def _of_actor(instance: Instance, event: Event) -> dict[str, str]:
    """Return the account that caused the event; a schedule runs for the owner here."""
    owner = {"login": event.repository.split("/")[0]}
    login = (event.payload.get("sender") or owner)["login"]
    return {"actor": login, "actor_id": str(actors.user(instance, "", login)["id"])}
