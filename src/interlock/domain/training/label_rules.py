"""Compares the runner labels that manifests request with those that policies allow."""

from __future__ import annotations

from collections.abc import Sequence

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.policy import Policy

_SHORT = 12


def check(wanted: Sequence[str], *, policies: Sequence[tuple[str, Policy]]) -> tuple[Refusal, ...]:
    """Refuse each runner label of a model that a policy does not allow.

    Every policy (each with the name of its revision) must allow the label, so that a change cannot
    allow one for itself. A policy without labels allows all.
    """
    refusals: dict[str, Refusal] = {}
    for revision, policy in policies:
        for label in wanted if policy.runner_labels else ():
            if label not in policy.runner_labels:
                allowed = ", ".join(policy.runner_labels)
                reason = (
                    f"the policy at {revision[:_SHORT]} does not allow the runner label `{label}`: "
                    f"it allows {allowed}; a pull request of its own adds it to `runner_labels`"
                )
                refusals.setdefault(label, Refusal(reason))
    return tuple(refusals.values())
