"""`report`'s files beside dvc.lock: metrics and plots that one training left for Git."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from interlock import errors
from interlock.domain.basics import digests
from interlock.domain.model import git_outputs
from interlock.domain.model.evidence import Artifact, Candidate
from interlock.domain.model.git_outputs import UncommittedFile
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.domain.training import dvc_lock
from interlock.ledger import lookup
from interlock.pipelines import parameters
from interlock.ports.git import Tree, TreeEntry
from interlock.ports.ledger import Ledger


@dataclass(slots=True)
class CommittableFiles:
    """What a commit may hold, and what it may not; `paths` are those that the branch has then."""

    files: dict[str, bytes] = field(default_factory=dict)
    left: list[UncommittedFile] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def gather(
    ledger: Ledger, tree: Tree, snapshot: Snapshot, candidates: Mapping[str, Candidate]
) -> CommittableFiles:
    """Return the files of these models' trainings, as far as the revision's own dvc.yaml declares
    them; what a training names beyond that is not looked at."""
    found = CommittableFiles()
    inputs = read_paths(snapshot)
    for model, candidate in candidates.items():
        at = snapshot.models[model]
        texts = _texts(ledger, candidate)
        for artifact in _declared(at, candidate):
            there = tree.read(artifact.path)
            if there is not None and digests.of_chunks([there]) == artifact.sha256:
                found.paths.append(artifact.path)
                continue
            data = texts.get(artifact.path, "").encode()
            reason = _refusal(at, candidate, artifact, data, tree=tree, inputs=inputs)
            if reason:
                is_kept = artifact.size_bytes <= git_outputs.LARGEST_BYTES
                found.left.append(
                    UncommittedFile(artifact.path, reason, candidate.run_id if is_kept else "")
                )
            else:
                found.files[artifact.path] = data
                found.paths.append(artifact.path)
    return found


def _texts(ledger: Ledger, candidate: Candidate) -> Mapping[str, str]:
    """What the ledger keeps of a training; none of what cannot be read is committed."""
    try:
        kept = lookup.find_outputs(ledger, model=candidate.name, fingerprint=candidate.fingerprint)
    except errors.LedgerBroken:
        return {}
    return kept.files if kept else {}


def read_paths(snapshot: Snapshot) -> frozenset[str]:
    """The paths of the inputs of every model."""
    lineages = (at.lineage for at in snapshot.models.values() if at.lineage is not None)
    return frozenset(each.path for lineage in lineages for each in lineage.inputs)


def _declared(at: ModelAt, candidate: Candidate) -> Iterator[Artifact]:
    for artifact in candidate.kept[: git_outputs.MOST_FILES]:
        if git_outputs.covers(at.git_outputs, artifact.path):
            yield artifact


def _refusal(
    at: ModelAt,
    candidate: Candidate,
    artifact: Artifact,
    data: bytes,
    *,
    tree: Tree,
    inputs: Collection[str],
) -> str:
    size_bytes = max(artifact.size_bytes, len(data))
    reason = git_outputs.refusal(
        artifact.path, size_bytes=size_bytes, outputs=at.git_outputs, inputs=inputs
    )
    if reason:
        return reason
    if not may_lie(tree.entries, artifact.path):
        return "a link, a folder or a submodule is in its place"
    if digests.of_chunks([data]) != artifact.sha256:
        return "the ledger does not hold what the training recorded"
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    own = (out for out in at.git_outputs if out.stage and out.path == artifact.path)
    if any(dvc_lock.digest(candidate.lock, out) != md5 for out in own):
        return "it is not what dvc.lock records of it"
    return _unreadable(data, path=artifact.path)


def may_lie(entries: Mapping[str, TreeEntry], path: str) -> bool:
    """Whether a plain file lies there in a tree, or one can be put there."""
    parts = path.split("/")
    above = ("/".join(parts[:end]) for end in range(1, len(parts)))
    folders = all(entries[place].mode == "040000" for place in above if place in entries)
    return folders and (path not in entries or entries[path].mode.startswith("100"))


def _unreadable(data: bytes, *, path: str) -> str:
    try:
        if path.lower().endswith(".csv"):
            rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
            return "" if len({len(row) for row in rows}) == 1 else "it is no CSV: rows differ"
        parameters.read(data, path=path)
    except (csv.Error, ValueError, errors.InterlockError) as error:
        return f"it cannot be read: {str(error).splitlines()[0]}"
    return ""
