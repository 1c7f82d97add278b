"""Checks that artifacts are on the tracking server, before MLflow sends its password there."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from interlock.domain.basics.refusal import Refusal

# MLflow sends the user and password of the tracking server to any host with these schemes:
# mlflow/store/artifact/http_artifact_repo.py and mlflow_artifacts_repo.py.
_WITH_PASSWORD = {"http", "https", "mlflow-artifacts"}


def check(uri: str, *, tracking_uri: str) -> Refusal | None:
    """Allow an address of artifacts only on the tracking server.

    Users who create an experiment or a model version choose the address. Other schemes, such as a
    folder or a bucket, are read with the credentials of their own clients.
    """
    try:
        parts, own = urlsplit(uri), urlsplit(tracking_uri)
        host, ours = _host(parts, scheme=own.scheme), _host(own, scheme=own.scheme)
    except ValueError:
        return Refusal("the address of its artifacts is not a valid URL")
    if parts.scheme not in _WITH_PASSWORD or not parts.netloc:
        return None
    is_lowered = (own.scheme, parts.scheme) == ("https", "http")
    if host == ours and not is_lowered:
        return None
    return Refusal(f"its artifacts are at {parts.hostname}, which is not the MLflow server")


def _host(parts: SplitResult, *, scheme: str) -> tuple[str | None, int | None]:
    """Return host and port; `scheme` replaces mlflow-artifacts:."""
    by = scheme if parts.scheme == "mlflow-artifacts" else parts.scheme
    return parts.hostname, parts.port or {"http": 80, "https": 443}.get(by)
