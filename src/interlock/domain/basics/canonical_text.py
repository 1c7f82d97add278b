"""Compares texts by their canonical form, and explains the difference of two that look the same.

A text is normalised to NFC (Unicode Standard Annex 15). Other forms would make one of `①` and `1`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

_TRUTH = {"false": "0", "true": "1"}
_WORDS = {"0": "false", "1": "true"}
_DIGITS = {"0": "0", "1": "1"}


def canonical(text: str) -> str:
    """Return the one spelling of a text: NFC, and `7` for `7.0`; `07` is another text."""
    normal = unicodedata.normalize("NFC", text)
    match = re.fullmatch(r"(-?\d+)\.0+", normal, re.ASCII)
    whole = match[1] if match else normal
    return "0" if whole == "-0" else whole


def truth(label: str) -> str:
    """Return `1` for any spelling of true, `0` for one of false, anything else as it is."""
    return _TRUTH.get(label.lower(), label)


def as_one(target: Collection[str], others: Iterable[str]) -> Mapping[str, str]:
    """Map the labels of one file to one spelling each, if they are a mix of booleans and 0/1.

    They become words if the target has one, otherwise digits. Nothing is mapped if there is any
    other label: `true` may then be one answer of many.
    """
    every = {*target, *others}
    if not {truth(label) for label in every} <= set(_DIGITS):
        return {}
    spelt = _WORDS if any(label.lower() in _TRUTH for label in target) else _DIGITS
    return {label: spelt[truth(label)] for label in every}


def as_theirs(mine: Collection[str], theirs: Collection[str]) -> Mapping[str, str]:
    """Map labels of one file to another file's spelling of the same boolean. Two labels never
    become one: a label with both spellings in the other file is left alone."""
    spellings: dict[str, str] = {}
    for label in mine:
        same = [each for each in theirs if truth(each) == truth(label)]
        if label not in theirs and len(same) == 1 and same[0] not in mine:
            spellings[label] = same[0]
    return spellings if len(set(spellings.values())) == len(spellings) else {}


def explain(text: str, known: Iterable[str]) -> str:
    """Name the code points that differ from a text that looks the same; empty if there is none."""
    twin = next((each for each in known if each != text and _is_twin(text, each)), None)
    if twin is None:
        return ""
    points = f"{_points(text, twin)} against {_points(twin, text)}"
    return f"{text!r} and {twin!r} look alike: {points}"


def _is_twin(one: str, other: str) -> bool:
    if _skeleton(one) == _skeleton(other):
        return True
    if len(one) != len(other):
        return False
    return all(_are_of_two_scripts(a, b) for a, b in zip(one, other, strict=True) if a != b)


def _skeleton(text: str) -> str:
    """Return the text without blanks and format characters, in one form and one case."""
    shown = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in shown if not c.isspace() and unicodedata.category(c) != "Cf")


def _are_of_two_scripts(one: str, other: str) -> bool:
    return one.isalpha() and other.isalpha() and _script(one) != _script(other)


def _script(letter: str) -> str:
    """Return the script of a letter, for example `LATIN` of `LATIN SMALL LETTER A`."""
    return unicodedata.name(letter, "").partition(" ")[0]


def _points(text: str, other: str) -> str:
    differing = [c for i, c in enumerate(text) if other[i : i + 1] != c]
    return " ".join(f"U+{ord(c):04X}" for c in differing[:8]) or "nothing"
