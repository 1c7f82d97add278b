"""The evaluated models of a run that are not recorded yet: their records are written in one commit.

A failure of one model is its own result. After a concurrent write to the ledger, each model decides
again over the new head.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from interlock import errors
from interlock.commands.monitor.context import MonitoredModel, MonitorOutcome
from interlock.commands.monitor.due_windows import Decided, DueWindows
from interlock.domain.basics import figures
from interlock.ledger import transaction
from interlock.ports.ledger import Ledger

_Results = dict[str, MonitoredModel]


@dataclass(slots=True)
class Batch:
    """`until` is the time of the run in ISO 8601. `failed` are the results of models of which only
    the reference profile can be recorded."""

    ledger: Ledger
    until: str
    models: dict[str, DueWindows] = field(default_factory=dict)
    failed: _Results = field(default_factory=dict)

    def write(self) -> _Results:
        """Record all models in one commit, and return their results; the batch is empty then."""
        try:
            return transaction.decide(self.ledger, self._decide, message=self._message())
        except errors.InterlockError as error:
            return {name: fail(name, error) for name in self.models} | self.failed
        finally:
            self.models, self.failed = {}, {}

    def _message(self) -> str:
        names = figures.listing(sorted(self.models), most=3)
        return f"Monitor {names} until {self.until}"

    def _decide(self) -> tuple[_Results, list[object]]:
        decided = [self._one(name, due) for name, due in self.models.items()]
        return {r.model: r for r, _ in decided}, [noun for _, nouns in decided for noun in nouns]

    def _one(self, name: str, due: DueWindows) -> Decided:
        """The windows of a model that fails are not recorded, but a new profile of its reference
        data is: it may take minutes to compute."""
        result = self.failed.get(name)
        try:
            if result is None:
                return due.decide()
        except errors.InterlockError as error:
            result = fail(name, error)
        try:
            return result, due.new_profile()
        except errors.InterlockError:
            return result, []


def fail(name: str, error: errors.InterlockError) -> MonitoredModel:
    """Return the result of a model that was not evaluated or not recorded."""
    return MonitoredModel(name, MonitorOutcome.FAILED, error.message, failure=error)
