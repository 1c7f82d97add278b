"""What the measures of the windows so far amount to: significant, big enough, and lasting."""

from __future__ import annotations

from collections.abc import Sequence

from interlock.domain.drift.finding import Judgement, Rules
from interlock.domain.drift.measure import WindowMeasure


def judge(windows: Sequence[WindowMeasure], *, rules: Rules) -> Judgement:
    """Return verdicts; `windows` are oldest first, and only the last `rules.persist.among` that
    have rows enough count."""
    raise NotImplementedError
