"""Every schedule of a few actors and every crash, without running what was run before.

An actor is deterministic: what it does next follows from the answers that it got, so a history of
answers is its state. What one step makes of one part of the world is learned from a real run, once;
all else is a walk over what is known. The search meets every state that a schedule can reach, and
`worlds` runs one schedule for each way in which the world can end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from tests.racing.turns import Turns, World

ENDED, CRASHED = -1, -2
PARTS = ("ledger", "registry", "github", "main")
State = tuple[tuple[int, ...], tuple[int, ...]]
"""The history of each actor, and the content of each part of the world, as numbers."""
Choice = tuple[int, bool]
"""Whose turn it is, and whether it crashes there."""


class Watched(World, Protocol):
    def content(self, part: str) -> str:
        """All of a part that an actor can ever learn."""


_World = TypeVar("_World", bound=Watched)


class Numbers:
    """A number for each thing, the same for equal things."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}

    def __call__(self, thing: object) -> int:
        return self._numbers.setdefault(thing, len(self._numbers))


@dataclass
class Known:
    """What actors do: the part that follows a history, and what comes of a step there."""

    number: Numbers = field(default_factory=Numbers)
    part: dict[int, int] = field(default_factory=dict)
    step: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def is_new(self, history: int, contents: Sequence[int]) -> bool:
        if history < 0:
            return False
        part = self.part.get(history)
        return part is None or (history, contents[part]) not in self.step

    def after(self, history: int, contents: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        part = self.part[history]
        history, content = self.step[history, contents[part]]
        return history, (*contents[:part], content, *contents[part + 1 :])


class Learning:
    """Learns from one run; a step that is known must do again what it did."""

    def __init__(self, known: Known, world: Watched, actors: Sequence[int]) -> None:
        self._known, self._world = known, world
        self.histories = {actor: known.number(actor) for actor in actors}
        self.contents = [known.number((part, world.content(part))) for part in PARTS]
        self._last: dict[int, tuple[int, int]] = {}

    def step(self, actor: int, part: str, answer: object) -> None:
        known, index, history = self._known, PARTS.index(part), self.histories[actor]
        before = self.contents[index]
        content = self._world.content(part)
        after = known.number((part, content))
        # A clone that fetched or pushed has the whole ledger.
        learned = (repr(answer), content if part == "ledger" else "")
        self.histories[actor] = known.number((history, learned))
        self.contents[index] = after
        assert known.part.setdefault(history, index) == index
        new = (self.histories[actor], after)
        self._last[actor] = (history, before)
        done = known.step.setdefault((history, before), new)
        assert done in {new, (ENDED, after)}

    def end(self, actor: int) -> None:
        key = self._last[actor]
        self._known.step[key] = (ENDED, self._known.step[key][1])
        self.histories[actor] = ENDED


class Search(Generic[_World]):
    """All that `actors` can make of a world; one of `mortal` may crash, at any step."""

    def __init__(
        self, begin: Callable[[], _World], actors: Sequence[int], *, mortal: Iterable[int] = ()
    ) -> None:
        self._begin, self._actors, self._mortal = begin, actors, frozenset(mortal)
        self._known = Known()
        self._parents: dict[State, tuple[State, Choice] | None] = {}
        self.runs = 0

    def worlds(self) -> Iterator[tuple[_World, Turns]]:
        """One world of each kind that a schedule ends in, and how it went."""
        for state in [s for s in self.states() if max(s[0]) < 0]:
            yield self.run(self._choices(state))

    def states(self) -> Iterator[State]:
        learning = Learning(self._known, self._begin(), self._actors)
        start = (tuple(learning.histories.values()), tuple(learning.contents))
        self._parents = {start: None}
        left = deque([start])
        while left:
            state = left.popleft()
            yield state
            for choice, following in self._following(state):
                if following not in self._parents:
                    self._parents[following] = (state, choice)
                    left.append(following)

    def _following(self, state: State) -> Iterator[tuple[Choice, State]]:
        histories, contents = state
        for i, actor in enumerate(self._actors):
            if histories[i] < 0:
                continue
            if self._known.is_new(histories[i], contents):
                self.run([*self._choices(state), (actor, False)])
            history, after = self._known.after(histories[i], contents)
            yield (actor, False), ((*histories[:i], history, *histories[i + 1 :]), after)
            if actor in self._mortal and CRASHED not in histories:
                yield (actor, True), ((*histories[:i], CRASHED, *histories[i + 1 :]), contents)

    def _choices(self, state: State) -> list[Choice]:
        choices: list[Choice] = []
        parent = self._parents[state]
        while parent is not None:
            choices.append(parent[1])
            parent = self._parents[parent[0]]
        return choices[::-1]

    def run(self, choices: Sequence[Choice]) -> tuple[_World, Turns]:
        """One schedule, then all that is new; then every actor is gone."""
        self.runs += 1
        world = self._begin()
        learning = Learning(self._known, world, self._actors)
        order = iter([actor for actor, _ in choices])
        crashes = {
            actor: [a for a, _ in choices[: place + 1]].count(actor)
            for place, (actor, is_crash) in enumerate(choices)
            if is_crash
        }

        def choose(alive: list[int]) -> int:
            for actor in order:
                return actor
            for actor in alive:
                if self._known.is_new(learning.histories[actor], learning.contents):
                    return actor
            crashes.update((actor, turns.steps[actor] + 1) for actor in alive)
            return alive[0]

        turns = Turns(world, self._actors, choose, crashes=crashes, watcher=learning)
        return world, turns.run()
