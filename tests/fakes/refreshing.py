"""A refresh in memory: it leaves the pointers that it was told to, and counts how often it ran."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from interlock.domain.retraining.data_difference import Brought, Shape
from interlock.ports.pipeline import Ended
from interlock.ports.refreshing import Errand, Refreshed


@dataclass
class FakeRefreshing:
    """`brings` maps pointers to their new text; `fails` is why the program fails, "" when it does
    not."""

    brings: dict[str, bytes] = field(default_factory=dict)
    fails: str = ""
    is_interrupted: bool = False
    before: Shape | None = None
    after: Shape | None = None
    errands: list[Errand] = field(default_factory=list)

    def refresh(self, errand: Errand, *, say: Callable[[str], None]) -> Refreshed:
        self.errands.append(errand)
        if self.is_interrupted:
            return Refreshed(Ended.INTERRUPTED, "", "it was interrupted")
        if self.fails:
            say(self.fails)
            return Refreshed(Ended.FAILED, self.fails, f"{errand.command!r} ended with status 3")
        changed = {
            path: Brought(self.brings[path], self.before, self.after)
            for path in errand.pointers
            if path in self.brings and (errand.checkout / path).read_bytes() != self.brings[path]
        }
        return Refreshed(Ended.DONE, "", changed=changed)
