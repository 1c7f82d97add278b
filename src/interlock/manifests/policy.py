"""Reads the repository's policy from YAML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlock.domain.basics.diagnostics import Diagnostic, has_errors
from interlock.domain.model.policy import (
    AcceptPolicy,
    AlwaysChanged,
    Commenter,
    LockPolicy,
    OnInconclusive,
    Policy,
    ProvenanceMode,
    ProvenancePolicy,
    Rate,
    Repairs,
    RetrainPolicy,
    UnseenCode,
)
from interlock.manifests import schema
from interlock.manifests.checked_document import CheckedDocument

POLICY_PATH = ".github/interlock.yml"
SCHEMA = "policy.v1.json"


def read_policy(
    data: bytes | None, *, path: str = POLICY_PATH
) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """Return the policy and every problem; None only with an error. Without a file, the default."""
    if data is None:
        return Policy(), ()
    reading = CheckedDocument(data, path=path, schema=schema.load(SCHEMA))
    _check_registry(reading)
    diagnostics = reading.diagnostics
    return (None if has_errors(diagnostics) else _build(reading.value)), diagnostics


def _check_registry(reading: CheckedDocument) -> None:
    """Report an address that the chosen registry does not use, or one that it lacks."""
    registry = reading.get("registry") or "mlflow"
    wanted, other = ("store", "mlflow") if registry == "none" else ("mlflow", "store")
    if reading.has(other):
        reading.complain((other,), f"{other} is not used with registry: {registry}", "remove one")
    elif registry == "none" and not reading.has(wanted):
        hint = "for example store: s3://acme-models/interlock"
        reading.complain(("registry",), "registry: none needs a store", hint)


def _build(value: dict[str, Any]) -> Policy:
    default = Policy()
    return Policy(
        manifests=_patterns(value.get("manifests", default.manifests)),
        environments=tuple(value.get("environments", default.environments)),
        inconclusive=OnInconclusive(value.get("inconclusive", default.inconclusive)),
        accept=_accept(value.get("accept", {})),
        dvc_lock=LockPolicy(value.get("dvc_lock", default.dvc_lock)),
        commenter=Commenter(value.get("commenter", default.commenter)),
        repair=Repairs(value.get("repair", default.repair)),
        unseen_code=UnseenCode(value.get("unseen_code", default.unseen_code)),
        always_changed=AlwaysChanged(value.get("always_changed", default.always_changed)),
        runner_labels=tuple(value.get("runner_labels", default.runner_labels)),
        retrain=RetrainPolicy(**value.get("retrain", {})),
        cost_per_hour={
            label: Rate(amount=float(rate["amount"]), currency=rate["currency"])
            for label, rate in value.get("cost_per_hour", {}).items()
        },
        provenance=_provenance(value),
        mlflow=value.get("mlflow", default.mlflow),
        store=value.get("store", default.store),
        prepare=value.get("prepare", default.prepare),
    )


def _patterns(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _accept(value: dict[str, Any]) -> AcceptPolicy:
    return AcceptPolicy(own=value.get("self", False), users=tuple(value.get("users", ())))


def _provenance(value: dict[str, Any]) -> ProvenancePolicy:
    default = ProvenancePolicy()
    source = value.get("interlock", {})
    return ProvenancePolicy(
        mode=ProvenanceMode(value.get("provenance", default.mode)),
        since=value.get("provenance_since", default.since),
        issuer=value.get("issuer", default.issuer),
        repository=source.get("repository", default.repository),
        refs=tuple(source.get("refs", default.refs)),
        evaluate_on=tuple(value.get("evaluate_on", default.evaluate_on)),
        keys=tuple(value.get("keys", default.keys)),
    )
