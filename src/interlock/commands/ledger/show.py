"""`ledger show`: one record, or all records of one model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interlock import documents, errors
from interlock.commands.ledger import LedgerContext
from interlock.commands.ledger.uncounted import UncountedRecords, find
from interlock.domain.basics import figures
from interlock.domain.promotion import ledger_paths
from interlock.domain.promotion.promotion import Promotion
from interlock.ledger import lookup, records
from interlock.ports.ledger import Ledger

_HINT = "`interlock ledger log` lists the records"
_HINT_UNCOUNTED = (
    "the policy requires provenance, and they have no valid attestation; to accept records that "
    "were written before: `interlock ledger recover` prints the line provenance_since"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOptions:
    """`name` is a model, or the path of a record: a path has a slash."""

    name: str


@dataclass(frozen=True, slots=True)
class ModelRecords:
    """All records of one model. `records` are the paths of each area, sorted."""

    model: str
    champion: Promotion | None
    promotions: tuple[Promotion, ...]
    records: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LedgerView:
    """A record as a document, or the records of a model; and what does not count of them."""

    content: dict[str, Any] | ModelRecords
    uncounted: UncountedRecords


def run(context: LedgerContext, options: ShowOptions) -> LedgerView:
    """Return a record as it was written, or the records of a model.

    Raises CannotResolve if the ledger has neither, LedgerBroken for a file that is not a record.
    """
    uncounted = find(context, name=options.name)
    if "/" in options.name:
        return LedgerView(_record(context.ledger, options.name, uncounted), uncounted)
    return LedgerView(_model(context.ledger, options.name, uncounted), uncounted)


def _record(ledger: Ledger, path: str, uncounted: UncountedRecords) -> dict[str, Any]:
    data = ledger.read_bytes(path)
    if data is None:
        raise _missing(f"the ledger has no {path}", uncounted)
    try:
        document = documents.parse(data, where=path)
    except errors.CannotReadDocument:
        document = None
    if not isinstance(document, dict):
        raise errors.LedgerBroken(
            f"{path} is not a JSON object", hint="`interlock ledger verify` names the commit"
        )
    return document


def _model(ledger: Ledger, model: str, uncounted: UncountedRecords) -> ModelRecords:
    ledger_paths.check_model(model)
    paths = {area: ledger.list(f"{area}/{model}") for area in records.AREAS_OF_A_MODEL}
    if not any(paths.values()):
        raise _missing(f"the ledger has no record of model {model!r}", uncounted)
    champion = lookup.champion(ledger, model=model)
    return ModelRecords(model, champion, lookup.promotions(ledger, model=model), paths)


def _missing(sentence: str, uncounted: UncountedRecords) -> errors.CannotResolve:
    if not uncounted.records:
        return errors.CannotResolve(sentence, hint=_HINT)
    number, first = figures.count(len(uncounted.records), "file"), uncounted.records[0]
    return errors.CannotResolve(
        f"{sentence} that counts; without effect: {number}, for example {first.path}: "
        f"{first.reason}",
        hint=_HINT_UNCOUNTED,
    )
