"""What is told of live data does nothing, whatever columns, people and programs are called."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.reporting.dashboard import TotalCost
from interlock.rendering import dashboard, drift
from tests import dashboard_cases, drift_cases
from tests.unit.rendering.test_escape import GFM, NOTICED, PAYLOADS, walk

OURS = re.compile(
    r"</?details>|</?summary>|</?sub>|<code( title=\"[^\"<>]*\")?>|</code>"
    r'|<img src="\.\./blob/[^"<>]*" alt="[^"<>]*" width="720">'
    r"|<!-- interlock: dashboard -->"
)


def is_quiet(text: str) -> bool:
    """Whether a page has no markup but ours, and GitHub would make nothing of its words."""
    tokens = walk(GFM.parse(text))
    assert not [t for t in tokens if t.type in {"link_open", "image", "heading_open", "hr"}]
    for token in tokens:
        if token.type in {"html_block", "html_inline"}:
            left = OURS.sub("", token.content)
            assert "<" not in left, left
    # What a retraining's own reference is must stay one.
    words = " ".join(t.content for t in tokens if t.type == "text").replace("#12", "")
    assert not NOTICED.search(words), words
    text.encode()
    return True


@pytest.mark.parametrize("payload", PAYLOADS)
def test_drift__with_a_payload_in_every_field(payload: str) -> None:
    column = drift_cases.column(
        payload, 0.3, verdict=DriftStatus.DRIFT, sentence=payload or "moved"
    )
    column = replace(column, kind=payload, statistics={"effect": 0.3, payload: 1.0})
    report = drift_cases.window(4, DriftStatus.DRIFT, column, problems=(payload,), model=payload)
    cases = [
        replace(report, diagnosis=replace(each, sentence=payload), start=payload, end=payload)
        for each in (drift_cases.SHIFT, drift_cases.CALM)
    ]
    fallen = dashboard_cases.fallen(payload).performance
    assert fallen is not None
    performance_report = replace(fallen, performance=replace(fallen.performance, sentence=payload))
    picture = f"../blob/interlock-ledger/{payload}"
    for case in cases:
        assert is_quiet(drift.table((case,), labelled=(performance_report,), picture=picture))
    other = drift_cases.window(4, model="other")
    assert is_quiet(drift.summary((cases[0], other), pictures={payload: picture}))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_dashboard__with_a_payload_in_every_field(payload: str) -> None:
    facts = dashboard_cases.held(payload)
    assert facts.hold is not None
    assert facts.production is not None
    served = replace(
        facts.production, revision=payload, at=payload, environments=(payload, "production")
    )
    held = replace(
        facts,
        production=served,
        hold=replace(facts.hold, by=payload, reason=payload, at=payload),
        primary_metric=Comparison(payload, 0.9, 0.8, 0.1),
        cost=TotalCost({payload: 1.0}),
    )
    drifting = dashboard_cases.drifting(payload)
    assert drifting.newest is not None
    shift = replace(drift_cases.SHIFT, sentence=payload)
    drifting = replace(drifting, newest=replace(drifting.newest, diagnosis=shift))
    stopped = replace(
        drifting, newest=None, evaluated_at=payload, monitoring=dashboard_cases.STOPPED
    )
    shown = dashboard_cases.shown(held, drifting, stopped, problems=(payload,))
    assert is_quiet(dashboard.body(shown))
