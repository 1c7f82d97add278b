"""The Python API: create accounts and repositories, serve them, inject faults, read requests."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from github_sandbox import access, errors, forks, rate_limits, rulesets, server
from github_sandbox.events import Event
from github_sandbox.faults import Faults
from github_sandbox.instance import Instance
from github_sandbox.middleware import RequestLog
from github_sandbox.oidc import JobAccess, WorkflowJob, claims, jobs, signing_keys
from github_sandbox.rate_limits import Usage

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_BOT = "[bot]"


class Sandbox:
    """A local GitHub; its state is in the folder `root`, and a new object continues with it."""

    def __init__(self, root: Path) -> None:
        try:
            self.instance = Instance(Path(root))
        except (OSError, sqlite3.Error) as error:
            raise errors.InvalidCall(
                f"cannot write to {root}: {error}", hint="use a folder with write permission"
            ) from error
        self._log = RequestLog()
        self._serving = False

    def close(self) -> None:
        """Close the state file; do not use the sandbox afterwards."""
        self.instance.close()

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Serve on 127.0.0.1 until the block ends; yields http://127.0.0.1:PORT.

        The REST API is under /api. Raises InvalidCall when the port is in use.
        """
        if self._serving:
            raise errors.InvalidCall("this sandbox is already serving", hint="use its URL")
        self._serving = True
        try:
            with server.serve(server.application(self.instance, self._log), port=port) as bound:
                self.instance.base_url = f"http://127.0.0.1:{bound}"
                yield self.instance.base_url
        finally:
            self._serving = False

    @property
    def repositories(self) -> tuple[str, ...]:
        return tuple(repository["full_name"] for repository in self.instance.repositories())

    def create_repository(
        self, name: str, default_branch: str = "main", *, private: bool = False
    ) -> Path:
        """Create an empty repository `owner/name`; returns its bare Git directory."""
        if not _NAME.fullmatch(name) or name.endswith(".git"):
            raise errors.InvalidCall(f"{name!r} is not a repository name", hint="write owner/name")
        with self.instance.transaction():
            if self.instance.repository(name) is not None:
                raise errors.InvalidCall(
                    f"the repository {name} already exists", hint="use another name"
                )
            forks.create(self.instance, name, default_branch=default_branch, private=private)
        return self.instance.git(name).path

    def create_fork(self, repository: str, *, owner: str) -> Path:
        """Create (or find) the owner's fork of a repository; returns its bare Git directory."""
        with self.instance.transaction():
            parent = self.instance.need_repository(repository)
            made = forks.fork(self.instance, parent, owner=owner)
        return self.instance.git(made["full_name"]).path

    def create_user(self, login: str, *, repository: str = "", permission: str = "none") -> None:
        """Create an account if it does not exist, and set its permission on a repository."""
        if permission not in access.PERMISSIONS:
            known = ", ".join(access.PERMISSIONS)
            raise errors.InvalidCall(
                f"{permission!r} is not a permission", hint=f"use one of {known}"
            )
        with self.instance.transaction():
            self.instance.ensure_user(login)
            if repository:
                name = self.instance.need_repository(repository)["full_name"]
                body = {"login": login, "permission": permission}
                self.instance.store.put("permission", body, repository=name, key=login)

    def create_token(
        self, login: str, scopes: Mapping[str, str] | None = None, bot: bool = False
    ) -> str:
        """Return a new token of an account; without `scopes` it may write everything.

        The login of a bot ends with [bot], which is added if it is missing. As with the token of a
        workflow, the actions of a bot start no workflows.
        """
        granted = dict.fromkeys(access.SCOPES, "write") if scopes is None else dict(scopes)
        for scope, grant in granted.items():
            if scope not in (*access.SCOPES, "metadata") or grant not in access.GRANTS:
                known = ", ".join(access.SCOPES)
                raise errors.InvalidCall(f"{scope}={grant} is not a scope", hint=f"use {known}")
        with self.instance.transaction():
            if bot:
                login = login if login.endswith(_BOT) else login + _BOT
                self.instance.ensure_user(login, kind="Bot")
            elif self.instance.user(login) is None:
                raise errors.UnknownName(
                    f"the sandbox has no user {login}", hint="call create_user first"
                )
            return access.create_token(self.instance.store, login=login, scopes=granted, is_bot=bot)

    def require_check(
        self,
        repository: str,
        branch: str = "main",
        contexts: Sequence[str] = ("interlock",),
        strict: bool = False,
        *,
        by_ruleset: bool = False,
    ) -> None:
        """Protect a branch: a merge requires these checks (`strict`: and an up-to-date branch).

        The branch cannot be deleted or force-pushed; other pushes are allowed. GitHub has two kinds
        of rules with two APIs; `by_ruleset` creates the newer kind.
        """
        with self.instance.transaction():
            known = self.instance.need_repository(repository)
            rule = {"contexts": list(contexts), "strict": strict, "is_ruleset": by_ruleset}
            known["protection"][branch] = rule
            checks = contexts if by_ruleset else ()
            rulesets.require_checks(self.instance, known, branch, contexts=checks, strict=strict)
            self.instance.save_repository(known)

    def protect_branch(
        self,
        repository: str,
        branch: str,
        *,
        rules: Sequence[str] = rulesets.TYPES,
        bypass_actors: Sequence[Mapping[str, object]] = (),
    ) -> None:
        """Forbid force pushes, the deletion or merge commits of a branch; nothing without rules.

        An administrator can read the list of accounts that may bypass the rules; here nobody can.
        """
        actors = [dict(actor) for actor in bypass_actors]
        with self.instance.transaction():
            known = self.instance.need_repository(repository)
            rulesets.protect(self.instance, known, branch, rules=rules, bypass_actors=actors)
            self.instance.save_repository(known)

    def allow_auto_merge(self, repository: str, *, is_allowed: bool = True) -> None:
        """Change the setting "Allow auto-merge" of a repository; its default is off."""
        with self.instance.transaction():
            known = self.instance.need_repository(repository)
            known["allow_auto_merge"] = is_allowed
            self.instance.save_repository(known)

    def set_actions(self, repository: str, **settings: object) -> None:
        """Change settings of Actions, by their names in api.actions.DEFAULTS; `runners` are
        mappings with `labels` and `is_online`."""
        with self.instance.transaction():
            known = self.instance.need_repository(repository)
            known["actions"] = {**known.get("actions", {}), **settings}
            self.instance.save_repository(known)

    def on_event(self, callback: Callable[[Event], None]) -> None:
        """Call a function on every event, in the thread of its request, before the response.

        The function may use the API. Its errors are in `listener_errors` and do not change the
        response.
        """
        self.instance.listeners.append(callback)

    def emit_schedule(self, repository: str, *, cron: str) -> None:
        """Emit the event of a scheduled workflow; `cron` is the line in its `on:`.

        GitHub does not document the payload: here it has the line only.
        """
        with self.instance.transaction():
            known = self.instance.need_repository(repository)
            actor = access.Actor("github-actions[bot]")
            self.instance.emit(
                "schedule", "", {"schedule": cron}, repository=known["full_name"], by=actor
            )

    def open_job(self, event: Event, job: WorkflowJob) -> JobAccess:
        """Start a job of a run of this event that may request ID tokens; only while serving.

        Raises InvalidCall for a pull request of a fork or of Dependabot: its jobs get no token.
        """
        self._need_address()
        return jobs.start(self.instance, event, job)

    def end_job(self, access: JobAccess) -> None:
        """End a job; its later requests for ID tokens are refused."""
        jobs.end(self.instance, access)

    @property
    def issuer(self) -> str:
        """The issuer of ID tokens: the address of its description and of its keys."""
        return claims.issuer(self.instance)

    def sign_id_token(self, content: Mapping[str, object]) -> str:
        """Return a token with any claims, signed with the issuer's key: for tests of verifiers."""
        return signing_keys.sign(self.instance.store, content)

    def rotate_signing_key(self) -> None:
        """Sign with a new key; the old ones stay published."""
        signing_keys.rotate(self.instance.store)

    def forget_old_signing_keys(self) -> None:
        """Publish only the key that signs."""
        signing_keys.forget_old(self.instance.store)

    @property
    def listener_errors(self) -> list[Exception]:
        return self.instance.listener_errors

    @property
    def faults(self) -> Faults:
        return self.instance.faults

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """Every request so far as (method, path, status); API paths begin with /api."""
        return list(self._log.entries)

    def count(self, method: str | None = None, path_pattern: str | None = None) -> int:
        """Return the number of requests with a method and a path that matches the pattern."""
        return self._log.count(method=method, path_pattern=path_pattern)

    @property
    def usage(self) -> Usage:
        """The share of GitHub's rate limits that the requests since `reset_counts` use."""
        return rate_limits.usage(self.requests)

    def reset_counts(self) -> None:
        self._log.reset()

    def git_url(self, repository: str, token: str = "") -> str:
        """Return the URL for clone and push, with the token; only while serving."""
        self._need_address()
        name = self.instance.need_repository(repository)["full_name"]
        credentials = f"x-access-token:{token}@" if token else ""
        return f"{self.instance.base_url.replace('://', f'://{credentials}')}/{name}.git"

    def _need_address(self) -> None:
        if not self._serving:
            raise errors.InvalidCall(
                "the sandbox is not serving", hint="use `with sandbox.serve():`"
            )
