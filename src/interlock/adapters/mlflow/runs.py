"""Candidates and attempts as MLflow runs, complete or not there; what is good is not decided."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from interlock import documents, errors, places
from interlock.adapters.mlflow import client, staging
from interlock.domain import digests
from interlock.domain.evidence import Attempt, Candidate

_Record = TypeVar("_Record", Candidate, Attempt)
_MAX_RUNS = 1000


class MlflowRuns:
    """One experiment per model, `interlock/<model>`; one run per candidate or attempt.

    The document of a run is its artifact `candidate.json` or `attempt.json`. The tag
    `interlock.complete` holds that document's SHA-256 and is set last: a run without it, or
    with another, is not there.
    """

    def __init__(self, uri: str, *, deadline_seconds: int = 60) -> None:
        self.connection = client.connect(uri, deadline_seconds=deadline_seconds)

    def prepare(self, *, model: str) -> None:
        with self.connection.reaching(f"keep runs of {model}") as mlflow:
            self._experiment(mlflow, model)

    def find_candidate(self, *, model: str, fingerprint: str) -> Candidate | None:
        return next(iter(self._find(Candidate, model, fingerprint)), None)

    def find_attempts(self, *, model: str, fingerprint: str) -> tuple[Attempt, ...]:
        return tuple(self._find(Attempt, model, fingerprint))

    def record_candidate(self, candidate: Candidate, *, files: Mapping[str, Path]) -> Candidate:
        with self.connection.reaching(f"record the candidate of {candidate.name}") as mlflow:
            return self._record(mlflow, candidate, files, status="FINISHED")

    def record_attempt(self, attempt: Attempt) -> Attempt:
        status = "KILLED" if attempt.interrupted else "FAILED"
        with self.connection.reaching(f"record the attempt of {attempt.name}") as mlflow:
            return self._record(mlflow, attempt, {}, status=status)

    def keep(self, run_id: str, artifact: str, *, file: Path) -> None:
        with (
            self.connection.reaching(f"keep {artifact} in run {run_id}") as mlflow,
            places.folder("keep") as folder,
        ):
            path = PurePosixPath(artifact)
            staged = folder / path.name
            shutil.copyfile(file, staged)
            mlflow.log_artifact(run_id, str(staged), str(path.parent))

    def show(self, run_id: str, scores: Mapping[str, float]) -> None:
        with self.connection.reaching(f"show the scores of run {run_id}") as mlflow:
            there = mlflow.get_run(run_id).data.metrics
            for batch in staging.numbers(scores, but=there):
                mlflow.log_batch(run_id, **batch)

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        with self.connection.reaching(f"fetch {artifact} of run {run_id}") as mlflow:
            to.mkdir(parents=True, exist_ok=True)
            found = Path(mlflow.download_artifacts(run_id, artifact, str(to)))
            if not found.exists():
                raise errors.CannotReachRegistry(f"run {run_id} has no artifact {artifact}")
            return found

    def _record(
        self, mlflow: Any, record: _Record, files: Mapping[str, Path], *, status: str
    ) -> _Record:
        experiment = self._experiment(mlflow, record.name)
        name = f"{record.name}-{record.fingerprint[:12]}"
        run = mlflow.create_run(experiment, tags=_tags(record), run_name=name)
        try:
            whole = replace(record, run_id=run.info.run_id)
            document = documents.text(documents.dump(whole))
            texts = {_document_name(type(whole)): document, "log.txt": whole.log_tail}
            if isinstance(whole, Candidate):
                texts["lineage.json"] = documents.text(documents.dump(whole)["lineage"])
                for batch in staging.batches(whole):
                    mlflow.log_batch(whole.run_id, **batch)
            with places.folder("run") as folder:
                staging.lay_out(folder, texts=texts, files=files)
                mlflow.log_artifacts(whole.run_id, str(folder))
            mlflow.set_terminated(whole.run_id, status)
            mlflow.set_tag(whole.run_id, client.COMPLETE, _sha256(document))
        except BaseException:
            _give_up(mlflow, run.info.run_id)
            raise
        return whole

    def _find(self, kind: type[_Record], model: str, fingerprint: str) -> list[_Record]:
        with self.connection.reaching(f"look for runs of {model}") as mlflow:
            experiment = mlflow.get_experiment_by_name(_experiment_name(model))
            if experiment is None:
                return []
            found = mlflow.search_runs(
                [experiment.experiment_id],
                filter_string=(
                    f"tags.`{client.FINGERPRINT}` = '{fingerprint}'"
                    f" and tags.`{client.KIND}` = '{_kind(kind)}'"
                ),
                order_by=["attributes.start_time ASC"],
                max_results=_MAX_RUNS,
            )
            records = (self._read(mlflow, kind, run) for run in found)
            return [record for record in records if record is not None]

    def _read(self, mlflow: Any, kind: type[_Record], run: Any) -> _Record | None:
        """The record of a run; None when its mark is missing or not that of its document."""
        mark = run.data.tags.get(client.COMPLETE)
        if not mark:
            return None
        name = _document_name(kind)
        with places.folder("run") as folder:
            text = Path(mlflow.download_artifacts(run.info.run_id, name, str(folder))).read_text(
                "utf-8"
            )
        if _sha256(text) != mark:
            return None
        where = f"{name} of run {run.info.run_id}"
        return documents.load(documents.parse(text, where=where), kind, where=where)

    def _experiment(self, mlflow: Any, model: str) -> str:
        name = _experiment_name(model)
        found = mlflow.get_experiment_by_name(name)
        if found is None:
            try:
                location = self.connection.artifact_location
                return str(mlflow.create_experiment(name, artifact_location=location))
            except Exception:  # somebody else created it first, or it is a real failure
                found = mlflow.get_experiment_by_name(name)
                if found is None:
                    raise
        if found.lifecycle_stage != "active":
            raise errors.CannotReachRegistry(
                f"the experiment {name} was deleted in MLflow",
                hint=f"mlflow experiments restore --experiment-id {found.experiment_id}",
            )
        return str(found.experiment_id)


def _give_up(mlflow: Any, run_id: str) -> None:
    """Take back a half-made run, if MLflow still hears us; without its mark it never counts."""
    with suppress(Exception):  # the first failure is the one to tell
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


def _kind(kind: type[Candidate] | type[Attempt]) -> str:
    return kind.__name__.lower()


def _document_name(kind: type[Candidate] | type[Attempt]) -> str:
    return f"{_kind(kind)}.json"


def _experiment_name(model: str) -> str:
    return f"interlock/{model}"


def _sha256(text: str) -> str:
    return digests.of_chunks([text.encode()])
