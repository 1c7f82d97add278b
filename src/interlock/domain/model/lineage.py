"""The inputs behind a model and their content address; other modules find them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

RECORDED = "md5:"
"""How the digest of a recorded output starts: a training compares it with DVC's digest of the
output that it makes."""
_encode = json.JSONEncoder(separators=(",", ":")).encode


class InputKind(StrEnum):
    CODE = "code"
    CONTEXT = "context"
    DATA = "data"
    PARAMS = "params"
    ENVIRONMENT = "environment"
    MANIFEST = "manifest"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that determines a model.

    `path` is relative to the repository; `name` distinguishes several inputs of one path (a
    parameter's dotted key, a stage, a manifest field). `digest` is content alone: "git:<oid>" with
    "+x" for a program, "commit:<oid>" for a submodule, "md5:<hash>", "value:<text>". `text`,
    `size_bytes`, `rows` and `readers` are only displayed and do not count towards the fingerprint;
    `readers` are the stages that declare it, empty for inputs that the manifest adds to all of
    them.
    """

    kind: InputKind
    path: str
    digest: str
    name: str = ""
    text: str = ""
    size_bytes: int | None = None
    rows: int | None = None
    readers: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.kind, self.path, self.name)

    @property
    def is_recorded(self) -> bool:
        """True for an output of an `always_changed` stage, as dvc.lock records it: `path` is the
        output's, `name` the stage's. The stage runs in each training and must make it again."""
        return self.kind is InputKind.PIPELINE and self.digest.startswith(RECORDED)

    def of(self, readers: tuple[str, ...]) -> Input:
        """Return this input with these readers; `dataclasses.replace` takes three times as long."""
        if readers == self.readers:
            return self
        return Input(
            self.kind,
            self.path,
            self.digest,
            self.name,
            self.text,
            self.size_bytes,
            self.rows,
            readers,
        )


@dataclass(frozen=True, slots=True)
class Lineage:
    """Every input of one model at one revision, and its stages in the order in which they run.

    The last stage makes the model. `edges` are pairs of stages, of which the second reads an output
    of the first; evidence of earlier versions has none. They do not count towards the fingerprint.
    """

    model: str
    inputs: tuple[Input, ...]
    stages: tuple[str, ...]
    edges: tuple[tuple[str, str], ...] = ()


def fingerprint(lineage: Lineage) -> str:
    """Return the content address: SHA-256 (64 hex digits) over every input's identity and digest.

    The order of the inputs, the texts that are only displayed, and the place of the manifest do not
    count.
    """
    manifest = InputKind.MANIFEST
    rows = [
        [i.kind, "" if i.kind is manifest else i.path, i.name, i.digest] for i in lineage.inputs
    ]
    rows.sort()
    text = _encode(["interlock/fingerprint/v2", lineage.model, rows])
    return hashlib.sha256(text.encode()).hexdigest()
