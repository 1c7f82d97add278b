"""Promotion records, as the tests of several layers write them."""

from __future__ import annotations

import dataclasses
from typing import Any

from interlock.domain.model.evidence import Candidate
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind


def record(position: int, fingerprint: str, phase: Phase = Phase.DONE, **fields: Any) -> Promotion:
    """A promotion of digits at a position on main."""
    promotion = Promotion(
        model="digits",
        kind=PromotionKind.PROMOTION,
        phase=phase,
        fingerprint=fingerprint,
        revision=f"{position:040x}",
        position=position,
        run_id="r1",
        sha256=fingerprint,
        registry_name="digits",
        environments=("staging", "production"),
        at="",
    )
    return dataclasses.replace(promotion, **fields)


def of_candidate(candidate: Candidate, *, version: int, at: str) -> Promotion:
    """The outcome of a candidate's promotion: registered as `version`."""
    return record(
        version,
        candidate.fingerprint,
        model=candidate.name,
        revision=candidate.revision,
        run_id=candidate.run_id,
        sha256=candidate.model.sha256,
        registry_name=candidate.name,
        at=at,
        version=version,
    )
