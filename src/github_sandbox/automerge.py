"""Auto-merge of a pull request: enable and disable it; `merge` merges."""

from __future__ import annotations

from github_sandbox import access, protection, pulls
from github_sandbox.access import Actor
from github_sandbox.instance import Instance
from github_sandbox.state import Json

METHOD = "squash"


def refusal(instance: Instance, name: str, pull: Json) -> str | None:
    """Return GitHub's reason against auto-merge, or None.

    GitHub refuses it for a pull request that can be merged now:
    https://github.com/peter-evans/enable-pull-request-automerge#conditions
    """
    if not instance.need_repository(name).get("allow_auto_merge"):
        return "Auto merge is not allowed for this repository"
    state = protection.mergeable_state(instance, name, pull)
    if state not in ("blocked", "behind"):
        return f"Pull request Pull request is in {state} status"
    return None


def enable(instance: Instance, name: str, pull: Json, *, by: Actor) -> None:
    pull["auto_merge"] = {"login": by.login, "is_bot": by.is_bot}
    pulls.save(instance, name, pull)
    pulls.note(instance, name, pull["number"], "auto_merge_enabled", by=by)
    pulls.announce(instance, name, pull, "auto_merge_enabled", by=by, reason="")


def disable(instance: Instance, name: str, pull: Json, *, reason: str, by: Actor) -> None:
    pull["auto_merge"] = None
    pulls.save(instance, name, pull)
    pulls.note(instance, name, pull["number"], "auto_merge_disabled", by=by)
    pulls.announce(instance, name, pull, "auto_merge_disabled", by=by, reason=reason)


def disable_after_push(instance: Instance, name: str, pull: Json, *, by: Actor) -> None:
    """Disable it after a push by a user who may not merge."""
    permission = access.permission(instance.store, by, instance.need_repository(name))
    if pull.get("auto_merge") and not access.at_least(permission, "write"):
        reason = "Head branch was pushed to by a user without write access"
        disable(instance, name, pull, reason=reason, by=by)


def enabler(pull: Json) -> Actor | None:
    """Return the account that enabled it, which becomes the author of the merge."""
    known = pull.get("auto_merge")
    return Actor(known["login"], known["is_bot"]) if known else None
