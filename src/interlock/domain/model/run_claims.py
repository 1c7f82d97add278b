"""Compares the claims of a run's document with the request for it.

Users with access to the run store may write any document there, with any tags. Nothing that it
contains is trusted: not its owner, and not that its paths are valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.evidence import Artifact, Attempt, Candidate

MOST_BYTES = 32 * 1024**2
"""Of a document. 100,000 inputs are 30 MB, and GitHub takes no file of 100 MB into the ledger."""
MOST_LOG_CHARACTERS = 256 * 1024
"""Of the end of a log; a training of Interlock stores 32 KiB of it."""
_MOST_ARTIFACT_BYTES = 10**15
_SHOWN = 80
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REVISION = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def check_record(
    record: Candidate | Attempt, *, model: str, fingerprint: str, run_id: str
) -> Refusal | None:
    """Refuse a record that is of another run than the request, or that no training can write."""
    wanted = {
        "model": (record.name, model),
        "fingerprint": (record.fingerprint, fingerprint),
        "run": (record.run_id, run_id),
    }
    for what, (claimed, expected) in wanted.items():
        if claimed != expected:
            return Refusal(
                f"its document is of {what} {_shown(claimed)}, and the request was for {expected!r}"
            )
    if not _REVISION.fullmatch(record.revision):
        return Refusal(f"{_shown(record.revision)} is not a valid commit")
    if len(record.log_tail) > MOST_LOG_CHARACTERS:
        return Refusal(f"its log's tail has more than {MOST_LOG_CHARACTERS:,} characters")
    if isinstance(record, Attempt):
        return None
    return next(filter(None, map(_check_artifact, _artifacts(record))), None)


def leaves(path: str) -> bool:
    """True if the path of an artifact may lead out of its run's folder, or is not a path."""
    return bool({"", ".", ".."} & {*path.split("/")}) or "\0" in path


def _artifacts(candidate: Candidate) -> Iterator[Artifact]:
    yield candidate.model
    if candidate.predictions is not None:
        yield candidate.predictions
    yield from candidate.files
    yield from candidate.kept
    yield from (plot.artifact for plot in candidate.plots if plot.artifact is not None)


def _check_artifact(artifact: Artifact) -> Refusal | None:
    if leaves(artifact.path):
        return Refusal(f"{_shown(artifact.path)} is not a path inside the run")
    if not _SHA256.fullmatch(artifact.sha256):
        return Refusal(
            f"{_shown(artifact.sha256)} of {_shown(artifact.path)} is not a SHA-256 digest"
        )
    if not 0 <= artifact.size_bytes <= _MOST_ARTIFACT_BYTES:
        return Refusal(
            f"{artifact.size_bytes} bytes of {_shown(artifact.path)} is not a valid file size"
        )
    return None


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
