"""Converts nouns to versioned JSON and back. The kinds of documents are in `documents`.

Every document names itself: "schema": "interlock/<noun>/v<major>". A reader ignores fields that it
does not know (of a newer minor), and fills missing ones with the noun's defaults (of an older one).
An unknown major is refused.
"""

from __future__ import annotations

import functools
import json
import re
import reprlib
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from interlock import errors
from interlock.domain.basics import json_text, parse_limits

if TYPE_CHECKING:
    import cattrs

_Noun = TypeVar("_Noun")

_NO_UNICODE = re.compile("[\ud800-\udfff]")
_LARGEST = sys.float_info.max
_MOST_BITS = 1024
# A reader of fields raises these for a missing field and for a value of another type.
_FIELD_ERRORS = (KeyError, TypeError, ValueError, AttributeError)


@functools.cache
def _converter(*, detailed: bool = False) -> cattrs.Converter:
    import cattrs  # noqa: PLC0415 - 40 ms, and a plan without records does not need it

    converter = cattrs.Converter(detailed_validation=detailed)
    # No value is converted: the text "0.9" in place of a number is malformed.
    for kind, read in _SCALARS.items():
        converter.register_structure_hook(kind, read)
    return converter


def _number(value: object, _: type) -> float:
    """A finite number: NaN neither passes nor fails a gate."""
    if type(value) is not float and type(value) is not int:
        raise TypeError(f"{_cut(value)} is not a number")
    if not -_LARGEST <= value <= _LARGEST:
        raise ValueError(f"{_cut(value)} is not a finite number")
    return float(value)


def _whole(value: object, _: type) -> int:
    if type(value) is not int:
        raise TypeError(f"{_cut(value)} is not a whole number")
    if not -(2**63) <= value < 2**63:
        raise ValueError("a whole number of more than 64 bits")
    return value


def _exactly(value: object, kind: Any) -> object:
    """A text or a flag. cattrs also calls this for the subclasses: a StrEnum is a str."""
    if type(value) is kind:
        return value
    if kind is not str and kind is not bool:
        return kind(value)
    raise TypeError(f"{_cut(value)} is not a {kind.__name__}")


def _cut(value: object) -> str:
    """Shorten a value for a message: a document may have values of any length."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a very large number"
    return reprlib.repr(value)


_SCALARS: Mapping[type, Callable[[object, Any], object]] = {
    float: _number,
    int: _whole,
    bool: _exactly,
    str: _exactly,
}


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
    if not _same_major(str(document["schema"]), schema):
        raise errors.CannotReadDocument(
            f"{where} is {document['schema']!r}, and this version reads {schema}",
            hint="use the version of interlock that wrote it, or a newer one",
        )
    import cattrs  # noqa: PLC0415 - see _converter

    try:
        return _converter().structure(document, kind)
    except (*_FIELD_ERRORS, cattrs.BaseValidationError) as error:
        raise errors.CannotReadDocument(
            f"{where} is malformed: {_reason(document, kind) or repr(error)}",
            hint=f"it was damaged, or another program wrote it; it must be an {schema} document",
        ) from error


def _reason(document: object, kind: type) -> str:
    """Return the wrong fields. It reads the document again, which takes twice as long."""
    import cattrs  # noqa: PLC0415 - see _converter

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


def _same_major(schema: str, expected: str) -> bool:
    return re.sub(r"(/v\d+)(\.\d+)?$", r"\1", schema) == expected
