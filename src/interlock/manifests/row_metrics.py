"""Reads `evaluate.metrics`: the manifest's own metrics, aggregates of columns of the rows file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from interlock.domain.model import metrics
from interlock.domain.model.manifest import Aggregate, Better, RowMetric, Task
from interlock.domain.model.metrics import Metric
from interlock.manifests.checked_document import CheckedDocument
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.suggestions import quote

FIELD: Path = ("evaluate", "metrics")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def check(reading: CheckedDocument, *, task: Task | None) -> Mapping[str, Metric]:
    """Report contradictions in the section, and return its valid metrics by name."""
    valid: dict[str, Metric] = {}
    for name, entry in (reading.get(*FIELD) or {}).items():
        faults = list(_faults(name, entry))
        for message, hint in faults:
            reading.complain((*FIELD, name), message, hint)
        if not faults:
            valid[name] = metrics.of_rows(_metric(name, entry))
    evaluate = reading.value.get(FIELD[0]) if isinstance(reading.value, dict) else None
    if task is Task.SCORED and isinstance(evaluate, dict) and FIELD[1] not in evaluate:
        hint = "for example metrics: {exact_match: {mean: exact_match, better: greater}}"
        reading.complain(("evaluate",), "scored tasks need metrics of their own", hint)
    return valid


def _faults(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if name in metrics.METRICS:
        yield f"{quote(name)} is the name of a metric of scikit-learn", "name it otherwise"
    elif not _NAME.fullmatch(name):
        yield (
            f"{quote(name)} is not a valid name",
            "lower-case letters, digits and _, a letter first",
        )
    if "quantile" not in entry:
        return
    column, share = entry["quantile"]
    if not isinstance(column, str) or isinstance(share, str) or not 0 < share < 1:
        message = "a quantile is a column and a share of rows between 0 and 1"
        yield message, "for example quantile: [latency_ms, 0.95]"


def build(section: Mapping[str, Any]) -> tuple[RowMetric, ...]:
    """Return the metrics of a section without errors."""
    return tuple(_metric(name, entry) for name, entry in section.items())


def _metric(name: str, entry: Mapping[str, Any]) -> RowMetric:
    aggregate = next(each for each in Aggregate if each in entry)
    written = entry[aggregate]
    share = float(written[1]) if aggregate is Aggregate.QUANTILE else None
    columns = (written,) if isinstance(written, str) else tuple(written)
    return RowMetric(
        name,
        aggregate,
        columns[:1] if share is not None else columns,
        Better(entry["better"]),
        share,
    )
