"""Windows by what each row says in a column: each file is looked at once, and opened again only for
rows that it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from interlock import errors
from interlock.adapters.live import footers, row_filter
from interlock.adapters.live.row_filter import Times
from interlock.adapters.live.stores import SourceFiles
from interlock.domain.monitoring.windows import FileTimeRange, LiveSlice, Window
from interlock.ports.live import Known

_TEXTS = (".csv", ".tsv")


@dataclass(slots=True)
class FilesByColumn:
    """The files of one source by one column. What was looked at in this run is kept, by path; of
    those in `lacking` no row can have a time."""

    found: SourceFiles
    time: str
    seen: dict[str, FileTimeRange] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)

    def fetch(self, window: Window, scratch: Path, known: Known) -> LiveSlice:
        """Raises CannotProfile where no file has such a column, OutsideFailure for a file that is
        written meanwhile, CannotReachRemote for a store that refuses."""
        bench = _Bench(self.found, scratch)
        untimed, looked = self._look(bench, known)
        self._require_times()
        names, torn = self._cut(window, bench)
        faulty = (*self._faulty(window), *torn)
        whole = (each for each in looked if not each.fault)
        return LiveSlice(window, tuple(names), untimed, names, faulty, (*whole, *faulty))

    def _look(self, bench: _Bench, known: Known) -> tuple[int, list[FileTimeRange]]:
        """Look at files that are not known as they are; how many of their rows have no time."""
        new = [path for path in self.found.paths if path not in self.seen]
        before = known() if new else {}
        untimed, looked = 0, []
        for path in new:
            name, state = self.found.store.name(path), self.found.store.state(path)
            now = FileTimeRange(name, self.time, state)
            then = before.get(name)
            if then is not None and state and then.key == now.key:
                self.seen[path] = then
                continue
            times = self._times(path, bench)
            untimed += times.untimed
            self.seen[path] = replace(now, first=times.first, last=times.last, fault=times.fault)
            looked.append(self.seen[path])
        return untimed, looked

    def _times(self, path: str, bench: _Bench) -> Times:
        told = self._footer(path)
        if told is not None:
            return told
        try:
            return row_filter.look(
                bench.file(path), name=self.found.store.name(path), time=self.time
            )
        except row_filter.NoTimesError as error:
            self.lacking[path] = str(error)
            return Times(None, None, 0, str(error))
        except row_filter.CannotUse as error:
            return Times(None, None, 0, str(error))

    def _footer(self, path: str) -> Times | None:
        """What a file that lies elsewhere says of itself without being brought."""
        remote = None if path.lower().endswith(_TEXTS) else self.found.store.peek(path)
        if remote is None:
            return None
        with remote as file:
            return footers.look(file, time=self.time)

    def _require_times(self) -> None:
        """One file without the column is at fault; all of them are a wrong setting."""
        if not self.lacking or any(each.first is not None for each in self.seen.values()):
            return
        path, reason = next(iter(self.lacking.items()))
        raise errors.CannotProfile(
            f"{self.found.store.name(path)} {reason}",
            hint=f"set monitor.time to what says when a row was served: a column of dates, of "
            f"datetimes or of text in ISO 8601, or a partition {self.time}=…",
        )

    def _faulty(self, window: Window) -> Iterator[FileTimeRange]:
        """Files with a fault that may concern the window or one before it. One that tells no time
        is put beside the file before it by name: parts are named in order of time, mostly."""
        begins: int | None = None
        for path in self.found.paths:
            each = self.seen[path]
            begins = begins if each.first is None else each.first
            if each.fault and (begins is None or begins < window.end):
                yield each

    def _cut(self, window: Window, bench: _Bench) -> tuple[dict[str, str], list[FileTimeRange]]:
        """The rows of the window, as files with what people call them; and files that broke."""
        names: dict[str, str] = {}
        torn: list[FileTimeRange] = []
        for path in self.found.paths:
            each = self.seen[path]
            if not each.may_hold(window):
                continue
            try:
                part = bench.cut(path, time=self.time, window=window)
            except row_filter.CannotUse as error:
                torn.append(replace(each, fault=str(error)))
                continue
            if part is not None:
                names[str(part)] = each.name
        return names, torn


@dataclass(slots=True)
class _Bench:
    """Files of a source on this disk, each brought at most once."""

    found: SourceFiles
    scratch: Path
    files: dict[str, Path] = field(default_factory=dict)

    def file(self, path: str) -> Path:
        if path not in self.files:
            to = self.scratch / f"whole-{len(self.files):06d}"
            (self.files[path],) = self.found.store.bring([path], to=to)
        return self.files[path]

    def cut(self, path: str, *, time: str, window: Window) -> Path | None:
        file = self.file(path)
        part = self.scratch / f"cut-{list(self.files).index(path):06d}"
        name = self.found.store.name(path)
        return row_filter.cut(file, name=name, time=time, window=window, to=part)
