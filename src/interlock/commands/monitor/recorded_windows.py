"""The recorded windows of one model, read from the ledger one by one when needed."""

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
    """Records never change, so each is read at most once."""

    ledger: Ledger
    model: str
    reports: dict[str, DriftReport] = field(default_factory=dict)
    paths: tuple[str | None, dict[int, str]] | None = None
    files_until: tuple[tuple[int, ...], dict[str, FileTimeRange]] = ((), {})

    def ends(self) -> tuple[int, ...]:
        """The ends of the windows in seconds, oldest first."""
        return tuple(self._paths())

    def at(self, end: int) -> DriftReport:
        path = self._paths()[end]
        if path not in self.reports:
            self.reports[path] = lookup.drift_report(self.ledger, path)
        return self.reports[path]

    def last(self, most: int) -> tuple[DriftReport, ...]:
        """The last windows, oldest first."""
        return tuple(self.at(end) for end in self.ends()[-most:])

    def before(self, moment: int, most: int, *, but: Container[int]) -> tuple[DriftReport, ...]:
        """The last windows that ended by the time `moment`, oldest first."""
        ends = self.ends()
        ended = reversed(ends[: bisect.bisect_right(ends, moment)])
        last = itertools.islice((end for end in ended if end not in but), most)
        return tuple(self.at(end) for end in reversed(tuple(last)))

    def files(self, before: int) -> dict[str, FileTimeRange]:
        """Files of live data by name, as recorded with the windows that ended by `before`."""
        ends = self.ends()
        ended = ends[: bisect.bisect_right(ends, before)]
        if ended != self.files_until[0]:
            files = {file.name: file for end in ended for file in self.at(end).files}
            self.files_until = ended, files
        return self.files_until[1]

    def seasons(self, end: int, *, new: Sequence[DriftReport]) -> tuple[DriftReport, ...]:
        """The windows needed to detect a season; `new` are not written yet."""
        fresh = {seconds(report.end): report for report in new}
        wanted = diagnosis.season_ends(end, recorded=[*self.ends(), *fresh])
        return tuple(fresh[each] if each in fresh else self.at(each) for each in wanted)

    def evaluated(self) -> frozenset[int]:
        """The ends of windows with evaluated labels."""
        return frozenset(lookup.performance_ends(self.ledger, model=self.model))

    def performance(self) -> PerformanceReport | None:
        """The newest conclusive evaluation of labels, None if the last ones were not conclusive."""
        paths = list(lookup.performance_ends(self.ledger, model=self.model).values())[-_LABELLED:]
        reports = (lookup.performance_report(self.ledger, path) for path in reversed(paths))
        return next((r for r in reports if r.performance.verdict is not _NOTHING), None)

    def _paths(self) -> dict[int, str]:
        """Listed once per state of the ledger: a run needs the list up to ten thousand times."""
        if self.paths is None or self.paths[0] != self.ledger.head:
            self.paths = self.ledger.head, lookup.drift_ends(self.ledger, model=self.model)
        return self.paths[1]


def seconds(moment: str) -> int:
    """Return the time of a record in seconds since 1970."""
    time = timestamps.read(moment)
    assert time is not None, moment  # noqa: S101 - timestamps.write wrote it
    return time
