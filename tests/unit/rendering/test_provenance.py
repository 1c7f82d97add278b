"""The report shows what the reviewer may rely on: attested files, or a policy without any."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock import rendering
from interlock.domain.model.evidence import Origin
from interlock.domain.model.policy import ProvenanceMode
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.reporting.model_status import PullRequestFacts
from tests import report_cases

ORIGIN = Origin(report_cases.HEAD, report_cases.MERGE, Attestation("token", {}, {}))


def comment(request: PullRequestFacts, *, origin: Origin | None = None) -> str:
    facts = report_cases.evaluated(report_cases.verdict())
    assert facts.evidence is not None
    facts = replace(facts, evidence=replace(facts.evidence, origin=origin))
    case = report_cases.case(facts, request=replace(request, default_branch="main"))
    return rendering.comment(case.report, lock=None, links=report_cases.LINKS)


@pytest.mark.parametrize("origin", [ORIGIN, None])
def test_comment__names_the_commit_of_an_attested_candidate(origin: Origin | None) -> None:
    text = f"GitHub attested these files for the commit `{report_cases.HEAD}`."
    assert (text in comment(report_cases.REQUEST, origin=origin)) is (origin is not None)


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        (ProvenanceMode.REQUIRED, "Only attested records and candidates count."),
        (ProvenanceMode.NONE, "Nobody attests records and candidates: it has `provenance: none`."),
    ],
)
def test_comment__names_what_holds(mode: ProvenanceMode, sentence: str) -> None:
    assert sentence in comment(replace(report_cases.REQUEST, provenance=mode))
    assert sentence not in comment(report_cases.REQUEST)
