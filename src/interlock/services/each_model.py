"""Models done one after the other: what is wrong with one is that model's result, and the others
go on.

A verb makes one `OneByOne`, passes each of its models through `do`, and ends with
`errors.worst` of the models' exit codes:

    each = OneByOne({errors.CannotReachRegistry: lambda: registry.find_alias("interlock", "x")})
    results = [each.do(name, judge, otherwise=_refused) for name in names]
    return errors.worst(result.exit_code for result in results)

`judge` takes the name of the model and returns its result; `_refused` makes a result of the same
type out of a `Stopped`, with its `sentence` and its `exit_code`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from interlock import errors

_Result = TypeVar("_Result")
Probes = Mapping[type[errors.OutsideFailure], Callable[[], object]]
"""A cheap question to each system, by the failure that says it is out of reach."""


@dataclass(frozen=True, slots=True)
class ModelStopped:
    """Why one model has no result of its own. Not `is_attempted`: a system that it needs was down
    by then, and nothing of the model was looked at."""

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

    A failure of a system is of one model as long as the system answers its probe. When the probe
    fails too, or there is none, the system is down: to give up on it takes a minute each time, so
    that the models after it are not attempted.
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
        """Return what `act` returns for the model, or `otherwise` of what stopped it.

        Raises MissingSetting, which is about no model, and what is a bug of ours.
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
        """Whether the system that failed answers all the same."""
        probe = next((p for kind, p in self.probes.items() if isinstance(error, kind)), None)
        if probe is None:
            return False
        try:
            probe()
        except errors.OutsideFailure:
            return False
        return True
