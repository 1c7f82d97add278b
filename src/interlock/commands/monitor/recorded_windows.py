"""The windows of one model that the ledger holds; no more of them is read than is asked about."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring import diagnosis
from interlock.domain.monitoring.monitoring_records import DriftReport, PerformanceReport
from interlock.domain.monitoring.windows import FileTimeRange
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger

_LABELLED = 12
_NOTHING = DriftStatus.INSUFFICIENT


@dataclass(slots=True)
class RecordedWindows:
    """Records never change: one that was read is kept, whatever is written meanwhile."""

    ledger: Ledger
    model: str
    known: dict[str, DriftReport] = field(default_factory=dict)
    listed: tuple[str | None, dict[int, str]] | None = None
    looked: tuple[tuple[int, ...], dict[str, FileTimeRange]] = ((), {})

    def ends(self) -> tuple[int, ...]:
        """When the windows ended, in seconds, oldest first."""
        return tuple(self._paths())

    def at(self, end: int) -> DriftReport:
        path = self._paths()[end]
        if path not in self.known:
            self.known[path] = lookup.drift_report(self.ledger, path)
        return self.known[path]

    def last(self, most: int) -> tuple[DriftReport, ...]:
        """The last windows, oldest first."""
        return tuple(self.at(end) for end in self.ends()[-most:])

    def before(self, moment: int, most: int, *, but: Container[int]) -> tuple[DriftReport, ...]:
        """The last windows that were over by then, oldest first."""
        ends = self.ends()
        over = reversed(ends[: bisect.bisect_right(ends, moment)])
        last = itertools.islice((end for end in over if end not in but), most)
        return tuple(self.at(end) for end in reversed(tuple(last)))

    def files(self, before: int) -> dict[str, FileTimeRange]:
        """What is known of files of live data since windows that were over by then, by name."""
        ends = self.ends()
        over = ends[: bisect.bisect_right(ends, before)]
        if over != self.looked[0]:
            self.looked = over, {file.name: file for end in over for file in self.at(end).files}
        return self.looked[1]

    def seasons(self, end: int, *, new: Sequence[DriftReport]) -> tuple[DriftReport, ...]:
        """What the question asks for whether a window is a season's; `new` are not written yet."""
        fresh = {seconds(report.end): report for report in new}
        wanted = diagnosis.season_ends(end, recorded=[*self.ends(), *fresh])
        return tuple(fresh[each] if each in fresh else self.at(each) for each in wanted)

    def judged(self) -> frozenset[int]:
        """The ends of windows whose labels were judged."""
        return frozenset(lookup.performance_ends(self.ledger, model=self.model))

    def performance(self) -> PerformanceReport | None:
        """Of the newest window whose labels said something; None where none of the last did."""
        paths = list(lookup.performance_ends(self.ledger, model=self.model).values())[-_LABELLED:]
        reports = (lookup.performance_report(self.ledger, path) for path in reversed(paths))
        return next((r for r in reports if r.performance.verdict is not _NOTHING), None)

    def _paths(self) -> dict[int, str]:
        """Listed once for each state of the ledger: a run may ask ten thousand times."""
        if self.listed is None or self.listed[0] != self.ledger.head:
            self.listed = self.ledger.head, lookup.drift_ends(self.ledger, model=self.model)
        return self.listed[1]


def seconds(moment: str) -> int:
    """A record's own time, which Interlock wrote."""
    found = timestamps.read(moment)
    assert found is not None, moment  # noqa: S101 - every record's time is moments.write's
    return found
