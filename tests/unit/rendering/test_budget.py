"""Whatever a report holds, GitHub takes it: within the limit, whole blocks, the verdict there."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from interlock import rendering
from interlock.domain.evaluation.verdict import Outcome
from interlock.domain.model.evidence import Attempt
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.reporting import status_rules
from interlock.domain.reporting.model_status import ModelFacts, Report
from interlock.rendering import budget, limits
from interlock.rendering.budget import Group, Section
from tests import report_cases
from tests.report_cases import CHANGE, LINKS, REQUEST

GFM = MarkdownIt("gfm-like", {"html": True})


def is_whole(markdown: str) -> bool:
    """No table, fence or fold is cut: every fence is closed, every fold ends, no stray cell."""
    tokens = GFM.parse(markdown)
    html = " ".join(t.content for t in tokens if t.type == "html_block")
    if html.count("<details") != html.count("</details>"):
        return False
    lines = markdown.split("\n")
    for token in tokens:
        if token.type == "fence" and token.map and not _closes(lines, token.map, token.markup):
            return False
        if token.type == "inline" and token.content.startswith("|"):
            return False
    return True


def _closes(lines: list[str], place: list[int], fence: str) -> bool:
    return lines[place[1] - 1].strip().startswith(fence)


def heavy(text: str, count: int, *, is_failed: bool) -> ModelFacts:
    """One model of which everything there can be much of is `count` times there, all `text`."""
    facts = report_cases.failed() if is_failed else report_cases.relaxed()
    change = replace(CHANGE, name=text, before=text, after=text, sentence=text)
    changes = tuple(replace(change, path=f"{n}/{text}") for n in range(count))
    plan = replace(facts.plan, reasons=changes, warnings=(text,) * count)
    if is_failed:
        log = "\n".join([text] * count)
        attempt = Attempt("digits", report_cases.NEW, report_cases.HEAD, "run", text, log, 1.0)
        return replace(facts, plan=plan, attempts=(attempt,))
    assert facts.evidence is not None
    inputs = tuple(Input(InputKind.DATA, f"{n}/{text}", text) for n in range(count))
    candidate = replace(facts.evidence.candidate, lineage=Lineage("digits", inputs, (text,)))
    (whole,) = facts.verdicts
    broken = replace(whole.findings[1], outcome=Outcome.FAIL, threshold=text, sentence=text)
    verdict = replace(
        whole,
        outcome=Outcome.FAIL,
        findings=(broken,) * count,
        pictures={f"{n}{text}": text for n in range(min(count, 50))},
    )
    evidence = replace(facts.evidence, candidate=candidate)
    return replace(
        facts, plan=plan, evidence=evidence, verdicts=(verdict,), relaxed=(text,) * count
    )


def check_all(report: Report) -> None:
    first = "❌ "
    comment = rendering.comment(report, lock=None, links=LINKS)
    assert len(comment.encode()) <= limits.COMMENT
    assert comment.startswith(first)
    assert rendering.MARKER in comment
    assert is_whole(comment)
    output = rendering.check_output(report, lock=None, links=LINKS)
    for text in (output.summary, output.text):
        assert len(text.encode()) <= limits.CHECK_OUTPUT
        assert is_whole(text)
    assert output.summary.startswith(first)
    assert output.title.startswith(first)
    assert len(output.title) <= limits.CHECK_TITLE
    notes = rendering.annotate(report, lines={})
    assert len(notes) <= limits.ANNOTATIONS
    assert all(len(n.message.encode()) <= 64 * 1024 and n.line >= 1 for n in notes)
    summary = rendering.step_summary(report, lock=None, links=LINKS, room_bytes=1024 * 1024)
    assert 0 < len(summary.encode()) <= 1024 * 1024


@pytest.mark.parametrize("is_failed", [True, False])
@pytest.mark.parametrize(
    "text", ["x", "é💥" * 20, "a|b`c` @octocat " * 30, "<b>" * 5000, "`" * 900]
)
@pytest.mark.parametrize("count", [1, 40, 3000])
def test_report__of_any_size_fits_and_says_its_verdict(
    text: str, count: int, is_failed: bool
) -> None:
    check_all(status_rules.report(REQUEST, [heavy(text, count, is_failed=is_failed)]))


def test_report__of_fifty_megabytes_fits() -> None:
    report = status_rules.report(REQUEST, [heavy("💥 |" * 5000, 2500, is_failed=True)])
    assert len(report.models[0].facts.attempts[0].log_tail.encode()) > 50_000_000
    check_all(report)


@pytest.mark.parametrize("count", [2, 300])
def test_report__of_many_models_fits_and_tells_the_gravest_first(count: int) -> None:
    models = [report_cases.evaluated(report_cases.verdict(f"model{n}")) for n in range(count)]
    report = status_rules.report(REQUEST, [*models, report_cases.worse("worst")])
    check_all(report)
    comment = rendering.comment(report, lock=None, links=LINKS)
    assert comment.startswith(f"❌ {count} of {count + 1} models pass; worst fails")
    assert comment.index("**worst**") < comment.index("**model0**")


def test_report__of_a_thousand_unaffected_models_names_some_and_counts_the_rest() -> None:
    model_facts = report_cases.UNTOUCHED
    models = [
        replace(model_facts, plan=replace(model_facts.plan, model=f"model{n}")) for n in range(1000)
    ]
    comment = rendering.comment(status_rules.report(REQUEST, models), lock=None, links=LINKS)
    assert "and 975 more" in comment
    assert len(comment) < 3000


def test_report__of_unaffected_models_gives_the_warnings_of_their_plans() -> None:
    model_facts = report_cases.UNTOUCHED
    text = "cannot see what code `shapes train` runs, says <b>@octocat</b>"
    warned = replace(model_facts, plan=replace(model_facts.plan, warnings=(text,) * 200))
    comment = rendering.comment(status_rules.report(REQUEST, [warned]), lock=None, links=LINKS)
    assert "diabetes: cannot see what code `shapes train` runs" in comment
    assert "<b>" not in comment
    assert "`b>@octocat</b`" in comment
    assert "more warnings of unaffected models" in comment
    assert len(comment) < 10_000


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=200),
    st.integers(1, 100),
    st.integers(1, 200),
    st.booleans(),
)
def test_report__of_anything_fits(text: str, times: int, count: int, is_failed: bool) -> None:
    check_all(status_rules.report(REQUEST, [heavy(text * times, count, is_failed=is_failed)]))


def test_step_summary__that_finds_the_page_nearly_full_keeps_to_what_is_left() -> None:
    report = status_rules.report(REQUEST, [heavy("many words", 500, is_failed=False)])
    text = rendering.step_summary(report, lock=None, links=LINKS, room_bytes=3000)
    assert 0 < len(text.encode()) <= 3000
    assert text.startswith("❌")
    assert rendering.step_summary(report, lock=None, links=LINKS, room_bytes=10) == ""


def test_fit__cuts_the_least_important_first_and_says_so() -> None:
    sections = (
        Section("verdict", 9, ("v" * 100,)),
        Section("log", 1, ("l" * 500, "l" * 50, "")),
        Section("gates", 5, ("g" * 300, "g" * 30, "")),
    )

    def notice(kinds: object) -> str:
        return f"cut: {kinds}"

    def cut(limit: int) -> tuple[str, ...]:
        return budget.fit([Group(sections)], limit=limit, notice=notice)[1]

    assert cut(2000) == ()
    assert cut(600) == ("log",)
    assert cut(250) == ("gates", "log")
    text, _ = budget.fit([Group(sections)], limit=600, notice=notice)
    assert "l" * 50 in text
    assert "g" * 300 in text


def test_fit__never_goes_over_a_limit_that_the_shortest_forms_keep() -> None:
    chance = random.Random(7)
    for _ in range(300):
        groups = [
            Group(
                tuple(
                    Section(
                        f"kind {s}", chance.randrange(9), (chance.randrange(400) * "é\n", "é", "")
                    )
                    for s in range(chance.randrange(5))
                ),
                opening="<details>",
                closing="</details>",
            )
            for _ in range(chance.randrange(6))
        ]
        limit = chance.randrange(200, 3000)
        text, _ = budget.fit(groups, limit=limit, notice=",".join)
        assert limits.measure(text) <= limit


def test_fit__a_section_that_can_never_fit_is_not_kept_at_the_cost_of_all_others() -> None:
    huge = Section("huge", 9, ("x" * 500, ""))
    small = Section("small", 1, ("y" * 20, ""))
    text, cut = budget.fit([Group((huge, small))], limit=200, notice=lambda kinds: f"cut: {kinds}")
    assert text.startswith("y" * 20)
    assert cut == ("huge",)
