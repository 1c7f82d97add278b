"""Writes the use of GPUs by a training, and the number of its starts, for a report."""

from __future__ import annotations

from interlock.domain.basics import figures
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.gpus import GpuUse

_JOULES_PER_WH = 3600.0


def time(evidence: Evidence) -> str:
    """Write `12 min 3 s on 2 GPUs, 87 % busy`; the time is the sum over the GPUs."""
    use = _use(evidence)
    if use is None:
        return ""
    held = f"{figures.duration(use.seconds)} on {figures.count(use.count, 'GPU')}"
    return held if use.busy is None else f"{held}, {use.busy:.0%} busy".replace("%", " %")


def memory(evidence: Evidence) -> str:
    use = _use(evidence)
    peak = None if use is None else use.peak_memory_bytes
    return "" if peak is None else figures.size(peak)


def energy(evidence: Evidence) -> str:
    """Write the energy in watt-hours; a bill counts thousands of them."""
    use = _use(evidence)
    if use is None or use.energy_joules is None:
        return ""
    hours = use.energy_joules / _JOULES_PER_WH
    return f"{hours / 1000:,.2f} kWh" if hours >= 1000 else f"{hours:,.2f} Wh"


def attempts(evidence: Evidence) -> str:
    """Write `3; the last from step 40`; nothing for a training that was started once."""
    facts = evidence.candidate.facts
    if facts.attempts == 1 and facts.resumed_from is None:
        return ""
    start = "the start" if facts.resumed_from is None else f"step {facts.resumed_from:,}"
    return f"{facts.attempts:,}; the last from {start}"


def _use(evidence: Evidence) -> GpuUse | None:
    return evidence.candidate.facts.gpu_use
