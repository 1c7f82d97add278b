"""MLflow's registry: versions found by digest, aliases; whether to promote is not asked here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interlock.adapters.mlflow import client
from interlock.domain.promotion import Promotion
from interlock.ports.registry import Version

_PAGE = 200


class MlflowRegistry:
    def __init__(self, uri: str, *, deadline_seconds: int = 60) -> None:
        self._connection = client.connect(uri, deadline_seconds=deadline_seconds)

    def find_version(self, name: str, *, sha256: str, fingerprint: str) -> Version | None:
        """The oldest version of these bytes, so that a doubled one is never looked at."""
        with self._connection.reaching(f"read the versions of {name}") as mlflow:
            return _find(mlflow, name, sha256=sha256, fingerprint=fingerprint)

    def versions(self, name: str) -> tuple[Version, ...]:
        with self._connection.reaching(f"read the versions of {name}") as mlflow:
            found = [_version(v) for v in _search(mlflow, f"name = '{_quoted(name)}'")]
        return tuple(sorted(found, key=lambda version: version.number))

    def register(self, promotion: Promotion) -> Version:
        """Found by digest and fingerprint, or created.

        Two processes that register the same bytes at the same time end with one version: each
        looks again after it created, and whoever is not the oldest takes its own back.
        """
        name, digests = promotion.registry_name, _digests(promotion)
        with self._connection.reaching(f"register a version of {name}") as mlflow:
            found = _find(mlflow, name, **digests)
            if found is None:
                _ensure_model(mlflow, name)
                created = _create(mlflow, promotion)
                found = _find(mlflow, name, **digests) or created
                if found.number != created.number:
                    mlflow.delete_model_version(name, str(created.number))
            return found

    def find_alias(self, name: str, alias: str) -> int | None:
        with self._connection.reaching(f"read alias {alias} of {name}") as mlflow:
            try:
                return int(mlflow.get_model_version_by_alias(name, alias).version)
            except _exception() as error:
                if _is_absent(error):
                    return None
                raise

    def set_alias(self, name: str, alias: str, *, version: int) -> None:
        with self._connection.reaching(f"set alias {alias} of {name}") as mlflow:
            mlflow.set_registered_model_alias(name, alias, str(version))


def _digests(promotion: Promotion) -> dict[str, str]:
    return {"sha256": promotion.sha256, "fingerprint": promotion.fingerprint}


def _find(mlflow: Any, name: str, *, sha256: str, fingerprint: str) -> Version | None:
    query = (
        f"name = '{_quoted(name)}' and tags.`{client.SHA256}` = '{_quoted(sha256)}'"
        f" and tags.`{client.FINGERPRINT}` = '{_quoted(fingerprint)}'"
    )
    found = [_version(version) for version in _search(mlflow, query)]
    return min(found, key=lambda version: version.number, default=None)


def _search(mlflow: Any, query: str) -> Iterator[Any]:
    token = None
    while True:
        page = mlflow.search_model_versions(query, max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _quoted(text: str) -> str:
    return text.replace("'", "")


def _ensure_model(mlflow: Any, name: str) -> None:
    try:
        mlflow.create_registered_model(name, description="Kept by interlock: the ledger decides.")
    except _exception() as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _create(mlflow: Any, promotion: Promotion) -> Version:
    """One call creates the version with its tags: there is never one that cannot be found again."""
    run = mlflow.get_run(promotion.run_id)
    created = mlflow.create_model_version(
        promotion.registry_name,
        source=f"{run.info.artifact_uri}/{promotion.artifact}",
        run_id=promotion.run_id,
        tags={
            client.SHA256: promotion.sha256,
            client.FINGERPRINT: promotion.fingerprint,
            client.REVISION: promotion.revision,
            client.MODEL: promotion.model,
        },
        description=f"{promotion.model} of {promotion.revision[:12]}, "
        f"fingerprint {promotion.fingerprint[:12]}",
    )
    return _version(created)


def _version(version: Any) -> Version:
    tags = version.tags or {}
    return Version(
        name=version.name,
        number=int(version.version),
        sha256=tags.get(client.SHA256, ""),
        fingerprint=tags.get(client.FINGERPRINT, ""),
        run_id=version.run_id or "",
    )


def _exception() -> Any:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - loaded with the client

    return MlflowException


def _is_absent(error: Any) -> bool:
    """An alias or a model that is not there; MLflow says the former as an invalid parameter."""
    absent = "not found" in str(error).lower()
    return error.error_code == "RESOURCE_DOES_NOT_EXIST" or (
        error.error_code == "INVALID_PARAMETER_VALUE" and absent
    )
