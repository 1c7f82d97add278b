"""Prepares a record for MLflow: a folder of artifacts, batches of numbers and texts."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from interlock.domain.model.evidence import Candidate

# https://mlflow.org/docs/latest/rest-api.html#request-limits and mlflow/utils/validation.py
_MAX_METRICS = 900
_MAX_PARAMS = 100
_MAX_KEY = 250
_MAX_VALUE = 6000


def lay_out(folder: Path, *, texts: Mapping[str, str], files: Mapping[str, Path]) -> None:
    """Fill `folder` with the run's artifacts. Files are linked, not copied: a model may be
    large."""
    for name, source in files.items():
        for inside in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if inside.is_file():
                goal = folder / name / inside.relative_to(source)
                goal.parent.mkdir(parents=True, exist_ok=True)
                goal.symlink_to(inside.resolve())
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def batches(candidate: Candidate) -> Iterator[dict[str, Any]]:
    """Keyword arguments of `log_batch`, each within MLflow's limits.

    MLflow shows these to users; only candidate.json counts. A key that MLflow does not allow is
    written with underscores, and a value that is too long is truncated.
    """
    from mlflow.entities import Param  # noqa: PLC0415 - 1.3 s; client.py imports it first

    facts = {"seconds": candidate.facts.seconds, "cost": candidate.facts.cost}
    facts["peak_memory_bytes"] = candidate.facts.peak_memory_bytes
    if (use := candidate.facts.gpu_use) is not None:
        facts |= {"gpu_seconds": use.seconds, "gpu_busy": use.busy}
        facts |= {"gpu_peak_memory_bytes": use.peak_memory_bytes}
        facts |= {"gpu_energy_joules": use.energy_joules}
    known = {f"interlock.{k}": float(v) for k, v in facts.items() if v is not None}
    yield from numbers({**candidate.metrics, **known})
    params = [Param(key, value[:_MAX_VALUE]) for key, value in _keyed(candidate.params).items()]
    for start in range(0, len(params), _MAX_PARAMS):
        yield {"params": params[start : start + _MAX_PARAMS]}


def numbers(
    metrics: Mapping[str, float], *, but: Mapping[str, float] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the keyword arguments of `log_batch` for the finite numbers of these metrics, without
    those that a run already has (`but`)."""
    from mlflow.entities import Metric  # noqa: PLC0415 - see batches

    now = int(time.time() * 1000)
    finite = _keyed({key: value for key, value in metrics.items() if math.isfinite(value)})
    new = [Metric(k, v, now, 0) for k, v in finite.items() if (but or {}).get(k) != v]
    for start in range(0, len(new), _MAX_METRICS):
        yield {"metrics": new[start : start + _MAX_METRICS]}


def _keyed(values: Mapping[str, Any]) -> dict[str, Any]:
    keyed: dict[str, Any] = {}
    for name, value in values.items():
        key = re.sub(r"[^\w\-. :/]", "_", name)[:_MAX_KEY].strip("/. ") or "_"
        keyed.setdefault(key, value)
    return keyed
