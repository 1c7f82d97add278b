"""Metrics and plots of a training run that belong in Git, next to dvc.lock."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from interlock import errors
from interlock.domain.basics import digests
from interlock.domain.basics.refusal import Refusal
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
    """Files for a commit, and files that cannot be committed; `paths` has all committed ones."""

    files: dict[str, bytes] = field(default_factory=dict)
    left: list[UncommittedFile] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def gather(
    ledger: Ledger, tree: Tree, snapshot: Snapshot, candidates: Mapping[str, Candidate]
) -> CommittableFiles:
    """Return the files of these models' training runs that the revision's dvc.yaml declares. Other
    files of a run are ignored."""
    result = CommittableFiles()
    inputs = read_paths(snapshot)
    for model, candidate in candidates.items():
        at = snapshot.models[model]
        texts = _texts(ledger, candidate)
        for artifact in _declared(at, candidate):
            there = tree.read(artifact.path)
            if there is not None and digests.of_chunks([there]) == artifact.sha256:
                result.paths.append(artifact.path)
                continue
            data = texts.get(artifact.path, "").encode()
            refusal = _refusal(at, candidate, artifact, data, tree=tree, inputs=inputs)
            if refusal is not None:
                is_kept = artifact.size_bytes <= git_outputs.LARGEST_BYTES
                result.left.append(
                    UncommittedFile(
                        artifact.path, refusal.reason, candidate.run_id if is_kept else ""
                    )
                )
            else:
                result.files[artifact.path] = data
                result.paths.append(artifact.path)
    return result


def _texts(ledger: Ledger, candidate: Candidate) -> Mapping[str, str]:
    """Texts of a training run in the ledger; none if the record cannot be read."""
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
) -> Refusal | None:
    size_bytes = max(artifact.size_bytes, len(data))
    refusal = git_outputs.check_file(
        artifact.path, size_bytes=size_bytes, outputs=at.git_outputs, inputs=inputs
    )
    if refusal:
        return refusal
    if not can_be_file(tree.entries, artifact.path):
        return Refusal("a link, a folder or a submodule has its path")
    if digests.of_chunks([data]) != artifact.sha256:
        return Refusal("the ledger has another file than the training run recorded")
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    own = (out for out in at.git_outputs if out.stage and out.path == artifact.path)
    if any(dvc_lock.digest(candidate.lock, out) != md5 for out in own):
        return Refusal("dvc.lock records another file")
    return _unreadable(data, path=artifact.path)


def can_be_file(entries: Mapping[str, TreeEntry], path: str) -> bool:
    """True if a tree has a regular file at a path, or may get one."""
    parts = path.split("/")
    above = ("/".join(parts[:end]) for end in range(1, len(parts)))
    folders = all(entries[place].mode == "040000" for place in above if place in entries)
    return folders and (path not in entries or entries[path].mode.startswith("100"))


def _unreadable(data: bytes, *, path: str) -> Refusal | None:
    try:
        if path.lower().endswith(".csv"):
            rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
            if len({len(row) for row in rows}) != 1:
                return Refusal("it is not a valid CSV file: rows have different lengths")
            return None
        parameters.read(data, path=path)
    except (csv.Error, ValueError, errors.InterlockError) as error:
        return Refusal(f"it cannot be read: {str(error).splitlines()[0]}")
    return None
