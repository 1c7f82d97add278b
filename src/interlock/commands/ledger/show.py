"""`ledger show`: one record, or all records of one model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interlock import documents, errors
from interlock.commands.ledger import LedgerContext
from interlock.domain.promotion import ledger_paths
from interlock.domain.promotion.promotion import Promotion
from interlock.ledger import lookup, records
from interlock.ports.ledger import Ledger

_HINT = "`interlock ledger log` lists the records"


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


def run(context: LedgerContext, options: ShowOptions) -> dict[str, Any] | ModelRecords:
    """Return a record as it was written, or the records of a model.

    Raises CannotResolve if the ledger has neither, LedgerBroken for a file that is not a record.
    """
    if "/" in options.name:
        return _record(context.ledger, options.name)
    return _model(context.ledger, options.name)


def _record(ledger: Ledger, path: str) -> dict[str, Any]:
    data = ledger.read_bytes(path)
    if data is None:
        raise errors.CannotResolve(f"the ledger has no {path}", hint=_HINT)
    try:
        document = documents.parse(data, where=path)
    except errors.CannotReadDocument:
        document = None
    if not isinstance(document, dict):
        raise errors.LedgerBroken(
            f"{path} is not a JSON object", hint="`interlock ledger verify` names the commit"
        )
    return document


def _model(ledger: Ledger, model: str) -> ModelRecords:
    ledger_paths.check_model(model)
    paths = {area: ledger.list(f"{area}/{model}") for area in records.AREAS_OF_A_MODEL}
    if not any(paths.values()):
        raise errors.CannotResolve(f"the ledger has no record of model {model!r}", hint=_HINT)
    champion = lookup.champion(ledger, model=model)
    return ModelRecords(model, champion, lookup.promotions(ledger, model=model), paths)
