"""What the story found: nouns of its steps and of their outcome; nothing is done here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that must be seen, and whether it was."""

    sentence: str
    holds: bool


@dataclass(frozen=True, slots=True)
class DemoStep:
    number: int
    title: str
    facts: tuple[Fact, ...]
    trained: tuple[str, ...]
    seconds: float
    pull: int | None = None

    @property
    def holds(self) -> bool:
        return bool(self.facts) and all(fact.holds for fact in self.facts)


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """The whole story: its steps, how long it took, and where to look."""

    steps: tuple[DemoStep, ...]
    seconds: float
    places: dict[str, str]

    @property
    def holds(self) -> bool:
        return all(step.holds for step in self.steps)


def document(outcome: DemoOutcome) -> dict[str, Any]:
    """The same facts as a document."""
    return {
        "schema": "interlock/demo/v1",
        "passed": outcome.holds,
        "seconds": round(outcome.seconds, 1),
        "steps": [
            {
                "number": step.number,
                "title": step.title,
                "pull": step.pull,
                "passed": step.holds,
                "trained": list(step.trained),
                "seconds": round(step.seconds, 1),
                "facts": [{"sentence": f.sentence, "holds": f.holds} for f in step.facts],
            }
            for step in outcome.steps
        ],
        "places": outcome.places,
    }
