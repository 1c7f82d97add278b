"""Converts nouns to versioned JSON and back. The kinds of documents are in `documents`.

Every document names itself: "schema": "interlock/<noun>/v<major>". A reader ignores fields that it
does not know (of a newer minor), and fills missing ones with the noun's defaults (of an older one).
An unknown major is refused.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any, TypeVar

from interlock import errors
from interlock.domain.basics import json_text, parse_limits

if TYPE_CHECKING:
    import cattrs

_Noun = TypeVar("_Noun")

_MINOR = re.compile(r"(.*/v\d+)\.\d+")
_NO_UNICODE = re.compile("[\ud800-\udfff]")
# A reader of fields raises these for a missing field and for a value of another type.
_FIELD_ERRORS = (KeyError, TypeError, ValueError, AttributeError)


@functools.cache
def _converter(*, detailed: bool = False) -> cattrs.Converter:
    from interlock import field_readers  # noqa: PLC0415 - a plan without records needs no reader

    return field_readers.converter(detailed=detailed)


def dump(noun: object, *, schema: str) -> dict[str, Any]:
    """Return the noun as a JSON object with its schema."""
    return {"schema": schema, **_converter().unstructure(noun)}


def parse(data: bytes | str, *, where: str, hint: str = "") -> object:
    """Return the value of a JSON text.

    Raises CannotReadDocument for text that is not JSON, has an infinite number or is too large.
    """
    try:
        return json_text.read_strict(data, size=parse_limits.RECORD)
    except ValueError as error:
        raise errors.CannotReadDocument(f"{where} is not JSON: {error}", hint=hint) from error


def load(document: object, kind: type[_Noun], *, schema: str, where: str) -> _Noun:
    """Return the noun of a document; raises CannotReadDocument with `where` in its message."""
    if not isinstance(document, dict) or "schema" not in document:
        raise errors.CannotReadDocument(f"{where} is not an {schema} document")
    if without_minor(str(document["schema"])) != schema:
        raise errors.CannotReadDocument(
            f"{where} is {document['schema']!r}, and this version reads {schema}",
            hint="use the version of interlock that wrote it, or a newer one",
        )
    import cattrs  # noqa: PLC0415 - see field_readers

    try:
        return _converter().structure(document, kind)
    except (*_FIELD_ERRORS, cattrs.BaseValidationError) as error:
        raise errors.CannotReadDocument(
            f"{where} is malformed: {_reason(document, kind) or repr(error)}",
            hint=f"it was damaged, or another program wrote it; it must be an {schema} document",
        ) from error


def _reason(document: object, kind: type) -> str:
    """Return the wrong fields. It reads the document again, which takes twice as long."""
    import cattrs  # noqa: PLC0415 - see field_readers

    try:
        _converter(detailed=True).structure(document, kind)
    except cattrs.BaseValidationError as error:
        return "; ".join(cattrs.transform_error(error, path="$")[:3])
    except _FIELD_ERRORS as error:
        return str(error)
    return ""


def text(document: object) -> str:
    """Return canonical text: sorted keys, two spaces, a final newline. Raises for NaN, infinity."""
    body = json.dumps(document, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    # A file name may contain bytes that are not Unicode: as an escape they are valid JSON.
    return _NO_UNICODE.sub(lambda match: f"\\u{ord(match[0]):04x}", body) + "\n"


def line(document: object) -> str:
    """Return one line of ASCII. Raises for NaN and infinity."""
    return json.dumps(document, sort_keys=True, allow_nan=False, separators=(",", ":"))


def without_minor(schema: str) -> str:
    """Return the schema of every minor version, for example `interlock/plan/v1` for `…/v1.2`."""
    minor = _MINOR.fullmatch(schema)
    return schema if minor is None else minor[1]
