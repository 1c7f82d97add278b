"""One GitHub: its state, Git repositories and events; no HTTP."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from github_sandbox import errors, events, limits
from github_sandbox.access import Actor
from github_sandbox.faults import Faults, HiddenObjects
from github_sandbox.git import GitRepository
from github_sandbox.rate_limits import RequestCounter
from github_sandbox.state import Json, Store

_log = logging.getLogger(__name__)


class Instance:
    """State, Git repositories and events of one GitHub; safe to use from many threads."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.events_folder = self.root / "events"
        self.events_folder.mkdir(parents=True, exist_ok=True)
        self.store = Store(self.root / "state.sqlite3")
        self.faults = Faults()
        self.hidden = HiddenObjects()
        self.meter = RequestCounter()
        self.base_url = "http://127.0.0.1"
        self.listeners: list[events.Listener] = []
        self.listener_errors: list[Exception] = []
        self._pending: list[events.Event] = []
        self._repositories: dict[str, GitRepository] = {}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Change the state in one step; write its events in the same step.

        Listeners run afterwards in the caller's thread, without a lock, so they may use the API.
        """
        due: list[events.Event] = []
        with self.store.transaction():
            outermost = self.store.depth == 1
            try:
                yield
            except BaseException:
                if outermost:
                    self._pending = []
                raise
            if outermost:
                due, self._pending = self._pending, []
                for event in due:
                    number = self.store.next("event")
                    events.write_event(self.events_folder, event, number=number)
        for event in due:
            self._notify(event)

    def _notify(self, event: events.Event) -> None:
        for listener in tuple(self.listeners):
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - an error of a listener does not change the response
                self.listener_errors.append(error)
                _log.exception("a listener failed on %s %s", event.name, event.action)

    def emit(self, name: str, action: str, payload: Json, *, repository: str, by: Actor) -> None:
        """Add an event of this transaction."""
        body = {"action": action, **payload} if action else payload
        self._pending.append(events.Event(name, action, body, repository, by.is_bot))

    def git(self, repository: str) -> GitRepository:
        path = self.root / "repositories" / f"{repository}.git"
        return self._repositories.setdefault(repository, GitRepository.at(path))

    def close(self) -> None:
        """End the processes of Git, and close the state file."""
        for repository in self._repositories.values():
            repository.close()
        self.store.close()

    def repository(self, name: str) -> Json | None:
        """Return a repository by full name, upper or lower case."""
        return self.store.get("repository", key=name.lower())

    def repositories(self) -> list[Json]:
        return self.store.list("repository")

    def save_repository(self, repository: Json) -> None:
        self.store.put("repository", repository, key=repository["full_name"].lower())

    def user(self, login: str) -> Json | None:
        return self.store.get("user", key=login.lower())

    def ensure_user(self, login: str, *, kind: str = "User") -> Json:
        """Return the account of a login; create it if it does not exist."""
        user = self.user(login)
        if user is None:
            user = {"id": self.store.next("user"), "login": login, "type": kind}
            user["created_at"] = limits.now()
            self.store.put("user", user, key=login.lower())
        return user

    def need_repository(self, name: str) -> Json:
        """Return a repository; raises UnknownName when it does not exist."""
        repository = self.repository(name)
        if repository is None:
            raise errors.UnknownName(
                f"the sandbox has no repository {name}", hint="call create_repository first"
            )
        return repository
