"""Compares the data of a candidate with the data of earlier ones: two files may share one MD5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.lineage import InputKind


def check(candidate: Candidate, earlier: Iterable[Candidate]) -> Refusal | None:
    """Refuse data whose MD5 an earlier candidate had with another content, by SHA-256."""
    mine = _contents(candidate)
    for other in earlier:
        for md5, (path, content) in _contents(other).items():
            if md5 in mine and mine[md5][1] != content:
                return Refusal(
                    f"{mine[md5][0]} of run {candidate.run_id} has another content than {path} of "
                    f"run {other.run_id}, and the same {md5}: one of them was replaced"
                )
    return None


def _contents(candidate: Candidate) -> Mapping[str, tuple[str, dict[str, str]]]:
    """Return the path and the SHA-256 of each file of an input of DVC, by its MD5."""
    contents = {}
    for one in candidate.lineage.inputs if candidate.data else ():
        if one.kind is InputKind.DATA:
            inside = {
                path.removeprefix(one.path): sha256
                for path, sha256 in candidate.data.items()
                if f"{path}/".startswith(f"{one.path}/")
            }
            if inside:
                contents[one.digest] = (one.path, inside)
    return contents
