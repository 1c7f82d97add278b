"""What a report says of the GPUs of a training, and of one that was killed on its way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.model.evidence import Evidence
from interlock.domain.model.gpus import GpuUse
from interlock.rendering import gpu_costs
from tests import report_cases


def evidence(use: GpuUse | None = None, **facts: int | None) -> Evidence:
    original = report_cases.evidence()
    candidate = original.candidate
    changed = replace(candidate.facts, gpu_use=use, **facts)  # type: ignore[arg-type]
    return replace(original, candidate=replace(candidate, facts=changed))


def lines(evidence: Evidence) -> tuple[str, ...]:
    tell = (gpu_costs.attempts, gpu_costs.time, gpu_costs.memory, gpu_costs.energy)
    return tuple(each(evidence) for each in tell)


@pytest.mark.parametrize(
    ("used", "words"),
    [
        (evidence(), ("", "", "", "")),
        (evidence(GpuUse(1, 42.0)), ("", "42.0 s on 1 GPU", "", "")),
        (
            evidence(GpuUse(2, 723.0, 0.87, 41_300_000_000, 9_000.0)),
            ("", "12 min 3 s on 2 GPUs, 87 % busy", "41.3 GB", "2.50 Wh"),
        ),
        (evidence(GpuUse(1, 1.0, energy_joules=7.2e6)), ("", "1.0 s on 1 GPU", "", "2.00 kWh")),
        (evidence(attempts=3, resumed_from=1040), ("3; the last from step 1,040", "", "", "")),
        (evidence(attempts=2), ("2; the last from the start", "", "", "")),
    ],
)
def test_cost__of_gpus_and_attempts(used: Evidence, words: tuple[str, ...]) -> None:
    assert lines(used) == words
