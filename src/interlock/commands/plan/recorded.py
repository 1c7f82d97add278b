"""Reads what the ledger records of the planned models: champions, lineages and training times."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping

from interlock.domain.model.lineage import Lineage
from interlock.domain.model.snapshot import Snapshot
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger


def champion_fingerprints(ledger: Ledger, head: Snapshot) -> dict[str, str | None]:
    champions = {name: lookup.champion(ledger, model=name) for name in head.models}
    return {name: None if c is None else c.fingerprint for name, c in champions.items()}


def lineages(
    ledger: Ledger, served: Mapping[str, str | None], moved: Iterable[str]
) -> dict[str, Lineage]:
    """Return the recorded lineages of the champions that differ from the head."""
    known: dict[str, Lineage] = {}
    for name in moved:
        fingerprint = served.get(name)
        if fingerprint is None:
            continue
        evidence = lookup.find_evidence(ledger, model=name, fingerprint=fingerprint)
        if evidence is not None:
            known[name] = evidence.candidate.lineage
    return known


def minutes(ledger: Ledger, known: Mapping[str, frozenset[str]]) -> dict[str, float]:
    """Return the median training time of each model with earlier trainings."""
    medians: dict[str, float] = {}
    for name, fingerprints in known.items():
        records = (lookup.find_evidence(ledger, model=name, fingerprint=f) for f in fingerprints)
        seconds = [r.candidate.facts.seconds for r in records if r is not None]
        if seconds:
            medians[name] = statistics.median(seconds) / 60
    return medians
