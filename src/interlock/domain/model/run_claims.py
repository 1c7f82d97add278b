"""What a run's document claims, held against what was asked; where documents lie is not known here.

Whoever may write to the run store may write any document there, with any tags. Nothing that it
says of itself is believed: not whose it is, and not that its names are names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from interlock.domain.model.evidence import Artifact, Attempt, Candidate

MOST_BYTES = 32 * 1024**2
"""Of a document. 100,000 inputs are 30 MB, and GitHub takes no file of 100 MB into the ledger."""
MOST_LOG_CHARACTERS = 256 * 1024
"""Of a log's tail, of which a training of ours keeps 32 KiB."""
_MOST_ARTIFACT_BYTES = 10**15
_SHOWN = 80
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REVISION = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def objection(record: Candidate | Attempt, *, model: str, fingerprint: str, run_id: str) -> str:
    """Return why a record is not the one of this run, or of nothing that can be; "" when it is."""
    wanted = {
        "model": (record.name, model),
        "fingerprint": (record.fingerprint, fingerprint),
        "run": (record.run_id, run_id),
    }
    for what, (said, asked) in wanted.items():
        if said != asked:
            return f"its document is of {what} {_shown(said)}, and it was asked for as {asked!r}"
    if not _REVISION.fullmatch(record.revision):
        return f"{_shown(record.revision)} is no commit"
    if len(record.log_tail) > MOST_LOG_CHARACTERS:
        return f"its log's tail has more than {MOST_LOG_CHARACTERS:,} characters"
    if isinstance(record, Attempt):
        return ""
    return next((wrong for each in _artifacts(record) if (wrong := _wrong(each))), "")


def leaves(path: str) -> bool:
    """Whether the path of an artifact may lead out of its run's folder, or is none at all."""
    return bool({"", ".", ".."} & {*path.split("/")}) or "\0" in path


def _artifacts(candidate: Candidate) -> Iterator[Artifact]:
    yield candidate.model
    yield candidate.predictions
    yield from candidate.files
    yield from candidate.kept
    yield from (plot.artifact for plot in candidate.plots if plot.artifact is not None)


def _wrong(artifact: Artifact) -> str:
    if leaves(artifact.path):
        return f"{_shown(artifact.path)} is no path inside the run"
    if not _SHA256.fullmatch(artifact.sha256):
        return f"{_shown(artifact.sha256)} of {_shown(artifact.path)} is no SHA-256"
    if not 0 <= artifact.size_bytes <= _MOST_ARTIFACT_BYTES:
        return f"{artifact.size_bytes} bytes of {_shown(artifact.path)} are no size of a file"
    return ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
