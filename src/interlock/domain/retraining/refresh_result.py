"""What a job that refreshed data hands to the job that writes. That job ran a program of the
repository, so that nothing of it is believed: what may be taken up is decided here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlock.domain.retraining.data_difference import DataShape

LONGEST = 100_000
"""Characters of the whole: it travels in one environment variable, of which Linux takes 128 KiB
(MAX_ARG_STRLEN, https://man7.org/linux/man-pages/man2/execve.2.html)."""
_REASON_LONGEST = 1_000
# What a refresh changes in a pointer: which data it names, and of which version of an import.
# https://dvc.org/doc/user-guide/project-structure/dvc-files
_MOVES = frozenset(
    {"md5", "etag", "checksum", "version_id", "size", "nfiles", "rows", "rev_lock", "hash"}
)
# What a folder's listing and a versioned remote's notes are made of, by name of the key.
_LISTINGS = frozenset({"files", "cloud"})
_IS_DIGEST = re.compile(r"[\w.:+/=\"-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DvcPointer:
    """A .dvc file as it is to be; `was` is the SHA-256 of the text that it was made from."""

    path: str
    text: str
    was: str
    before: DataShape | None = None
    after: DataShape | None = None


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """One model's refresh. `failure` says why there is none, "" where it ended well: then
    `pointers` are those that name other data than before."""

    model: str
    failure: str = ""
    pointers: tuple[DvcPointer, ...] = ()


@dataclass(frozen=True, slots=True)
class Handover:
    """All refreshes of one run."""

    models: tuple[RefreshResult, ...] = ()

    def find(self, model: str) -> RefreshResult | None:
        return next((each for each in self.models if each.model == model), None)


def cut(reason: str) -> str:
    """A reason that leaves room for the others'."""
    return reason if len(reason) <= _REASON_LONGEST else reason[: _REASON_LONGEST - 1] + "…"


def objection(refresh: RefreshResult, *, declared: Sequence[str]) -> str:
    """Say why a refresh may not be taken up, "" when its pointers are those that the manifest
    declares; what they say is looked at by `difference`."""
    paths = [pointer.path for pointer in refresh.pointers]
    strange = next((path for path in paths if path not in declared), None)
    if strange is not None:
        return f"it changes {strange[:200]!r}, which the manifest does not let a refresh change"
    return "it names a file twice" if len(set(paths)) < len(paths) else ""


def difference(old: object, new: object, *, place: str = "") -> str:
    """Where a pointer differs from what it was in more than the data that it names: "" where it
    does not, else the place, as `outs.0.path`."""
    nothing: Mapping[str, object] = {}
    if (isinstance(old, Mapping) and new is None) or (old is None and isinstance(new, Mapping)):
        old, new = old or nothing, new or nothing
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = sorted({*old, *new}, key=str)
        found = (
            _of_key(str(key), old.get(key), new.get(key), place=f"{place}{key}") for key in keys
        )
        return next(filter(None, found), "")
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        found = (difference(one, other, place=f"{place}{n}.") for n, (one, other) in pairs)
        return next(filter(None, found), "")
    return "" if (type(old), old) == (type(new), new) else place.rstrip(".") or "the whole file"


def _of_key(key: str, old: object, new: object, *, place: str) -> str:
    if key in _MOVES or key in _LISTINGS:
        is_data = _is_plain(new) if key in _MOVES else _is_listing(new)
        return "" if new is None or is_data else place
    return difference(old, new, place=f"{place}.")


def _is_listing(value: object) -> bool:
    """Digests alone, by file or by remote; a file's `relpath` stays inside its folder."""
    entries = value.items() if isinstance(value, Mapping) else enumerate(_list(value))
    return isinstance(value, Mapping | list) and all(
        isinstance(entry, Mapping) and all(_is_noted(str(k), v) for k, v in entry.items())
        for _, entry in entries
    )


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _is_noted(key: str, value: object) -> bool:
    if key == "relpath":
        parts = value.split("/") if isinstance(value, str) else [".."]
        return not {"", ".", ".."} & set(parts)
    if key == "cloud":
        return _is_listing(value)
    return key == "isexec" or (key in _MOVES and _is_plain(value))


def _is_plain(value: object) -> bool:
    """A number that counts, or a digest or tag as remotes give them."""
    if isinstance(value, int):
        return not isinstance(value, bool) and 0 <= value < 1 << 63
    return isinstance(value, str) and bool(_IS_DIGEST.fullmatch(value))
