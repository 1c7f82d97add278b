"""Actors that take turns, one look or write at a time: a schedule is a list of whose turn it is.

Each actor is a thread that waits for its turn before every step, so that every schedule can be run
again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

Step = Callable[[str, Callable[[], Any]], Any]
"""Waits for a turn, then touches one named part of the world and returns its answer."""


# A clone of the ledger reads what it fetched, and nobody changes the files of a version here.
OWN_MEMORY = {"read", "read_bytes", "read_many", "list", "children", "added", "earlier", "fetch"}


def at_once(part: str, act: Callable[[], Any]) -> Any:
    """The step of an actor that is alone."""
    return act()


class Crash(BaseException):
    """The process is gone: not even its handlers run."""


class Stepping:
    """One part of the world, of which every call is a step."""

    def __init__(self, part: str, inner: Any, step: Step) -> None:
        self._part, self._inner, self._step = part, inner, step

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not callable(value) or name in OWN_MEMORY:
            return value
        return lambda *arguments, **named: self._step(
            self._part, lambda: value(*arguments, **named)
        )


class World(Protocol):
    def act(self, actor: int, *, step: Step) -> None:
        """One actor, from its first step to its end."""


class Watcher(Protocol):
    """Learns of each step and of each end."""

    def step(self, actor: int, part: str, answer: object) -> None: ...
    def end(self, actor: int) -> None: ...


class Turns:
    """Runs actors one step at a time; `choose` says whose turn it is among those alive.

    `crashes` maps an actor to the step before which it is gone.
    """

    def __init__(
        self,
        world: World,
        actors: Sequence[int],
        choose: Callable[[list[int]], int],
        *,
        crashes: Mapping[int, int] | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._world, self._choose, self._crashes = world, choose, crashes or {}
        self._watcher = watcher
        self.steps = dict.fromkeys(actors, 0)
        self.crashed: set[int] = set()
        self._ended: set[int] = set()
        self._failures: list[BaseException] = []
        self._go = {actor: threading.Semaphore(0) for actor in actors}
        self._back = threading.Semaphore(0)

    def run(self) -> Turns:
        alive = list(self.steps)
        for actor in alive:
            threading.Thread(target=self._live, args=(actor,), daemon=True).start()
            self._back.acquire()
        while alive:
            actor = self._choose(alive)
            self._go[actor].release()
            self._back.acquire()
            alive = [actor for actor in alive if actor not in self._ended]
        if self._failures:
            raise self._failures[0]
        return self

    def _live(self, actor: int) -> None:
        try:
            self._world.act(actor, step=lambda part, act: self._step(actor, part, act))
            if self._watcher is not None:
                self._watcher.end(actor)
        except Crash:
            self.crashed.add(actor)
        except BaseException as error:  # noqa: BLE001 - raised again where the test can see it
            self._failures.append(error)
        finally:
            self._ended.add(actor)
            self._back.release()

    def _step(self, actor: int, part: str, act: Callable[[], Any]) -> Any:
        self._wait(actor)
        answer: object = None
        try:
            answer = act()
        except Exception as error:
            answer = error
            raise
        finally:
            if self._watcher is not None:
                self._watcher.step(actor, part, answer)
        return answer

    def _wait(self, actor: int) -> None:
        self._back.release()
        self._go[actor].acquire()
        self.steps[actor] += 1
        if self.steps[actor] == self._crashes.get(actor):
            raise Crash


def in_order(order: Sequence[int]) -> Callable[[list[int]], int]:
    """Each turn as listed (an index among those alive); afterwards the first to the end."""
    turns = iter(order)
    return lambda alive: alive[next(turns, 0) % len(alive)]
