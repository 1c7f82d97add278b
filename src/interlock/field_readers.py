"""Reads the fields of a document without conversion: the text "0.9" in place of a number is
malformed.

A document has many lists and fields of the same kind. The reader of such a kind is found once;
cattrs would find it for each value.
"""

from __future__ import annotations

import reprlib
import sys
import typing
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import cattrs

    Reader = Callable[[Any, Any], object]

_LARGEST = sys.float_info.max
_MOST_BITS = 1024


def converter(*, detailed: bool) -> cattrs.Converter:
    """`detailed` names every wrong field, and takes twice as long."""
    import cattrs  # noqa: PLC0415 - 40 ms, needed by a reader only

    result = cattrs.Converter(detailed_validation=detailed)
    for kind, read in _SCALARS.items():
        result.register_structure_hook(kind, read)
    if not detailed:
        result.register_structure_hook_factory(_is_list, _list_reader)
        result.register_structure_hook_factory(_is_optional, _optional_reader)
    return result


def _is_list(kind: Any) -> bool:
    return typing.get_origin(kind) is tuple and typing.get_args(kind)[-1:] == (...,)


def _list_reader(kind: Any, among: cattrs.Converter) -> Reader:
    element = typing.get_args(kind)[0]
    read = among.get_structure_hook(element)
    return lambda value, _: tuple([read(each, element) for each in value])


def _is_optional(kind: Any) -> bool:
    is_union = typing.get_origin(kind) in (typing.Union, UnionType)
    return is_union and len(typing.get_args(kind)) == 2 and NoneType in typing.get_args(kind)


def _optional_reader(kind: Any, among: cattrs.Converter) -> Reader:
    other = next(each for each in typing.get_args(kind) if each is not NoneType)
    read = among.get_structure_hook(other)
    return lambda value, _: None if value is None else read(value, other)


def _number(value: object, _: type) -> float:
    """A finite number: NaN neither passes nor fails a gate."""
    if type(value) is float and -_LARGEST <= value <= _LARGEST:  # most are
        return value
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
