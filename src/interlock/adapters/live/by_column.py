"""Windows by a column: the times of each file are read once, and a file is opened again only if it
has rows of the window."""

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
    """The files of one source, by one column. `times` has the files of this run by path; files in
    `lacking` have no such column."""

    source: SourceFiles
    time: str
    times: dict[str, FileTimeRange] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)

    def fetch(self, window: Window, scratch: Path, known: Known) -> LiveSlice:
        """Raises CannotProfile if no file has the column, OutsideFailure for a file that changes
        meanwhile, CannotReachRemote if the store fails."""
        local = _LocalFiles(self.source, scratch)
        untimed, checked = self._check(local, known)
        self._require_times()
        names, failed = self._cut(window, local)
        faulty = tuple(self._faulty(window))
        readable = (each for each in checked if not each.fault)
        return LiveSlice(
            window,
            tuple(names),
            untimed,
            names,
            faulty=faulty,
            failed=tuple(failed),
            checked=(*readable, *faulty),
        )

    def _check(self, local: _LocalFiles, known: Known) -> tuple[int, list[FileTimeRange]]:
        """Read the times of new and changed files, and count their rows without a time."""
        new = [path for path in self.source.paths if path not in self.times]
        before = known() if new else {}
        untimed, checked = 0, []
        for path in new:
            name, state = self.source.store.name(path), self.source.store.state(path)
            now = FileTimeRange(name, self.time, state)
            then = before.get(name)
            if then is not None and state and then.key == now.key:
                self.times[path] = then
                continue
            times = self._read_times(path, local)
            untimed += times.untimed
            self.times[path] = replace(now, first=times.first, last=times.last, fault=times.fault)
            checked.append(self.times[path])
        return untimed, checked

    def _read_times(self, path: str, local: _LocalFiles) -> Times:
        times = self._footer(path)
        if times is not None:
            return times
        try:
            return row_filter.read_times(
                local.file(path), name=self.source.store.name(path), time=self.time
            )
        except row_filter.NoTimesError as error:
            self.lacking[path] = str(error)
            return Times(None, None, 0, str(error))
        except row_filter.UnreadableFileError as error:
            return Times(None, None, 0, str(error))

    def _footer(self, path: str) -> Times | None:
        """The times in the footer of a remote Parquet file, without copying it."""
        remote = None if path.lower().endswith(_TEXTS) else self.source.store.open_remote(path)
        if remote is None:
            return None
        with remote as file:
            return footers.read_times(file, time=self.time)

    def _require_times(self) -> None:
        """One file without the column is faulty; if all have none, the setting is wrong."""
        if not self.lacking or any(each.first is not None for each in self.times.values()):
            return
        path, reason = next(iter(self.lacking.items()))
        raise errors.CannotProfile(
            f"{self.source.store.name(path)} {reason}",
            hint="set monitor.time to the time of a row: a column of dates, datetimes or text in "
            f"ISO 8601, or a partition {self.time}=…",
        )

    def _faulty(self, window: Window) -> Iterator[FileTimeRange]:
        """Files with a fault that may affect the window or an earlier one. A file without readable
        times gets the time of the previous file by name: parts are usually named in order."""
        start: int | None = None
        for path in self.source.paths:
            each = self.times[path]
            start = start if each.first is None else each.first
            if each.fault and (start is None or start < window.end):
                yield each

    def _cut(
        self, window: Window, local: _LocalFiles
    ) -> tuple[dict[str, str], list[FileTimeRange]]:
        """The files with the rows of the window and their original names, and those that fail."""
        names: dict[str, str] = {}
        failed: list[FileTimeRange] = []
        for path in self.source.paths:
            each = self.times[path]
            if not each.may_hold(window):
                continue
            try:
                part = local.cut(path, time=self.time, window=window)
            except row_filter.UnreadableFileError as error:
                failed.append(replace(each, fault=str(error)))
                continue
            if part is not None:
                names[str(part)] = each.name
        return names, failed


@dataclass(slots=True)
class _LocalFiles:
    """Files of a source on this disk, each copied at most once."""

    source: SourceFiles
    scratch: Path
    files: dict[str, Path] = field(default_factory=dict)

    def file(self, path: str) -> Path:
        if path not in self.files:
            to = self.scratch / f"whole-{len(self.files):06d}"
            (self.files[path],) = self.source.store.fetch([path], to=to)
        return self.files[path]

    def cut(self, path: str, *, time: str, window: Window) -> Path | None:
        file = self.file(path)
        part = self.scratch / f"cut-{list(self.files).index(path):06d}"
        name = self.source.store.name(path)
        return row_filter.cut(file, name=name, time=time, window=window, to=part)
