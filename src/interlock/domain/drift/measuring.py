"""Holds one window's profile against the reference's; what passes for drift is not known here."""

from __future__ import annotations

from interlock.domain.drift.measure import WindowMeasure
from interlock.domain.drift.profile import Profile


def measure(reference: Profile, window: Profile) -> WindowMeasure:
    """Return what the window shows of every column of either."""
    raise NotImplementedError
