"""Sentences and signs for data drift and performance on live data."""

from __future__ import annotations

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.drift_table import WindowHistory
from interlock.domain.monitoring.monitoring_records import Cause, Diagnosis, Remedy

GLYPHS = {
    DriftStatus.BROKEN: "⛔",
    DriftStatus.DRIFT: "❌",
    DriftStatus.WARNING: "👀",
    DriftStatus.INSUFFICIENT: "⚠️",
    DriftStatus.STABLE: "✅",
}
_STATUSES = {
    DriftStatus.BROKEN: "has broken live data",
    DriftStatus.DRIFT: "has drifted",
    DriftStatus.WARNING: "may be drifting",
    DriftStatus.INSUFFICIENT: "cannot be evaluated",
    DriftStatus.STABLE: "is stable",
}
CAUSES = {
    Cause.BROKEN_PIPELINE: "upstream data pipeline failed",
    Cause.COVARIATE_SHIFT: "the inputs have shifted (covariate shift)",
    Cause.LABEL_SHIFT: "label shift (prior shift)",
    Cause.CONCEPT_DRIFT: "performance loss on the same inputs (concept drift)",
    Cause.SEASONALITY: "the same pattern as one season ago (seasonality)",
    Cause.NONE: "",
}
_REMEDIES = {
    Remedy.RETRAIN: "Retrain the model.",
    Remedy.FIX_DATA: "Fix the data; do not retrain.",
    Remedy.NOTHING: "No action is needed.",
}


def summary(view: WindowHistory) -> str:
    """`has drifted: the inputs have shifted (covariate shift). Retrain the model.`"""
    diagnosis = view.diagnosis
    cause = CAUSES[diagnosis.cause] or with_full_stop(diagnosis.sentence).removesuffix(".")
    reason = f": {cause}" if cause else ""
    return f"{_STATUSES[view.verdict]}{reason}. {_REMEDIES[diagnosis.remedy]}"


def explanation(diagnosis: Diagnosis) -> str:
    """`the inputs have shifted (covariate shift): age drifted. Retrain the model.`"""
    parts = [part for part in (CAUSES[diagnosis.cause], diagnosis.sentence) if part]
    return f"{with_full_stop(': '.join(parts))} {_REMEDIES[diagnosis.remedy]}".lstrip()


def with_full_stop(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."
