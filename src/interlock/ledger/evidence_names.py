"""Lists which trainings have evidence, by the names of the records: no record is read."""

from __future__ import annotations

from interlock.ports.ledger import Ledger

AREA = "evidence"


def fingerprints(ledger: Ledger, *, model: str) -> frozenset[str]:
    """Return the fingerprints of a model that have evidence."""
    paths = ledger.list(f"{AREA}/{model}")
    return frozenset(path.rpartition("/")[2].removesuffix(".json") for path in paths)
