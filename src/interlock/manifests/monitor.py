"""Reads the section `monitor` of a manifest; reads no data."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from interlock.domain.drift import rules
from interlock.domain.drift.rules import Effect
from interlock.domain.model import metrics, monitor_rules
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.manifest import Task
from interlock.domain.model.metrics import Metric
from interlock.domain.model.monitor_rules import EVALUATION, Monitor
from interlock.manifests import gate_checks, paths, predictions
from interlock.manifests.checked_document import CheckedDocument
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.suggestions import quote

_PERSIST: Path = ("monitor", "checks", "drift", "persist")
_PERFORMANCE: Path = ("monitor", "checks", "performance")
_LABELS: Path = (*_PERFORMANCE, "labels")
_REFRESH: Path = ("monitor", "retrain", "refresh")
_POINTERS: Path = (*_REFRESH, "pointers")
_COMMAND: Path = (*_REFRESH, "command")
_AFTER: Path = ("monitor", "retrain", "after")
_SOURCES: tuple[Path, ...] = (("monitor", "live"), ("monitor", "reference"), _LABELS)
POINTER = ".dvc"
_OF_A_SHELL = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1"})


def pointer_fields(reading: CheckedDocument) -> list[Path]:
    """Return the fields that name DVC pointers of the repository."""
    if not reading.has("monitor"):
        return []
    upstreams = [(*_AFTER, index) for index in range(reading.count(*_AFTER))]
    named: list[Path] = [(*_POINTERS, index) for index in range(reading.count(*_POINTERS))]
    return named + [field for field in upstreams if _is_pointer(reading.get(*field))]


def model_fields(reading: CheckedDocument) -> list[Path]:
    """Return the fields that name other models as upstreams."""
    if not reading.has("monitor"):
        return []
    fields: list[Path] = [(*_AFTER, index) for index in range(reading.count(*_AFTER))]
    return [f for f in fields if (name := reading.get(*f)) is not None and not _is_pointer(name)]


def path_fields(reading: CheckedDocument) -> list[Path]:
    """Return the fields with a path of the repository, URLs excluded."""
    sources = [f for f in _SOURCES if (written := reading.get(*f)) and not _is_elsewhere(written)]
    return sources + pointer_fields(reading)


def check(
    reading: CheckedDocument, *, task: Task | None, has_rows: bool, own: Mapping[str, Metric]
) -> None:
    """Report contradictions in a section that fits the schema; `own` are the manifest's own
    metrics."""
    if not has_rows:
        _check_without_rows(reading)
    _check_persistence(reading)
    _check_performance(reading, task, own)
    _check_command(reading)


def _check_without_rows(reading: CheckedDocument) -> None:
    """Without predictions there are no rows of the champion to compare with."""
    section = reading.get("monitor")
    if section is not None and section.get("reference", EVALUATION) == EVALUATION:
        place: Path = ("monitor", "reference") if "reference" in section else ("monitor",)
        why = gate_checks.NONE_DECLARED
        message = f"the reference {EVALUATION} is the rows of the champion, and {why}"
        hint = "write reference: with a path, a pointer or a URL, or add outputs.predictions"
        reading.complain(place, message, hint)
    if reading.get(*_PERFORMANCE) is not None:
        why = gate_checks.NONE_DECLARED
        message = f"performance is compared with that on the champion's rows, and {why}"
        reading.complain(_PERFORMANCE, message, "remove it, or add outputs.predictions")


def _check_persistence(reading: CheckedDocument) -> None:
    written = reading.get(*_PERSIST)
    if written is not None and rules.persistence(written) is None:
        reading.complain(
            _PERSIST, f"{written} requires more windows than it compares", "for example 2 of 3"
        )


def _check_performance(
    reading: CheckedDocument, task: Task | None, own: Mapping[str, Metric]
) -> None:
    rule = reading.get(*_PERFORMANCE)
    if rule is None:
        return
    if predictions.has_no_id(reading):
        message = "labels are joined by id, and the rows of outputs.predictions have none"
        reading.complain(_PERFORMANCE, message, "name the id, or remove performance")
    metric = metrics.METRICS.get(rule["metric"]) or own.get(rule["metric"])
    if metric is None or metric.needs is metrics.MetricSource.MODEL:
        message = f"{quote(rule['metric'])} is not computed from labels"
        reading.complain((*_PERFORMANCE, "metric"), message, "name a metric of the task")
        return
    for fault in gate_checks.check(rule, task=task, slices=None, own=own):
        reading.complain((*_PERFORMANCE, fault.field), fault.message, fault.hint, fault.severity)


def _check_command(reading: CheckedDocument) -> None:
    fault = _fault(reading.get(*_COMMAND))
    if fault is not None:
        reading.complain(_COMMAND, *fault)


def _fault(command: str | None) -> tuple[str, str] | None:
    """Return the error of a command that runs without a shell, and a hint."""
    if command is None:
        return None
    try:
        words = shlex.split(command)
    except ValueError as error:
        return f"the command cannot be read: {str(error).lower()}", "close it"
    if not words:
        return "the command is blank", "remove it where pointers are imports"
    signs = [word for word in words if word in _OF_A_SHELL]
    if not signs:
        return None
    return f"{signs[0]} needs a shell, and this command runs without one", "write sh -c '...'"


def _is_pointer(written: str | None) -> bool:
    return written is not None and written.endswith(POINTER)


def _is_elsewhere(written: str) -> bool:
    return written == EVALUATION or monitor_rules.is_url(written)


def build(section: dict[str, Any], *, of: str, rows: ColumnMap | None) -> Monitor:
    """Return the rules of a section without errors; `of` is the manifest's path, `rows` the
    names of the columns of its predictions file."""
    columns = {name: tuple(patterns) for name, patterns in section.get("columns", {}).items()}
    return Monitor(
        live=_source(section["live"], of),
        time=section["time"],
        reference=_source(section.get("reference", EVALUATION), of),
        window=_window(section.get("window", {})),
        columns=monitor_rules.ColumnPatterns(**columns),
        checks=_checks(section.get("checks", {}), of),
        retrain=_retrain(section["retrain"], of) if "retrain" in section else None,
        rows=rows or ColumnMap(),
    )


def _window(section: dict[str, Any]) -> monitor_rules.WindowRule:
    rest = {"min_rows": section["min_rows"]} if "min_rows" in section else {}
    return monitor_rules.WindowRule(**_seconds(section, "every", "late"), **rest)


def _checks(section: dict[str, Any], of: str) -> monitor_rules.MonitorChecks:
    flags = {name: section[name] for name in ("schema", "prediction") if name in section}
    return monitor_rules.MonitorChecks(
        max_missing_increase=float(section.get("missing", {}).get("max_increase", 0.05)),
        drift=_drift(section.get("drift", {})),
        performance=_performance(section.get("performance"), of),
        **flags,
    )


def _drift(section: dict[str, Any]) -> monitor_rules.DriftRule:
    default = monitor_rules.DriftRule()
    persist = rules.persistence(section.get("persist", ""))
    effect = Effect(section.get("effect", default.effect))
    return monitor_rules.DriftRule(effect=effect, persist=persist or default.persist)


def _performance(section: dict[str, Any] | None, of: str) -> monitor_rules.PerformanceRule | None:
    if section is None:
        return None
    limits: dict[str, Any] = {
        name: float(section[name]) for name in ("max_drop", "max_rise") if name in section
    }
    return monitor_rules.PerformanceRule(
        labels=_source(section["labels"], of),
        metric=section["metric"],
        **limits,
        **_seconds(section, "wait"),
    )


def _retrain(section: dict[str, Any], of: str) -> monitor_rules.Retrain:
    refresh, after = section["refresh"], section.get("after", ())
    rest = {"max_open": section["max_open"]} if "max_open" in section else {}
    return monitor_rules.Retrain(
        refresh=monitor_rules.Refresh(
            pointers=tuple(_source(path, of) for path in refresh.get("pointers", ())),
            command=refresh.get("command", ""),
        ),
        reviewers=tuple(section.get("reviewers", ())),
        after_models=tuple(name for name in after if not _is_pointer(name)),
        after_pointers=tuple(_source(path, of) for path in after if _is_pointer(path)),
        **_seconds(section, "cooldown", "every"),
        **rest,
    )


def _seconds(section: dict[str, Any], *names: str) -> dict[str, int]:
    """Return the durations of a section in seconds, by field name."""
    durations = {
        name: monitor_rules.parse_duration(section[name]) for name in names if name in section
    }
    return {f"{name}_seconds": seconds for name, seconds in durations.items() if seconds}


def _source(written: str, of: str) -> str:
    if _is_elsewhere(written):
        return written
    path = paths.resolve(written, of=of)
    assert path is not None  # noqa: S101 - a path with an error builds no manifest
    return path
