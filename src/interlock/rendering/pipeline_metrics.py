"""The note on gates on the pipeline's own metrics, whose differences have no interval."""

from __future__ import annotations

from interlock.domain.model import metrics
from interlock.domain.reporting.model_status import ModelStatus
from interlock.rendering.escape import Markdown

PAGE = "https://github.com/acme/interlock/blob/main/docs/reference/manifest.md#without-predictions"
_NOTE = Markdown(
    f"Metrics with the prefix `{metrics.DVC_PREFIX}` are one number per run, from the pipeline's "
    "own files. Their differences have no interval, so that a small one may be chance. "
    f"Metrics that are computed from [a predictions file]({PAGE}) have intervals."
)


def note(status: ModelStatus) -> Markdown:
    """The note if a gate compares such a metric with the champion, or if there are no others."""
    findings = status.verdict.findings if status.verdict else ()
    manifest = status.facts.manifest
    is_alone = manifest is not None and manifest.outputs.predictions is None
    is_compared = any(metrics.is_own(f.rule.metric) and f.rule.against for f in findings)
    return _NOTE if is_alone or is_compared else Markdown("")
