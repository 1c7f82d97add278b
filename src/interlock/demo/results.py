"""The results of the demo: assertions, steps and the whole run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Assertion:
    """One expected effect of a step, and whether it was observed."""

    sentence: str
    passed: bool


@dataclass(frozen=True, slots=True)
class DemoStep:
    number: int
    title: str
    assertions: tuple[Assertion, ...]
    trained: tuple[str, ...]
    seconds: float
    pull: int | None = None

    @property
    def passed(self) -> bool:
        return bool(self.assertions) and all(each.passed for each in self.assertions)


@dataclass(frozen=True, slots=True)
class DemoResult:
    """All steps, the total time, and the places to look at afterwards."""

    steps: tuple[DemoStep, ...]
    seconds: float
    places: dict[str, str]

    @property
    def passed(self) -> bool:
        return all(step.passed for step in self.steps)


def document(result: DemoResult) -> dict[str, Any]:
    """Return the result as a JSON document."""
    return {
        "schema": "interlock/demo/v1",
        "passed": result.passed,
        "seconds": round(result.seconds, 1),
        "steps": [
            {
                "number": step.number,
                "title": step.title,
                "pull": step.pull,
                "passed": step.passed,
                "trained": list(step.trained),
                "seconds": round(step.seconds, 1),
                "assertions": [
                    {"sentence": each.sentence, "passed": each.passed} for each in step.assertions
                ],
            }
            for step in result.steps
        ],
        "places": result.places,
    }
