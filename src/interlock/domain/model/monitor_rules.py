"""The monitoring settings of a model, already checked; without YAML, files and the clock.

Durations are whole seconds. Paths are relative to the repository unless they are URLs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from interlock.domain.drift.rules import Effect, Persistence
from interlock.domain.model.column_map import ColumnMap

EVALUATION = "evaluation"
"""As a reference: the rows that the champion was evaluated on."""

BOOKKEEPING = "interlock_*"
"""Interlock's own columns, which are not features: never compared."""

_DAY = 86_400
_WILD = {"*": ".*", "?": "."}
_UNITS = {"m": 60, "h": 3_600, "d": _DAY, "w": 7 * _DAY}
_DURATION = re.compile(r"([1-9][0-9]{0,3})([mhdw])", re.ASCII)


@dataclass(frozen=True, slots=True)
class WindowRule:
    """Windows of `every_seconds`, in UTC, each processed `late_seconds` after its end. A window
    with fewer than `min_rows` rows is not compared."""

    every_seconds: int = _DAY
    late_seconds: int = 0
    min_rows: int = 500


@dataclass(frozen=True, slots=True)
class ColumnPatterns:
    """Patterns of the columns that are compared, and of those that are excluded."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DriftRule:
    effect: Effect = Effect.MEDIUM
    persist: Persistence = field(default_factory=Persistence)


@dataclass(frozen=True, slots=True)
class PerformanceRule:
    """Labels that come later, and the largest change of the metric from the champion's own.

    Exactly one of `max_drop` and `max_rise` is set. Labels may arrive `wait_seconds` after a
    window's end; then the metric is computed from the labels so far.
    """

    labels: str
    metric: str
    max_drop: float | None = None
    max_rise: float | None = None
    wait_seconds: int = 30 * _DAY


@dataclass(frozen=True, slots=True)
class MonitorChecks:
    """The compared columns. `max_missing_increase` is a share of the rows (0.05: five points)."""

    schema: bool = True
    max_missing_increase: float = 0.05
    drift: DriftRule = DriftRule()
    prediction: bool = True
    performance: PerformanceRule | None = None


@dataclass(frozen=True, slots=True)
class Refresh:
    """Source of newer data: pointers that `dvc update` updates, and the team's command."""

    pointers: tuple[str, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True)
class Retrain:
    """When a retraining is requested, and who reviews it.

    `every_seconds` is retraining on a schedule; a promotion of one of `after_models`, or a change
    of one of `after_pointers`, requests a retraining. `max_open` limits this model's open pull
    requests.
    """

    refresh: Refresh
    cooldown_seconds: int = 7 * _DAY
    max_open: int = 1
    reviewers: tuple[str, ...] = ()
    every_seconds: int | None = None
    after_models: tuple[str, ...] = ()
    after_pointers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Monitor:
    """How the live data of the model is monitored.

    `live` is a glob, a path or a URL; `time` a column of it or the partition key in its path;
    `reference` EVALUATION, or a path or URL. Without `retrain` drift is only reported. `rows` has
    the names of the columns of the predictions file, which live data and labels use, too.
    """

    live: str
    time: str
    reference: str = EVALUATION
    window: WindowRule = WindowRule()
    columns: ColumnPatterns = ColumnPatterns()
    checks: MonitorChecks = field(default_factory=MonitorChecks)
    retrain: Retrain | None = None
    rows: ColumnMap = field(default_factory=ColumnMap)


def matches(name: str, patterns: Iterable[str]) -> bool:
    """True if a column's name matches one of the patterns: `*` matches any characters, `?`
    one, and every other character itself."""
    return any(
        re.fullmatch("".join(_WILD.get(sign, re.escape(sign)) for sign in pattern), name, re.DOTALL)
        for pattern in patterns
    )


def parse_duration(text: str) -> int | None:
    """Return the seconds of `30m`, `6h`, `1d` or `2w`; None for anything else. A day has 24 hours
    and a week seven days: windows are in UTC."""
    match = _DURATION.fullmatch(text)
    return int(match[1]) * _UNITS[match[2]] if match else None


def write_duration(seconds: int) -> str:
    """The opposite of `parse_duration`, in the largest unit that divides: `2w`, not `14d`."""
    unit = next(u for u in ("w", "d", "h", "m") if seconds % _UNITS[u] == 0 or u == "m")
    return f"{seconds // _UNITS[unit]}{unit}"


def is_url(path: str) -> bool:
    """True if it is a URL of fsspec and not a path of the repository: `s3://`, `memory://`."""
    return re.match(r"[a-z][a-z0-9+.-]*://", path) is not None
