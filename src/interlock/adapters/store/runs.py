"""Candidates and attempts as objects; a run is complete or it does not count."""

from __future__ import annotations

import math
import re
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from interlock import documents, errors
from interlock.adapters.store import marks
from interlock.adapters.store.marks import CompleteMark
from interlock.adapters.store.place import Place
from interlock.domain.basics import digests
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import run_claims
from interlock.domain.model.candidates import Bad, CompleteRuns
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.provenance import attestation as attestations
from interlock.domain.provenance.attestation import Attestation
from interlock.services import run_documents

_Record = TypeVar("_Record", Candidate, Attempt)
_MAX_RUNS = 200
"""The most runs of one fingerprint and kind. Each costs two requests to read."""
_RUN_ID = re.compile(r"[0-9a-f]{32}")


class StoredRuns:
    """The artifacts of a run are below `runs/<run>/artifacts`, among them its document
    `candidate.json` or `attempt.json`.

    The object `complete/<model>/<fingerprint>/<kind>/<run>.json` is the mark of a complete run: it
    has the document's SHA-256 and is written last.
    """

    def __init__(self, url: str) -> None:
        self.place = Place(url)

    def prepare(self, *, model: str) -> None:
        with self.place.reaching(f"keep runs of {model}"):
            self.place.write(f"complete/{model}/README.txt", _README)

    def find_candidates(self, *, model: str, fingerprint: str) -> CompleteRuns[Candidate]:
        return self._find(Candidate, model, fingerprint)

    def find_attempts(self, *, model: str, fingerprint: str) -> CompleteRuns[Attempt]:
        return self._find(Attempt, model, fingerprint)

    def record_candidate(
        self, candidate: Candidate, *, files: Mapping[str, Path], repeats: str = ""
    ) -> Candidate:
        with self.place.reaching(f"record the candidate of {candidate.name}"):
            return self._record(candidate, files, repeats)

    def record_attempt(self, attempt: Attempt) -> Attempt:
        with self.place.reaching(f"record the attempt of {attempt.name}"):
            return self._record(attempt, {}, "")

    def read_candidate(
        self, run_id: str, *, model: str, fingerprint: str
    ) -> CompleteRuns[Candidate]:
        return self._read_one(Candidate, run_id, model, fingerprint)

    def read_attempt(self, run_id: str, *, model: str, fingerprint: str) -> CompleteRuns[Attempt]:
        return self._read_one(Attempt, run_id, model, fingerprint)

    def attest(self, run_id: str, attestation: Attestation) -> None:
        with self.place.reaching(f"attest run {run_id}"):
            self._require(run_id)
            data = attestations.text(attestation).encode("ascii")
            self.place.write(_artifact(run_id, run_documents.ATTESTATION), data)

    def find_attestation(self, run_id: str) -> Attestation | Refusal:
        with self.place.reaching(f"read the attestation of run {run_id}"):
            self._require(run_id)
            return run_documents.read_attestation(
                self._read_document(run_documents.ATTESTATION, run_id)
            )

    def keep(self, run_id: str, artifact: str, *, file: Path) -> None:
        run_documents.require_inside(artifact, run_id=run_id)
        with self.place.reaching(f"keep {artifact} in run {run_id}"):
            self._require(run_id)
            self.place.put(_artifact(run_id, artifact), file)

    def show(self, run_id: str, scores: Mapping[str, float]) -> None:
        with self.place.reaching(f"show the scores of run {run_id}"):
            self._require(run_id)
            own = {name: value for name, value in scores.items() if math.isfinite(value)}
            merged = self.scores(run_id) | own
            self.place.write(f"runs/{run_id}/scores.json", documents.text(merged).encode())

    def scores(self, run_id: str) -> dict[str, float]:
        """Return the scores that `show` added to a run."""
        data = self.place.find(f"runs/{run_id}/scores.json", most=run_claims.MOST_BYTES)
        shown = documents.parse(data or b"{}", where="scores.json")
        return dict(shown) if isinstance(shown, dict) else {}

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        run_documents.require_inside(artifact, run_id=run_id)
        with self.place.reaching(f"fetch {artifact} of run {run_id}"):
            self._require(run_id)
            if not self.place.get(_artifact(run_id, artifact), to / artifact):
                raise errors.CannotReachRegistry(f"run {run_id} has no artifact {artifact}")
            return to / artifact

    def _record(self, record: _Record, files: Mapping[str, Path], repeats: str) -> _Record:
        whole = replace(record, run_id=uuid.uuid4().hex)
        document = run_documents.write(whole)
        started = time.time_ns()
        try:
            for name, source in files.items():
                self.place.put(_artifact(whole.run_id, name), source)
            for name, data in _texts(whole, document).items():
                self.place.write(_artifact(whole.run_id, name), data)
            first = repeats or self._first(whole)
            mark = CompleteMark(digests.of_chunks([document]), started, first)
            self.place.write(marks.path(whole), marks.write(mark))
        except BaseException:
            with suppress(Exception):  # the first failure is reported
                self.place.remove(f"runs/{whole.run_id}")
            raise
        return whole

    def _first(self, record: Candidate | Attempt) -> str:
        """Return the candidate that another process completed in the meantime, "" without one."""
        if not isinstance(record, Candidate):
            return ""
        marked, _ = self._marks(marks.folder(Candidate, record.name, record.fingerprint))
        return next(
            (run for run, mark in marked if not isinstance(mark, Bad) and not mark.repeats), ""
        )

    def _find(self, kind: type[_Record], model: str, fingerprint: str) -> CompleteRuns[_Record]:
        with self.place.reaching(f"look for runs of {model}"):
            marked, is_cut = self._marks(marks.folder(kind, model, fingerprint))
            complete = self._complete(kind, marked, model, fingerprint)
        return replace(complete, is_cut=is_cut)

    def _marks(self, folder: str) -> tuple[list[tuple[str, CompleteMark | Bad]], bool]:
        """Return the marks in a folder by run, the oldest first, and if there may be more."""
        names = [name.removesuffix(".json") for name in self.place.names(folder)]
        runs = [name for name in names if _RUN_ID.fullmatch(name)]
        marked = [(run, self._mark(folder, run)) for run in runs[:_MAX_RUNS]]
        marked.sort(key=lambda pair: (0 if isinstance(pair[1], Bad) else pair[1].started, pair[0]))
        return marked, len(runs) > _MAX_RUNS

    def _mark(self, folder: str, run_id: str) -> CompleteMark | Bad:
        data = self.place.find(f"{folder}/{run_id}.json", most=marks.MOST_BYTES)
        return Bad(run_id, "it is not complete") if data is None else marks.read(data, run_id)

    def _read_one(
        self, kind: type[_Record], run_id: str, model: str, fingerprint: str
    ) -> CompleteRuns[_Record]:
        with self.place.reaching(f"read run {run_id}"):
            self._require(run_id)
            mark = self._mark(marks.folder(kind, model, fingerprint), run_id)
            return self._complete(kind, [(run_id, mark)], model, fingerprint)

    def _complete(
        self,
        kind: type[_Record],
        marked: list[tuple[str, CompleteMark | Bad]],
        model: str,
        fingerprint: str,
    ) -> CompleteRuns[_Record]:
        read = [self._read(kind, run, mark, model, fingerprint) for run, mark in marked]
        good = [each for each in read if not isinstance(each, Bad)]
        by_run = {run: mark for run, mark in marked if not isinstance(mark, Bad)}
        return CompleteRuns(
            records=tuple(good),
            bad=tuple(each for each in read if isinstance(each, Bad)),
            repeats=frozenset(run for run, mark in by_run.items() if mark.repeats),
            digests={each.run_id: by_run[each.run_id].sha256 for each in good},
        )

    def _read(
        self,
        kind: type[_Record],
        run_id: str,
        mark: CompleteMark | Bad,
        model: str,
        fingerprint: str,
    ) -> _Record | Bad:
        """Read the record of a marked run, or return the reason why it does not count."""
        if isinstance(mark, Bad):
            return mark
        name = run_documents.name(kind)
        try:
            with self.place.reaching(f"read {name} of run {run_id}"):
                data = self._read_document(name, run_id)
        except errors.CannotReachRegistry as error:
            return Bad(run_id, error.message, is_out_of_reach=True)
        if isinstance(data, Bad):
            return data
        if digests.of_chunks([data]) != mark.sha256:
            return Bad(run_id, f"its {name} is not the one that its mark of completeness names")
        return run_documents.read(data, kind, model=model, fingerprint=fingerprint, run_id=run_id)

    def _read_document(self, name: str, run_id: str) -> bytes | Bad:
        data = self.place.find(_artifact(run_id, name), most=run_claims.MOST_BYTES)
        if data is None:
            return Bad(run_id, run_documents.missing(name))
        if len(data) > run_claims.MOST_BYTES:
            return run_documents.too_large(len(data), name, run_id=run_id)
        return data

    def _require(self, run_id: str) -> None:
        """Raise CannotReachRegistry if there is no run with this id."""
        if not _RUN_ID.fullmatch(run_id) or not self.place.names(f"runs/{run_id}"):
            raise errors.CannotReachRegistry(f"the store has no run {run_id!a}")


_README = b"Interlock writes these files. A run is complete if it has a file here.\n"


def _artifact(run_id: str, name: str) -> str:
    return f"runs/{run_id}/artifacts/{name}"


def _texts(record: Candidate | Attempt, document: bytes) -> dict[str, bytes]:
    texts = {run_documents.name(type(record)): document, "log.txt": record.log_tail.encode()}
    if isinstance(record, Candidate):
        texts["lineage.json"] = documents.text(documents.dump(record)["lineage"]).encode()
    return texts
