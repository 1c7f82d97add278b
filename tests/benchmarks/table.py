"""The rows of the table of costs: ours beside the other side, and the limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_HEAD = ("measured", "ours", "peer", "limit", "within")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured cost.

    `limit` is in the unit of `ours`; with `is_ratio` it is a factor of `peer`.
    `peer` is the other side, measured in the same run; None where only the limit is compared.
    """

    name: str
    ours: float
    limit: float
    unit: str = "s"
    peer: float | None = None
    peer_name: str = ""
    is_ratio: bool = False

    @property
    def allowed(self) -> float:
        """Raises ValueError for a ratio without a peer."""
        if not self.is_ratio:
            return self.limit
        if self.peer is None:
            raise ValueError(f"{self.name}: a ratio needs a peer")
        return self.limit * self.peer

    @property
    def is_within(self) -> bool:
        return self.ours <= self.allowed


def text(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    return "\n".join((_line(_HEAD), _line(("---",) * len(_HEAD)), *map(line, rows)))


def line(row: Row) -> str:
    return _line(_cells(row))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row) -> tuple[str, ...]:
    peer = "–" if row.peer is None else f"{_figure(row.peer)} {row.unit} ({row.peer_name})"
    limit = f"{_figure(row.limit)} {row.unit}"
    if row.is_ratio and row.peer:
        limit = f"{_figure(row.limit)} × peer (here {_figure(row.ours / row.peer)} ×)"
    ours = f"{_figure(row.ours)} {row.unit}"
    return (row.name, ours, peer, f"≤ {limit}", "yes" if row.is_within else "**no**")


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:.3g}"
