"""A checkpoint that Mallory leaves on a runner, and a record of the training that saved it."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

from interlock import documents
from interlock.domain.model.checkpoint import CheckpointMark, Saved
from interlock.domain.model.evidence import Attempt
from interlock.ledger import lookup
from tests.act.conftest import ActSession

NAME, STEP = "planted.bin", 9
_BYTES = b"weights of Mallory"


def keep_checkpoints(session: ActSession) -> None:
    """Use a runner with a folder that stays between jobs."""
    installed = session.act.installed
    variables = {**installed.variables, "INTERLOCK_CHECKPOINTS": str(_root(session))}
    session.act.installed = dataclasses.replace(installed, variables=variables)


def plant(session: ActSession, fingerprint: str, head: str) -> Attempt:
    """Plant the checkpoint, and return a failed training of the commit that has saved it."""
    folder = _root(session) / "digits" / fingerprint
    folder.mkdir(parents=True)
    sha256 = hashlib.sha256(_BYTES).hexdigest()
    mark = documents.text(documents.dump(CheckpointMark(NAME, fingerprint, STEP, sha256)))
    (folder / NAME).write_bytes(_BYTES)
    (folder / f"{NAME}.json").write_text(mark)
    saved = Saved(STEP, sha256, hashlib.sha256(mark.encode()).hexdigest())
    return Attempt("digits", fingerprint, head, "1" * 32, "killed", "", 1.0, checkpoints=(saved,))


def record_of(attempt: Attempt) -> dict[str, bytes]:
    return {lookup.path_of(attempt): documents.text(documents.dump(attempt)).encode()}


def _root(session: ActSession) -> Path:
    return session.project.folder / "checkpoints"
