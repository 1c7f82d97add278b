"""Nouns to versioned JSON and back; what a document means is not decided here.

Every document names itself: "schema": "interlock/<noun>/v<major>". A reader takes fields that it
does not know (a newer minor) and fills those that are missing with the noun's defaults (an older
one); an unknown major is refused.
"""

from __future__ import annotations

import functools
import json
import re
import reprlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from interlock import errors
from interlock.domain.access import command_record
from interlock.domain.basics import json_text, parse_limits
from interlock.domain.evaluation import acceptance, verdict
from interlock.domain.model import checkpoint, evidence, git_outputs
from interlock.domain.monitoring import monitoring_records
from interlock.domain.promotion import hold, promotion, reconciliation
from interlock.domain.retraining import refresh_result
from interlock.domain.training import plan

if TYPE_CHECKING:
    import cattrs

_Noun = TypeVar("_Noun")
_Scalar = TypeVar("_Scalar", bool, str)

SCHEMAS: dict[type, str] = {
    evidence.Candidate: "interlock/candidate/v1",
    evidence.Attempt: "interlock/attempt/v1",
    evidence.Evidence: "interlock/evidence/v1",
    git_outputs.KeptFiles: "interlock/outputs/v1",
    acceptance.Acceptance: "interlock/acceptance/v1",
    verdict.Verdict: "interlock/verdict/v1",
    plan.Plan: "interlock/plan/v1",
    promotion.Promotion: "interlock/promotion/v1",
    checkpoint.CheckpointMark: "interlock/checkpoint/v1",
    hold.Hold: "interlock/hold/v1",
    reconciliation.Repair: "interlock/correction/v1",
    command_record.CommandRecord: "interlock/comment-command/v1",
    monitoring_records.DriftReport: "interlock/drift-window/v1",
    monitoring_records.DriftSummary: "interlock/drift-window/v1",
    monitoring_records.PerformanceReport: "interlock/performance/v1",
    monitoring_records.ReferenceProfile: "interlock/reference/v1",
    monitoring_records.RetrainingRequest: "interlock/retraining/v1",
    refresh_result.Handover: "interlock/refreshed/v1",
}
_NO_UNICODE = re.compile("[\ud800-\udfff]")
_LARGEST = sys.float_info.max
_MOST_BITS = 1024
# What a reader of fields trips over: one that is missing, a value of another kind.
_ODD = (KeyError, TypeError, ValueError, AttributeError)


@functools.cache
def _converter(*, detailed: bool = False) -> cattrs.Converter:
    import cattrs  # noqa: PLC0415 - 40 ms that a plan which reads no record does not need

    converter = cattrs.Converter(detailed_validation=detailed)
    # Nothing is made of another kind: a document that says "0.9" is malformed, not 0.9.
    for kind, read in _SCALARS.items():
        converter.register_structure_hook(kind, _hook(kind, read))
    return converter


def _number(value: object) -> float:
    """A finite one: a NaN passes no gate and fails none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{_cut(value)} is not a number")
    if not -_LARGEST <= value <= _LARGEST:
        raise ValueError(f"{_cut(value)} is not a finite number")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{_cut(value)} is not a whole number")
    if not -(2**63) <= value < 2**63:
        raise ValueError("a whole number of more than 64 bits")
    return value


def _text(value: object) -> str:
    return _exactly(str, value)


def _flag(value: object) -> bool:
    return _exactly(bool, value)


def _exactly(kind: type[_Scalar], value: object) -> _Scalar:
    if type(value) is not kind:
        raise TypeError(f"{_cut(value)} is no {kind.__name__}")
    return value


def _cut(value: object) -> str:
    """A value for a sentence: it may be as long as its writer likes."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a number without end"
    return reprlib.repr(value)


_SCALARS: dict[type, Callable[[object], object]] = {
    float: _number,
    int: _whole,
    bool: _flag,
    str: _text,
}


def _hook(
    kind: type, read: Callable[[object], object]
) -> Callable[[object, Callable[[object], object]], object]:
    """What cattrs asks for a class, and for those below it: an enumeration of texts is a text."""
    return lambda value, wanted: read(value) if wanted is kind else wanted(value)


def dump(noun: object) -> dict[str, Any]:
    """Return the noun as a JSON object that names its schema."""
    return {"schema": SCHEMAS[type(noun)], **_converter().unstructure(noun)}


def parse(data: bytes | str, *, where: str, hint: str = "") -> object:
    """Return what JSON says; raises CannotReadDocument for what is none, holds a number that is not
    finite, or goes over a limit."""
    try:
        return json_text.read_strict(data, size=parse_limits.RECORD)
    except ValueError as error:
        raise errors.CannotReadDocument(f"{where} is not JSON: {error}", hint=hint) from error


def load(document: object, kind: type[_Noun], *, where: str) -> _Noun:
    """Return the noun that a document holds; raises CannotReadDocument naming `where`."""
    expected = SCHEMAS[kind]
    if not isinstance(document, dict) or "schema" not in document:
        raise errors.CannotReadDocument(f"{where} is not an {expected} document")
    if not _same_major(str(document["schema"]), expected):
        raise errors.CannotReadDocument(
            f"{where} is {document['schema']!r}, and this version reads {expected}",
            hint="use the version of interlock that wrote it, or a newer one",
        )
    import cattrs  # noqa: PLC0415 - see _converter

    try:
        return _converter().structure(document, kind)
    except (*_ODD, cattrs.BaseValidationError) as error:
        raise errors.CannotReadDocument(
            f"{where} is malformed: {_reason(document, kind) or repr(error)}",
            hint=f"it was damaged, or another program wrote it; it must be an {expected} document",
        ) from error


def _reason(document: object, kind: type) -> str:
    """Which field is wrong and how: found by reading again, which takes twice as long."""
    import cattrs  # noqa: PLC0415 - see _converter

    try:
        _converter(detailed=True).structure(document, kind)
    except cattrs.BaseValidationError as error:
        return "; ".join(cattrs.transform_error(error, path="$")[:3])
    except _ODD as error:
        return str(error)
    return ""


def text(document: object) -> str:
    """Canonical text: sorted keys, two spaces, a final newline; NaN and infinity are refused."""
    body = json.dumps(document, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    # The name of a file may be no Unicode: as an escape it is at least JSON, and can be written.
    return _NO_UNICODE.sub(lambda found: f"\\u{ord(found[0]):04x}", body) + "\n"


def line(document: object) -> str:
    """One line of ASCII; NaN and infinity are refused."""
    return json.dumps(document, sort_keys=True, allow_nan=False, separators=(",", ":"))


def _same_major(found: str, expected: str) -> bool:
    return re.sub(r"(/v\d+)(\.\d+)?$", r"\1", found) == expected
