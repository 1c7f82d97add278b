"""Finds the production model in the ledger: the newest promotions are read first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.ledger import reading, records
from interlock.ports.ledger import Ledger

_NAME = re.compile(r"([0-9]{8,})-[0-9a-f]+(?:-([0-9]+))?-(intent|outcome)\.json")
_NEWEST = 2
"""Usually the champion's and its predecessor's."""


def champion(ledger: Ledger, *, model: str) -> Promotion | None:
    """Return the promotion of the production model: the finished one of the highest position."""
    return next(_finished(ledger, model), None)


def previous_champion(ledger: Ledger, *, current: Promotion) -> Promotion | None:
    """Return the last finished promotion of another version before the champion, or None."""
    before = (p for p in _finished(ledger, current.model) if p.order < current.order)
    return next((p for p in before if p.fingerprint != current.fingerprint), None)


def newest_outcomes(ledger: Ledger, *, model: str) -> tuple[str, ...]:
    """Return the paths of the last ends of promotions."""
    return tuple(_outcomes(ledger, model)[:_NEWEST])


def _finished(ledger: Ledger, model: str) -> Iterator[Promotion]:
    """Yield the finished promotions, the newest first."""
    for path in _outcomes(ledger, model):
        promotion = reading.read(ledger, path, Promotion)
        if promotion.phase is Phase.DONE:
            yield promotion


def _outcomes(ledger: Ledger, model: str) -> list[str]:
    names = {path: _order(path) for path in ledger.list(records.folder(Promotion, model))}
    return sorted(filter(names.get, names), key=lambda path: names[path] or (), reverse=True)


def _order(path: str) -> tuple[float, float] | None:
    """Epoch and position of an outcome; None for an intent. Another name comes first: it is not a
    promotion's, so that its reader refuses it."""
    parts = _NAME.fullmatch(path.rpartition("/")[2])
    if parts is None:
        return (float("inf"), 0)
    return (int(parts[2] or 0), int(parts[1])) if parts[3] == "outcome" else None
