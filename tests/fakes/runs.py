"""A run store in memory: complete or not there, and of documents that anybody may have written."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from interlock import errors
from interlock.domain.basics import digests
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.candidates import Bad, CompleteRuns
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.provenance import attestation as attestations
from interlock.domain.provenance.attestation import Attestation
from interlock.services import run_documents

_Record = TypeVar("_Record", Candidate, Attempt)


@dataclass
class _Run:
    """A document and the tags that it is found by; `start` is when it says that it began."""

    id: str
    model: str
    fingerprint: str
    kind: type
    document: bytes
    start: int
    repeats: str = ""


class FakeRuns:
    """`marked` holds the ids of complete runs, in the order that they were made; `deleted` the
    models whose place was taken away; `shown` the scores of each run; `lost` the runs whose
    artifacts cannot be fetched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.marked: list[str] = []
        self.deleted: set[str] = set()
        self.lost: set[str] = set()
        self.shown: dict[str, dict[str, float]] = {}
        self._runs: dict[str, _Run] = {}

    def prepare(self, *, model: str) -> None:
        if model in self.deleted:
            raise errors.CannotReachRegistry(f"the experiment interlock/{model} was deleted")

    def find_candidates(self, *, model: str, fingerprint: str) -> CompleteRuns[Candidate]:
        return self._find(Candidate, model, fingerprint)

    def find_attempts(self, *, model: str, fingerprint: str) -> CompleteRuns[Attempt]:
        return self._find(Attempt, model, fingerprint)

    def record_candidate(
        self, candidate: Candidate, *, files: Mapping[str, Path], repeats: str = ""
    ) -> Candidate:
        whole = self._record(candidate)
        for artifact, source in files.items():
            goal = self.folder / whole.run_id / artifact
            goal.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, goal)
        others = self._complete(Candidate, whole.name, whole.fingerprint)
        first = next((each.id for each in others if not each.repeats), "")
        self._runs[whole.run_id].repeats = repeats or first
        self.marked.append(whole.run_id)
        return whole

    def record_attempt(self, attempt: Attempt) -> Attempt:
        whole = self._record(attempt)
        self.marked.append(whole.run_id)
        return whole

    def plant(
        self, document: bytes, *, model: str, fingerprint: str, kind: type = Candidate, start: int
    ) -> str:
        """Have a complete run of any document, begun at any time, as whoever may write there can;
        RUN in the document is its own id."""
        run_id = self._new_id()
        own = document.replace(b"RUN", run_id.encode())
        self._runs[run_id] = _Run(run_id, model, fingerprint, kind, own, start)
        self.marked.append(run_id)
        return run_id

    def read_candidate(
        self, run_id: str, *, model: str, fingerprint: str
    ) -> CompleteRuns[Candidate]:
        return self._read_one(Candidate, run_id, model, fingerprint)

    def read_attempt(self, run_id: str, *, model: str, fingerprint: str) -> CompleteRuns[Attempt]:
        return self._read_one(Attempt, run_id, model, fingerprint)

    def _read_one(
        self, kind: type[_Record], run_id: str, model: str, fingerprint: str
    ) -> CompleteRuns[_Record]:
        self._need(run_id)
        if run_id not in self.marked:
            return CompleteRuns(bad=(Bad(run_id, "it is not complete"),))
        run = self._runs[run_id]
        if run.kind is not kind:
            return CompleteRuns(bad=(Bad(run_id, f"it has no {run_documents.name(kind)}"),))
        record = run_documents.read(
            run.document, kind, model=model, fingerprint=fingerprint, run_id=run_id
        )
        if isinstance(record, Bad):
            return CompleteRuns(bad=(record,))
        return CompleteRuns((record,), digests={run_id: _sha256(run.document)})

    def attest(self, run_id: str, attestation: Attestation) -> None:
        self._need(run_id)
        path = self.folder / run_id / run_documents.ATTESTATION
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(attestations.text(attestation))

    def find_attestation(self, run_id: str) -> Attestation | Refusal:
        self._need(run_id)
        path = self.folder / run_id / run_documents.ATTESTATION
        if not path.exists():
            return Refusal(f"it has no {run_documents.ATTESTATION}")
        return attestations.read(path.read_bytes())

    def rewrite(self, record: Candidate | Attempt) -> None:
        """Have the document of a run be another one."""
        self._runs[record.run_id].document = run_documents.write(record)

    def keep(self, run_id: str, artifact: str, *, file: Path) -> None:
        run_documents.require_inside(artifact, run_id=run_id)
        self._need(run_id)
        goal = self.folder / run_id / artifact
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, goal)

    def show(self, run_id: str, scores: Mapping[str, float]) -> None:
        self._need(run_id)
        self.shown.setdefault(run_id, {}).update(scores)

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        run_documents.require_inside(artifact, run_id=run_id)
        source, goal = self.folder / run_id / artifact, to / artifact
        if not source.exists() or run_id in self.lost:
            raise errors.CannotReachRegistry(f"run {run_id} has no artifact {artifact}")
        goal.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, goal, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, goal)
        return goal

    def _record(self, record: _Record) -> _Record:
        whole = replace(record, run_id=self._new_id())
        document = run_documents.write(whole)
        run = _Run(
            whole.run_id, whole.name, whole.fingerprint, type(whole), document, len(self._runs)
        )
        self._runs[whole.run_id] = run
        return whole

    def _complete(self, kind: type, model: str, fingerprint: str) -> list[_Run]:
        _runs = [self._runs[run_id] for run_id in self.marked]
        wanted = (kind, model, fingerprint)
        ours = [each for each in _runs if (each.kind, each.model, each.fingerprint) == wanted]
        return sorted(ours, key=lambda each: each.start)

    def _find(self, kind: type[_Record], model: str, fingerprint: str) -> CompleteRuns[_Record]:
        complete = self._complete(kind, model, fingerprint)
        read = [self._read(each, kind) for each in complete]
        good = [each for each in read if not isinstance(each, Bad)]
        return CompleteRuns(
            tuple(good),
            tuple(each for each in read if isinstance(each, Bad)),
            frozenset(each.id for each in complete if each.repeats),
            {each.run_id: _sha256(self._runs[each.run_id].document) for each in good},
        )

    def _read(self, run: _Run, kind: type[_Record]) -> _Record | Bad:
        if run.id in self.lost:
            return Bad(run.id, "it cannot be fetched", is_out_of_reach=True)
        return run_documents.read(
            run.document, kind, model=run.model, fingerprint=run.fingerprint, run_id=run.id
        )

    def _need(self, run_id: str) -> None:
        if run_id not in self._runs:
            raise errors.CannotReachRegistry(f"there is no run {run_id}")

    def _new_id(self) -> str:
        return f"run{len(self._runs):04d}"


def _sha256(data: bytes) -> str:
    return digests.of_chunks([data])
