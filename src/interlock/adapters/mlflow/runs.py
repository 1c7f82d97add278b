"""Candidates and attempts as MLflow runs; a run is complete or it does not count."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from interlock import documents, errors
from interlock.adapters.mlflow import client, run_layout
from interlock.adapters.mlflow.run_artifacts import RunArtifacts
from interlock.domain.basics import digests
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.candidates import Bad, CompleteRuns
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.provenance import attestation as attestations
from interlock.domain.provenance.attestation import Attestation
from interlock.services import run_documents, temporary_folders

_Record = TypeVar("_Record", Candidate, Attempt)
_MAX_RUNS = 200
"""The most runs of one fingerprint and kind. Each costs two requests to read."""


class MlflowRuns:
    """One experiment per model, `interlock/<model>`; one run per candidate or attempt.

    The document of a run is its artifact `candidate.json` or `attempt.json`. The tag
    `interlock.complete` has that document's SHA-256 and is set last: a run without the tag does not
    count, and a run with another SHA-256 is damaged. `interlock.repeats` names the run that it
    repeats.
    """

    def __init__(self, uri: str, *, deadline_seconds: int = 60) -> None:
        self.connection = client.connect(uri, deadline_seconds=deadline_seconds)
        self._artifacts = RunArtifacts(self.connection)

    def prepare(self, *, model: str) -> None:
        with self.connection.reaching(f"keep runs of {model}") as mlflow:
            self._experiment(mlflow, model)

    def find_candidates(self, *, model: str, fingerprint: str) -> CompleteRuns[Candidate]:
        return self._find(Candidate, model, fingerprint)

    def find_attempts(self, *, model: str, fingerprint: str) -> CompleteRuns[Attempt]:
        return self._find(Attempt, model, fingerprint)

    def record_candidate(
        self, candidate: Candidate, *, files: Mapping[str, Path], repeats: str = ""
    ) -> Candidate:
        with self.connection.reaching(f"record the candidate of {candidate.name}") as mlflow:
            return self._record(mlflow, candidate, files, status="FINISHED", repeats=repeats)

    def record_attempt(self, attempt: Attempt) -> Attempt:
        status = "FAILED" if attempt.is_repeatable else "KILLED"
        with self.connection.reaching(f"record the attempt of {attempt.name}") as mlflow:
            return self._record(mlflow, attempt, {}, status=status)

    def read_candidate(
        self, run_id: str, *, model: str, fingerprint: str
    ) -> CompleteRuns[Candidate]:
        return self._read_one(Candidate, run_id, model, fingerprint)

    def read_attempt(self, run_id: str, *, model: str, fingerprint: str) -> CompleteRuns[Attempt]:
        return self._read_one(Attempt, run_id, model, fingerprint)

    def attest(self, run_id: str, attestation: Attestation) -> None:
        with (
            self.connection.reaching(f"attest run {run_id}") as mlflow,
            temporary_folders.folder("attest") as folder,
        ):
            file = folder / run_documents.ATTESTATION
            file.write_text(attestations.text(attestation), encoding="ascii")
            self._artifacts.upload(mlflow, run_id, run_documents.ATTESTATION, file=file)

    def find_attestation(self, run_id: str) -> Attestation | Refusal:
        return run_documents.read_attestation(
            self._artifacts.read(run_documents.ATTESTATION, run_id)
        )

    def keep(self, run_id: str, artifact: str, *, file: Path) -> None:
        run_documents.require_inside(artifact, run_id=run_id)
        with self.connection.reaching(f"keep {artifact} in run {run_id}") as mlflow:
            self._artifacts.upload(mlflow, run_id, artifact, file=file)

    def show(self, run_id: str, scores: Mapping[str, float]) -> None:
        with self.connection.reaching(f"show the scores of run {run_id}") as mlflow:
            there = mlflow.get_run(run_id).data.metrics
            for batch in run_layout.numbers(scores, but=there):
                mlflow.log_batch(run_id, **batch)

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        run_documents.require_inside(artifact, run_id=run_id)
        with self.connection.reaching(f"fetch {artifact} of run {run_id}") as mlflow:
            to.mkdir(parents=True, exist_ok=True)
            path = self._artifacts.download(mlflow.get_run(run_id), artifact, to=to)
            if not path.exists():
                raise errors.CannotReachRegistry(f"run {run_id} has no artifact {artifact}")
            return path

    def _record(
        self,
        mlflow: Any,
        record: _Record,
        files: Mapping[str, Path],
        *,
        status: str,
        repeats: str = "",
    ) -> _Record:
        experiment = self._experiment(mlflow, record.name)
        name = f"{record.name}-{record.fingerprint[:12]}"
        run = mlflow.create_run(experiment, tags=_tags(record), run_name=name)
        try:
            self._artifacts.require_own(run)
            whole = replace(record, run_id=run.info.run_id)
            document = run_documents.write(whole)
            self._log(mlflow, whole, document, files)
            mlflow.set_terminated(whole.run_id, status)
            if first := repeats or self._first(mlflow, whole):
                mlflow.set_tag(whole.run_id, client.REPEATS, first)
            mlflow.set_tag(whole.run_id, client.COMPLETE, _sha256(document))
        except BaseException:
            _give_up(mlflow, run.info.run_id)
            raise
        return whole

    def _log(
        self, mlflow: Any, record: Candidate | Attempt, document: bytes, files: Mapping[str, Path]
    ) -> None:
        texts = {
            run_documents.name(type(record)): document.decode("utf-8"),
            "log.txt": record.log_tail,
        }
        if isinstance(record, Candidate):
            texts["lineage.json"] = documents.text(documents.dump(record)["lineage"])
            for batch in run_layout.batches(record):
                mlflow.log_batch(record.run_id, **batch)
        with temporary_folders.folder("run") as folder:
            run_layout.lay_out(folder, texts=texts, files=files)
            mlflow.log_artifacts(record.run_id, str(folder))

    def _first(self, mlflow: Any, record: Candidate | Attempt) -> str:
        """Return the candidate that another process completed in the meantime, "" without one.

        It is the last search before the mark: there is only one request between the two.
        """
        if not isinstance(record, Candidate):
            return ""
        runs = self._search(mlflow, Candidate, record.name, record.fingerprint)
        marked = (run for run in runs if run.data.tags.get(client.COMPLETE))
        return next((str(run.info.run_id) for run in marked if not _repeats(run)), "")

    def _find(self, kind: type[_Record], model: str, fingerprint: str) -> CompleteRuns[_Record]:
        with self.connection.reaching(f"look for runs of {model}") as mlflow:
            runs = self._search(mlflow, kind, model, fingerprint)
            marked = [run for run in runs if run.data.tags.get(client.COMPLETE)]
            complete = self._complete(mlflow, kind, marked, model, fingerprint)
        return replace(complete, is_cut=len(runs) == _MAX_RUNS)

    def _read_one(
        self, kind: type[_Record], run_id: str, model: str, fingerprint: str
    ) -> CompleteRuns[_Record]:
        with self.connection.reaching(f"read run {run_id}") as mlflow:
            run = mlflow.get_run(run_id)
            if not run.data.tags.get(client.COMPLETE):
                return CompleteRuns(bad=(Bad(run_id, "it is not complete"),))
            return self._complete(mlflow, kind, [run], model, fingerprint)

    def _complete(
        self, mlflow: Any, kind: type[_Record], marked: list[Any], model: str, fingerprint: str
    ) -> CompleteRuns[_Record]:
        read = [self._read(mlflow, kind, run, model, fingerprint) for run in marked]
        return CompleteRuns(
            records=tuple(each for each in read if not isinstance(each, Bad)),
            bad=tuple(each for each in read if isinstance(each, Bad)),
            repeats=frozenset(str(run.info.run_id) for run in marked if _repeats(run)),
            digests=_digests(marked, read),
        )

    def _search(self, mlflow: Any, kind: type, model: str, fingerprint: str) -> list[Any]:
        experiment = mlflow.get_experiment_by_name(_experiment_name(model))
        if experiment is None:
            return []
        runs = mlflow.search_runs(
            [experiment.experiment_id],
            filter_string=(
                f"tags.`{client.FINGERPRINT}` = '{fingerprint}'"
                f" and tags.`{client.KIND}` = '{_kind(kind)}'"
            ),
            order_by=["attributes.start_time ASC"],
            max_results=_MAX_RUNS,
        )
        return list(runs)

    def _read(
        self, mlflow: Any, kind: type[_Record], run: Any, model: str, fingerprint: str
    ) -> _Record | Bad:
        """Read the record of a marked run, or return the reason why it does not count."""
        run_id = str(run.info.run_id)
        tagged = run.data.tags.get(client.MODEL)
        if tagged != model:
            return Bad(run_id, f"its tag {client.MODEL} is {tagged!r}, and not {model!r}")
        try:
            self._artifacts.require_own(run)
            data = self._artifacts.read(run_documents.name(kind), run_id)
        except errors.Refused as error:
            return Bad(run_id, error.message)
        except errors.CannotReachRegistry as error:
            mlflow.get_experiment_by_name(_experiment_name(model))  # raises if MLflow is down
            return Bad(run_id, error.message, is_out_of_reach=True)
        if isinstance(data, Bad):
            return data
        if _sha256(data) != run.data.tags[client.COMPLETE]:
            name = run_documents.name(kind)
            return Bad(run_id, f"its {name} is not the one that {client.COMPLETE} marks")
        return run_documents.read(data, kind, model=model, fingerprint=fingerprint, run_id=run_id)

    def _experiment(self, mlflow: Any, model: str) -> str:
        name = _experiment_name(model)
        experiment = mlflow.get_experiment_by_name(name)
        if experiment is None:
            try:
                location = self.connection.artifact_location
                return str(mlflow.create_experiment(name, artifact_location=location))
            except Exception:  # another process created it first, or it is a real failure
                experiment = mlflow.get_experiment_by_name(name)
                if experiment is None:
                    raise
        if experiment.lifecycle_stage != "active":
            raise errors.CannotReachRegistry(
                f"the experiment {name} was deleted in MLflow",
                hint=f"mlflow experiments restore --experiment-id {experiment.experiment_id}",
            )
        return str(experiment.experiment_id)


def _give_up(mlflow: Any, run_id: str) -> None:
    """Delete an incomplete run if MLflow still answers; without its mark it never counts."""
    with suppress(Exception):  # the first failure is reported
        mlflow.set_terminated(run_id, "KILLED")
        mlflow.delete_run(run_id)


def _tags(record: Candidate | Attempt) -> dict[str, str]:
    return {
        client.MODEL: record.name,
        client.FINGERPRINT: record.fingerprint,
        client.REVISION: record.revision,
        client.KIND: _kind(type(record)),
        "mlflow.source.git.commit": record.revision,
    }


def _kind(kind: type) -> str:
    return kind.__name__.lower()


def _repeats(run: Any) -> str:
    return str(run.data.tags.get(client.REPEATS, ""))


def _digests(marked: list[Any], read: list[Any]) -> dict[str, str]:
    """The SHA-256 of each document that was read: it is the one of its mark."""
    pairs = zip(marked, read, strict=True)
    return {
        str(run.info.run_id): str(run.data.tags[client.COMPLETE])
        for run, record in pairs
        if not isinstance(record, Bad)
    }


def _experiment_name(model: str) -> str:
    return f"interlock/{model}"


def _sha256(data: bytes) -> str:
    return digests.of_chunks([data])
