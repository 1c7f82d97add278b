"""The content of data by SHA-256, which has one record for each MD5: two files may share an MD5."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from interlock.domain.basics import digests
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.lineage import InputKind

_MD5 = re.compile(r"md5:[0-9a-f]{32}(\.dir)?")


@dataclass(frozen=True, slots=True)
class DataContent:
    """The SHA-256 of the file or folder with a DVC digest, for example `md5:1f3d…` or
    `md5:1f3d….dir`, as the first evaluated training read it."""

    model: str
    digest: str
    sha256: str


def of_candidate(candidate: Candidate) -> Iterator[DataContent]:
    """Yield the content of each input that DVC fetched for a candidate; older ones have none."""
    for one in candidate.lineage.inputs:
        inside = {
            path.removeprefix(one.path): sha256
            for path, sha256 in candidate.data.items()
            if f"{path}/".startswith(f"{one.path}/")
        }
        if one.kind is InputKind.DATA and inside and _MD5.fullmatch(one.digest):
            yield DataContent(
                candidate.name, one.digest, inside.get("") or digests.of_folder(inside)
            )


def check(mine: Iterable[DataContent], recorded: Iterable[DataContent]) -> Refusal | None:
    """Refuse data whose digest has a record with another content."""
    known = {each.digest: each.sha256 for each in recorded}
    for each in mine:
        if known.get(each.digest, each.sha256) != each.sha256:
            return Refusal(
                f"the data with {each.digest} had the SHA-256 {known[each.digest]} in an earlier "
                f"training, and now {each.sha256}: one of them was replaced in the DVC remote"
            )
    return None
