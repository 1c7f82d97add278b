"""Processes models one by one: the failure of one is its own result, and the others continue.

A verb makes one `EachModel`, passes each of its models through `do`, and ends with `errors.worst`
of the models' exit codes:

    each = EachModel({errors.CannotReachRegistry: lambda: registry.find_alias("interlock", "x")})
    results = [each.do(name, judge, otherwise=_refused) for name in names]
    return errors.worst(result.exit_code for result in results)

`judge` takes the name of the model and returns its result; `_refused` makes a result of the same
type out of a `ModelStopped`, with its `sentence` and its `exit_code`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from interlock import errors

_Result = TypeVar("_Result")
Probes = Mapping[type[errors.OutsideFailure], Callable[[], object]]
"""A cheap request to each system, by the failure that means it is not reachable."""


@dataclass(frozen=True, slots=True)
class ModelStopped:
    """The reason why one model has no result. Without `is_attempted`, a system that the model needs
    was already down, so that the model was not started."""

    model: str
    error: errors.InterlockError
    is_attempted: bool = True

    @property
    def sentence(self) -> str:
        return self.error.line if self.is_attempted else f"not attempted: {self.error.line}"

    @property
    def exit_code(self) -> int:
        return self.error.exit_code


@dataclass(slots=True)
class EachModel:
    """The models of one run of a verb.

    A failure of a system concerns one model as long as the system answers its probe. When the probe
    fails too, or there is none, the system is down. Each request to it would then wait a minute, so
    that the next models are not attempted.
    """

    probes: Probes = field(default_factory=dict)
    _down: errors.OutsideFailure | None = None

    def do(
        self,
        model: str,
        act: Callable[[str], _Result],
        *,
        otherwise: Callable[[ModelStopped], _Result],
    ) -> _Result:
        """Return the result of `act` for the model, or `otherwise` of the failure.

        Raises MissingSetting, which concerns all models, and any exception that is a bug.
        """
        if self._down is not None:
            return otherwise(ModelStopped(model, self._down, is_attempted=False))
        try:
            return act(model)
        except errors.MissingSetting:
            raise
        except errors.InterlockError as error:
            if isinstance(error, errors.OutsideFailure) and not self._answers(error):
                self._down = error
            return otherwise(ModelStopped(model, error))

    def _answers(self, error: errors.OutsideFailure) -> bool:
        """True if the system that failed still answers."""
        probe = next((p for kind, p in self.probes.items() if isinstance(error, kind)), None)
        if probe is None:
            return False
        try:
            probe()
        except errors.OutsideFailure:
            return False
        return True
