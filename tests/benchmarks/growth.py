"""Fits how the cost of each verb grows, and compares it with docs/explanation/growth.md.

python -m tests.benchmarks.growth [--small] [VERB ...]
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import exponent, growth_curves
from tests.benchmarks.growth_curves import Curve

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "growth.md"
_EXPONENTS = {"constant": 0.0, "linear": 1.0}
_TOLERANCE = 0.25
"""A fit of four sizes is not more exact."""
_RUNS = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """`documented` is the word of the page, `measured` the fitted exponent."""

    curve: Curve
    documented: str
    measured: float
    seconds: tuple[float, ...]

    @property
    def is_within(self) -> bool:
        """A cost that grows less than documented is fine."""
        return self.measured <= _EXPONENTS[self.documented] + _TOLERANCE

    def __str__(self) -> str:
        sizes = (f"{size:,}" for size in self.curve.sizes)
        costs = ", ".join(f"{s}: {cost:.2f}" for s, cost in zip(sizes, self.seconds, strict=True))
        cells = (
            f"`{self.curve.verb}`",
            self.curve.dimension,
            self.documented,
            f"{self.measured:.2f}",
            f"{costs} {self.curve.unit}",
            "yes" if self.is_within else "**no**",
        )
        return f"| {' | '.join(cells)} |"


def documented() -> dict[tuple[str, str], str]:
    """Return the page's word for each verb and dimension; cells with a dash are left out."""
    table = next(
        text for text in PAGE.read_text("utf-8").split("\n\n") if text.startswith("| verb")
    )
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    names, *body = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {
        (re.sub("`", "", cells[0]), name): cell
        for cells in body
        for name, cell in zip(names[1:], cells[1:], strict=True)
        if cell in _EXPONENTS
    }


def fits(verbs: list[str], *, small: bool) -> Iterator[Fit]:
    words = documented()
    for curve in growth_curves.CURVES:
        if not verbs or curve.verb in verbs:
            shown = curve.scaled(0.1) if small else curve
            costs = {size: _cost(shown, size) for size in shown.sizes}
            word = words[curve.verb, curve.dimension]
            yield Fit(shown, word, exponent.fit(costs), tuple(costs.values()))


def _cost(curve: Curve, size: int) -> float:
    """The least of some runs: other programs of the machine only add to it."""
    with tempfile.TemporaryDirectory() as folder, curve.world(Path(folder), size) as measure:
        return min(measure() for _ in range(_RUNS))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("verbs", nargs="*", metavar="VERB")
    parser.add_argument("--small", action="store_true", help="small sizes, to try the benchmark")
    wanted = parser.parse_args()
    print("| verb | grows with | documented | exponent | cost | within |")
    print("|---|---|---|---|---|---|")
    for fit in fits(wanted.verbs, small=wanted.small):
        print(fit, flush=True)


if __name__ == "__main__":
    main()
