"""A person's word that an inconclusive verdict may pass; who may say it is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acceptance:
    """For one judgement (`key`) at one commit (`revision`), by `by`, with a reason."""

    key: str
    model: str
    fingerprint: str
    revision: str
    by: str
    reason: str
    at: str
