"""Fetches the newest records of many models in a few requests. A partial clone would fetch each
record when it is read, which takes a second."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from interlock import errors
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.monitoring.monitoring_records import ReferenceProfile
from interlock.domain.promotion.hold import Hold
from interlock.ledger import monitoring, production, records
from interlock.ports.ledger import Ledger

_OLDER = 14


def newest(ledger: Ledger, models: Sequence[str], *, windows: int, labelled: int) -> None:
    """Fetch the last promotions and the hold of each model, its last windows, and the evidence of
    the last versions. A record that cannot be read fails where it is read."""

    drift = {model: monitoring.drift_windows(ledger, model=model) for model in models}

    def recent(model: str) -> Iterator[str]:
        yield from production.newest_outcomes(ledger, model=model)
        yield from ledger.list(records.folder(Hold, model))[-1:]
        yield from drift[model].newest(windows)
        yield from monitoring.performance_windows(ledger, model=model).newest(labelled)

    def of_versions(model: str) -> Iterator[str]:
        champion = production.champion(ledger, model=model)
        if champion is None:
            return
        previous = production.previous_champion(ledger, current=champion)
        profiles = ledger.list(records.folder(ReferenceProfile, model))
        yield from (path for path in profiles if champion.fingerprint in path)
        for promotion in filter(None, (champion, previous)):
            yield records.evidence_path(model, promotion.fingerprint)
            yield from ledger.list(records.folder(Verdict, model, promotion.fingerprint))

    def older(model: str) -> Iterator[str]:
        """The lists of live files that the newest record names. A record of an earlier version does
        not have the verdicts of the windows before it."""
        for path in drift[model].newest(1):
            report = monitoring.drift_report(ledger, path)
            ends = report.known_files.older if report.known_files else ()
            yield from filter(None, map(drift[model].find, ends))
            yield from () if report.earlier else drift[model].newest(_OLDER)

    for paths in (recent, of_versions, older):
        _fetch(ledger, models, paths)


def _fetch(ledger: Ledger, models: Iterable[str], paths: Callable[[str], Iterable[str]]) -> None:
    wanted: list[str] = []
    for model in models:
        with contextlib.suppress(errors.LedgerBroken):
            wanted += paths(model)
    with contextlib.suppress(errors.LedgerBroken):
        ledger.read_many(wanted)
