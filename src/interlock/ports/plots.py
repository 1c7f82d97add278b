"""What is asked of the drawing of pictures; numbers in, PNG out."""

from __future__ import annotations

from typing import Protocol

from interlock.domain.charts import Charts


class Plots(Protocol):
    def draw(
        self, candidate: Charts, *, champion: Charts | None, names: tuple[str, str]
    ) -> dict[str, bytes]:
        """PNG by name (confusion, calibration, residuals): the champion, where there is one, on
        the left and the candidate on the right, on the same scales, under `names`."""
        ...
