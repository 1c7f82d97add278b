"""Reads and writes the artifacts of runs, only on the server of the tracking URI."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from interlock import errors
from interlock.adapters.mlflow import artifact_hosts, client
from interlock.domain.model import run_claims
from interlock.domain.model.candidates import Bad
from interlock.services import run_documents, temporary_folders


@dataclass(frozen=True, slots=True)
class RunArtifacts:
    """Callers pass the client of `connection`, which they have for the whole of their task."""

    connection: client.Connection

    def upload(self, mlflow: Any, run_id: str, artifact: str, *, file: Path) -> None:
        """Add a file to a run under the path `artifact`."""
        self.require_own(mlflow.get_run(run_id))
        path = PurePosixPath(artifact)
        with temporary_folders.folder("upload") as folder:
            staged = shutil.copyfile(file, folder / path.name)
            parent = str(path.parent) if len(path.parts) > 1 else None
            mlflow.log_artifact(run_id, str(staged), parent)

    def read(self, name: str, run_id: str) -> bytes | Bad:
        """Download a document of a run; its size is checked before and after the download."""
        with (
            self.connection.reaching(f"read {name} of run {run_id}") as mlflow,
            temporary_folders.folder("run") as folder,
        ):
            listed = {each.path: each for each in mlflow.list_artifacts(run_id)}
            if name not in listed or listed[name].is_dir:
                return Bad(run_id, run_documents.missing(name))
            size_bytes = listed[name].file_size or 0
            if size_bytes > run_claims.MOST_BYTES:
                return run_documents.too_large(size_bytes, name, run_id=run_id)
            path = self.download(mlflow.get_run(run_id), name, to=folder)
            if path.stat().st_size > run_claims.MOST_BYTES:
                return run_documents.too_large(path.stat().st_size, name, run_id=run_id)
            return path.read_bytes()

    def download(self, run: Any, artifact: str, *, to: Path) -> Path:
        """Download from the run's own address.

        With the run's ID MLflow 3 would add the files of a logged model of the same name, which no
        version of the run's artifact contains.
        """
        from mlflow import artifacts  # noqa: PLC0415 - loaded with the client

        self.require_own(run)
        place = artifacts.download_artifacts(
            artifact_uri=f"{run.info.artifact_uri}/{artifact}",
            dst_path=str(to),
            tracking_uri=self.connection.uri,
        )
        return Path(place)

    def require_own(self, run: Any) -> None:
        """Raise Refused for artifacts on another server: MLflow would send its password."""
        refusal = artifact_hosts.check(str(run.info.artifact_uri), tracking_uri=self.connection.uri)
        if refusal is not None:
            raise errors.Refused(f"run {run.info.run_id} cannot be used: {refusal}")
