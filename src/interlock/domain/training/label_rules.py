"""Labels of runners that a manifest asks for, held against what policies allow."""

from __future__ import annotations

from collections.abc import Sequence

from interlock.domain.model.policy import Policy

_SHORT = 12


def refuse(wanted: Sequence[str], *, policies: Sequence[tuple[str, Policy]]) -> tuple[str, ...]:
    """Return why a model may not train on the runners that it asks for: a sentence a label.

    Every policy (each after the revision that it is of) has to allow the label, so that a change
    cannot allow one for itself. A policy without labels allows all.
    """
    rules: dict[str, str] = {}
    for revision, policy in policies:
        for label in wanted if policy.runner_labels else ():
            if label not in policy.runner_labels:
                allowed = ", ".join(policy.runner_labels)
                rules.setdefault(
                    label,
                    f"the policy at {revision[:_SHORT]} does not allow the runner label `{label}`: "
                    f"it allows {allowed}; a pull request of its own adds it to `runner_labels`",
                )
    return tuple(rules.values())
