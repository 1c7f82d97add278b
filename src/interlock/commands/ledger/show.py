"""`ledger show`: one record, or all records of one model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interlock import documents, errors
from interlock.commands.ledger import LedgerContext
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
        uncounted = [each for each in _uncounted(ledger) if each == path]
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


def _model(ledger: Ledger, model: str) -> ModelRecords:
    ledger_paths.check_model(model)
    paths = {area: ledger.list(f"{area}/{model}") for area in records.AREAS_OF_A_MODEL}
    if not any(paths.values()):
        uncounted = [path for path in _uncounted(ledger) if path.split("/")[1] == model]
        raise _missing(f"the ledger has no record of model {model!r}", uncounted)
    champion = lookup.champion(ledger, model=model)
    return ModelRecords(model, champion, lookup.promotions(ledger, model=model), paths)


def _uncounted(ledger: Ledger) -> tuple[str, ...]:
    """Return the paths in the ledger at which no record counts."""
    state = ledger.verified
    exceptions = {} if state is None else state.exceptions
    nothing = (path for path, blob in exceptions.items() if blob is None)
    return tuple(sorted(path for path in nothing if ledger_paths.is_record(path)))


def _missing(sentence: str, uncounted: Sequence[str]) -> errors.CannotResolve:
    if not uncounted:
        return errors.CannotResolve(sentence, hint=_HINT)
    number = figures.count(len(uncounted), "file")
    return errors.CannotResolve(
        f"{sentence} that counts; without effect: {number}, for example {uncounted[0]}",
        hint=_HINT_UNCOUNTED,
    )
