"""Which stages of a training did not run, and where their outputs come from."""

from __future__ import annotations

from interlock.domain.model.stage_runs import OWN_CACHE
from interlock.domain.reporting.model_status import ModelStatus
from interlock.rendering.budget import Section
from interlock.rendering.sections import capped, optional


def section(status: ModelStatus) -> Section | None:
    """Seen at once: who merges vouches for outputs that this training did not make."""
    evidence = status.facts.evidence
    found = [] if evidence is None else [s for s in evidence.candidate.stages if not s.ran]
    if not found:
        return None
    rows = [(stage.name, "" if stage.source == OWN_CACHE else stage.source[:12]) for stage in found]
    return optional(
        "stages that did not run", 86, capped("unrun.md.j2", (25, 5), len(rows), rows=rows)
    )
