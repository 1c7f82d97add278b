"""A refresh in memory: it leaves the pointers that it was told to, and counts how often it ran."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from interlock.domain.retraining.data_difference import DataShape, RefreshedPointer
from interlock.ports.pipeline import RunEnd
from interlock.ports.refreshing import Refreshed, RefreshJob


@dataclass
class FakeRefreshing:
    """`brings` maps pointers to their new text; `fails` is why the program fails, "" when it does
    not."""

    brings: dict[str, bytes] = field(default_factory=dict)
    fails: str = ""
    is_interrupted: bool = False
    before: DataShape | None = None
    after: DataShape | None = None
    errands: list[RefreshJob] = field(default_factory=list)

    def refresh(self, errand: RefreshJob, *, say: Callable[[str], None]) -> Refreshed:
        self.errands.append(errand)
        if self.is_interrupted:
            return Refreshed(RunEnd.INTERRUPTED, "", "it was interrupted")
        if self.fails:
            say(self.fails)
            return Refreshed(RunEnd.FAILED, self.fails, f"{errand.command!r} ended with status 3")
        changed = {
            path: RefreshedPointer(self.brings[path], self.before, self.after)
            for path in errand.pointers
            if path in self.brings and (errand.checkout / path).read_bytes() != self.brings[path]
        }
        return Refreshed(RunEnd.DONE, "", changed=changed)
