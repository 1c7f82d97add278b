"""The refreshed data pointers that the job `refresh` passes to the job `write`. The first job ran
a program of the repository, so its result is not trusted: it is checked here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlock.domain.basics.refusal import Refusal
from interlock.domain.retraining.data_difference import DataShape

LONGEST = 100_000
"""Most characters of the document: it is passed in one environment variable, and Linux allows
128 KiB for one (MAX_ARG_STRLEN, https://man7.org/linux/man-pages/man2/execve.2.html)."""
_REASON_LONGEST = 1_000
# The keys of a pointer that a refresh may change: the data, and the version of an import.
# https://dvc.org/doc/user-guide/project-structure/dvc-files
_DATA_KEYS = frozenset(
    {"md5", "etag", "checksum", "version_id", "size", "nfiles", "rows", "rev_lock", "hash"}
)
# The keys that contain lists of files: a folder's, and a versioned remote's.
_LIST_KEYS = frozenset({"files", "cloud"})
_IS_DIGEST = re.compile(r"[\w.:+/=\"-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DvcPointer:
    """The new text of a .dvc file; `was` is the SHA-256 of the old text."""

    path: str
    text: str
    was: str
    before: DataShape | None = None
    after: DataShape | None = None


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """The refresh of one model. `pointers` are the changed ones; `failure` is the error message of
    a failed refresh, else ""."""

    model: str
    failure: str = ""
    pointers: tuple[DvcPointer, ...] = ()


@dataclass(frozen=True, slots=True)
class RefreshResults:
    """The refreshes of all models in one run."""

    models: tuple[RefreshResult, ...] = ()

    def find(self, model: str) -> RefreshResult | None:
        return next((each for each in self.models if each.model == model), None)


def cut(reason: str) -> str:
    """Shorten a reason, so that those of other models have room."""
    return reason if len(reason) <= _REASON_LONGEST else reason[: _REASON_LONGEST - 1] + "…"


def check_paths(refresh: RefreshResult, *, declared: Sequence[str]) -> Refusal | None:
    """Refuse pointers that the manifest does not declare; `find_other_change` checks their text."""
    paths = [pointer.path for pointer in refresh.pointers]
    unknown = next((path for path in paths if path not in declared), None)
    if unknown is not None:
        return Refusal(f"{unknown[:200]!r} is not in `refresh.pointers` of the manifest")
    return Refusal("one file is listed twice") if len(set(paths)) < len(paths) else None


def find_other_change(old: object, new: object, *, place: str = "") -> str | None:
    """Return the place of the first change that is not a change of data, for example
    `outs.0.path`; None without one."""
    nothing: Mapping[str, object] = {}
    if (isinstance(old, Mapping) and new is None) or (old is None and isinstance(new, Mapping)):
        old, new = old or nothing, new or nothing
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = sorted({*old, *new}, key=str)
        changes = (
            _in_key(str(key), old.get(key), new.get(key), place=f"{place}{key}") for key in keys
        )
        return next(filter(None, changes), None)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        changes = (find_other_change(a, b, place=f"{place}{n}.") for n, (a, b) in pairs)
        return next(filter(None, changes), None)
    return None if (type(old), old) == (type(new), new) else place.rstrip(".") or "the whole file"


def _in_key(key: str, old: object, new: object, *, place: str) -> str | None:
    if key in _DATA_KEYS or key in _LIST_KEYS:
        is_data = _is_plain(new) if key in _DATA_KEYS else _is_listing(new)
        return None if new is None or is_data else place
    return find_other_change(old, new, place=f"{place}.")


def _is_listing(value: object) -> bool:
    """True if it has only digests, by file or by remote, and paths inside the folder."""
    entries = value.items() if isinstance(value, Mapping) else enumerate(_list(value))
    return isinstance(value, Mapping | list) and all(
        isinstance(entry, Mapping) and all(_is_data_entry(str(k), v) for k, v in entry.items())
        for _, entry in entries
    )


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _is_data_entry(key: str, value: object) -> bool:
    if key == "relpath":
        parts = value.split("/") if isinstance(value, str) else [".."]
        return not {"", ".", ".."} & set(parts)
    if key == "cloud":
        return _is_listing(value)
    return key == "isexec" or (key in _DATA_KEYS and _is_plain(value))


def _is_plain(value: object) -> bool:
    """True if it is a count, or a digest or tag of a remote."""
    if isinstance(value, int):
        return not isinstance(value, bool) and 0 <= value < 1 << 63
    return isinstance(value, str) and bool(_IS_DIGEST.fullmatch(value))
