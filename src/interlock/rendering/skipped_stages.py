"""Stages of a training run that did not run, with the origin of their outputs."""

from __future__ import annotations

from interlock.domain.model.stage_runs import OWN_CACHE
from interlock.domain.reporting.model_status import ModelStatus
from interlock.rendering.budget import Section
from interlock.rendering.sections import capped, optional


def section(status: ModelStatus) -> Section | None:
    """Visible, because reviewers rely on outputs that this training run did not produce."""
    evidence = status.facts.evidence
    skipped = [] if evidence is None else [s for s in evidence.candidate.stages if not s.ran]
    if not skipped:
        return None
    rows = [
        (stage.name, "" if stage.source == OWN_CACHE else stage.source[:12]) for stage in skipped
    ]
    return optional(
        "stages that did not run", 86, capped("unrun.md.j2", (25, 5), len(rows), rows=rows)
    )
