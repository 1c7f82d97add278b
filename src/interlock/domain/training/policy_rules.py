"""Compares what a model needs with what policies allow: runner labels, stages that always run."""

from __future__ import annotations

from collections.abc import Sequence

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.policy import AlwaysChanged, Policy

_SHORT = 12


def check_labels(
    wanted: Sequence[str], *, policies: Sequence[tuple[str, Policy]]
) -> tuple[Refusal, ...]:
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


def check_stages(
    lineage: Lineage | None, *, policies: Sequence[tuple[str, Policy]]
) -> tuple[Refusal, ...]:
    """Refuse each `always_changed` stage of a lineage that a policy does not allow."""
    strict = next((r for r, p in policies if p.always_changed is AlwaysChanged.BLOCKED), None)
    if strict is None or lineage is None:
        return ()
    stages = dict.fromkeys(i.name for i in lineage.inputs if i.is_recorded)
    return tuple(
        Refusal(
            f"stage {stage} is always_changed, and the policy at {strict[:_SHORT]} has "
            "`always_changed: blocked`: give it dependencies and remove always_changed"
        )
        for stage in stages
    )
