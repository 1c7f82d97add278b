"""Whose server an address of artifacts names; nothing is fetched here."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

# What MLflow reads with the user and the password of the tracking server, whatever the host is:
# mlflow/store/artifact/http_artifact_repo.py and mlflow_artifacts_repo.py.
_WITH_PASSWORD = {"http", "https", "mlflow-artifacts"}


def check(uri: str, *, tracking_uri: str) -> str:
    """Return why MLflow must not be sent to an address of artifacts; "" when it may be.

    Whoever makes an experiment or a model version chooses the address. Other schemes (a folder, a
    bucket) are read with what their own clients find.
    """
    try:
        parts, own = urlsplit(uri), urlsplit(tracking_uri)
        host, ours = _host(parts, scheme=own.scheme), _host(own, scheme=own.scheme)
    except ValueError:
        return "its artifacts lie at no address"
    if parts.scheme not in _WITH_PASSWORD or not parts.netloc:
        return ""
    is_lowered = (own.scheme, parts.scheme) == ("https", "http")
    if host == ours and not is_lowered:
        return ""
    return f"its artifacts lie at {parts.hostname}, which is not the MLflow server"


def _host(parts: SplitResult, *, scheme: str) -> tuple[str | None, int | None]:
    """Host and port; `scheme` is the one by which mlflow-artifacts: is read."""
    by = scheme if parts.scheme == "mlflow-artifacts" else parts.scheme
    return parts.hostname, parts.port or {"http": 80, "https": 443}.get(by)
