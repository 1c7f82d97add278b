"""The pictures on a branch in Git: each write replaces its only commit, so that removed months take
no space."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from interlock import errors
from interlock.domain.reporting import pictures
from interlock.ports.git import MOST_RACES, Repository
from interlock.services import lost_races


class GitPictures:
    """`now` is ISO 8601; a month is removed `days` after its end. The branch is fetched when it is
    first used."""

    def __init__(
        self,
        repository: Repository,
        *,
        branch: str,
        now: str,
        days: int,
        pause: Callable[[int], None] = lost_races.pause,
    ) -> None:
        self._repository = repository
        self._ref = f"refs/heads/{branch}"
        self._read_ref = f"refs/interlock/{branch}"
        self._now, self._days, self._pause = now, days, pause
        self._head: str | None = None
        self._is_read = False

    def place(self, model: str, fingerprint: str, name: str) -> str:
        return pictures.path(model, fingerprint, name, at=self._now)

    def has(self, path: str) -> bool:
        pictures.check_path(path)
        if not self._is_read:
            self._refresh()
        return self._head is not None and path in self._repository.tree(self._head).entries

    def _refresh(self) -> None:
        is_fetched = self._repository.fetch(f"+{self._ref}:{self._read_ref}")
        self._head = self._repository.find_ref(self._read_ref if is_fetched else self._ref)
        self._is_read = True

    def store(self, files: Mapping[str, bytes], *, message: str) -> None:
        for attempt in range(MOST_RACES):
            new = {path: data for path, data in files.items() if not self.has(path)}
            if not new or self._push(new, message):
                return
            self._pause(attempt)
            self._refresh()
        raise errors.CannotReachGit(
            f"{self._ref} moved {MOST_RACES} times while pictures were being added",
            hint="check that origin accepts force pushes to it",
        )

    def _push(self, files: Mapping[str, bytes], message: str) -> bool:
        months = () if self._head is None else self._repository.tree(self._head).children("")
        expired = pictures.expired(months, now=self._now, days=self._days)
        commit = self._repository.commit(
            None, files, message=message, over=self._head, removed=expired
        )
        if not self._repository.push_alone(commit, self._ref, expected=self._head):
            return False
        self._head = commit
        return True
