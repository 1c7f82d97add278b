"""Text from people does nothing: rendered as GitHub renders, no payload becomes markup anywhere."""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from interlock import rendering
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.reporting import status_rules
from interlock.domain.reporting.model_status import Report
from interlock.rendering import escape
from tests import report_cases

PAYLOADS = [
    "@octocat",
    "@acme/vision",
    "mail octocat@example.com now",
    "(@octocat)",
    "x@octocat",
    "#12",
    "fixes #12",
    "Closes: #12.",
    "GH-12",
    "acme/models#12",
    "octocat@deadbeefdeadbeef",
    "0123456789abcdef0123456789abcdef01234567",
    "CVE-2024-0001 GHSA-aaaa-bbbb-cccc",
    "https://evil.example/x",
    "HTTP://EVIL.example",
    "www.evil.example",
    "ftp://evil.example",
    "mailto:a@evil.example",
    "xmpp:a@evil.example/b",
    "<https://evil.example>",
    "[text](https://evil.example)",
    "[text](javascript:alert(1))",
    "![image](https://evil.example/x.png)",
    "[text][ref]\n\n[ref]: https://evil.example",
    "[^1]\n\n[^1]: note",
    "![x][y]",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='https://evil.example'>x</a>",
    "</details><h1>free</h1>",
    "</summary></details>",
    "<!-- interlock: report -->",
    "--> after a comment",
    "<!-- open comment",
    "<details open>",
    "&lt;b&gt; &#64;octocat &commat;octocat",
    "**bold** and __bold__",
    "*em* and _em_",
    "~~gone~~",
    "`code` and ``more``",
    "```\nfence",
    "~~~\nfence",
    "```mermaid\nflowchart LR\n```",
    "# heading",
    "heading\n===",
    "heading\n---",
    "> quote",
    "> [!WARNING]\n> forged",
    "- list",
    "* list",
    "+ list",
    "1. list",
    "1) list",
    "- [x] task",
    "---",
    "***",
    "| a | b |\n|---|---|\n| c | d |",
    "a | b",
    "a \\| b | c",
    "\\",
    "ends with \\",
    "a\\\nb",
    "two  \nlines",
    "line\r\nline\rline",
    "line\u2028line\u2029line\x85line",
    ":smile: :+1: :octocat:",
    "$x^2$ and $$x$$ and $`x`$",
    "\u202egnp.exe",
    "zero\u200bwidth\u2060joined\ufeff",
    "\x00\x07\x1b[31mred\x1b[0m\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\ud800 lone surrogate",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "{{ 7 * 7 }} {% raw %}",
    "%%{init: {'theme': 'x'}}%%",
    "\"quotes\" 'and' <b>",
    "    indented code",
    "\tindented code",
    "/interlock promote",
    "",
    " ",
    "é" * 500,
    "💥" * 500,
]

# What the sandbox and GitHub both take for GitHub-flavoured Markdown, autolinks included.
GFM = MarkdownIt("gfm-like", {"html": True, "linkify": True})
QUIET = frozenset(
    {"text", "code_inline", "softbreak", "paragraph_open", "paragraph_close", "inline"}
)


def walk(tokens: list[Token]) -> list[Token]:
    return [t for token in tokens for t in (token, *walk(token.children or []))]


def prose(markdown: str) -> str:
    """What a filter for mentions, references and emoji would look at: text outside code."""
    return " ".join(t.content for t in walk(GFM.parse(markdown)) if t.type == "text")


NOTICED = re.compile(
    r"@[A-Za-z0-9]|(?:^|[^&])#\d|GH-\d|://|\bwww\.|:(?:[a-z][\w+-]*|[+-]1):|\$|\b(?=\w*[a-f])[0-9a-f]{7,40}\b"
)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("around", ["{}", "before {} after", "{} {}"])
def test_inline__is_a_line_of_text_and_code_and_nothing_else(payload: str, around: str) -> None:
    markdown = around.replace("{}", escape.inline(payload))
    assert {t.type for t in walk(GFM.parse(markdown))} <= QUIET
    assert not NOTICED.search(prose(markdown)), prose(markdown)
    assert "\n" not in markdown


@pytest.mark.parametrize("payload", PAYLOADS)
def test_code__is_one_span_that_holds_the_text(payload: str) -> None:
    tokens = walk(GFM.parse(f"a {escape.code(payload)} b"))
    assert {t.type for t in tokens} <= QUIET
    spans = [t.content.strip() for t in tokens if t.type == "code_inline"]
    shown = escape.flat(payload).replace("|", "∣")
    assert spans == ([shown.strip()] if shown else [])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_cell__stays_in_its_column(payload: str) -> None:
    row = f"| a | {escape.inline(payload)} | {escape.code(payload)} | d |"
    tokens = GFM.parse(f"| 1 | 2 | 3 | 4 |\n|---|---|---|---|\n{row}\n")
    assert [t.type for t in tokens].count("td_open") == 4
    assert [t.content for t in tokens if t.type == "inline"][-1] == "d"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_block__ends_only_where_we_end_it(payload: str) -> None:
    tokens = GFM.parse(f"{escape.block(payload)}\n\nafter\n")
    assert [t.type for t in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_label__leaves_its_quotes_closed(payload: str) -> None:
    shown = escape.label(payload)
    assert not set(shown) & set('"`<>{}[]|\n\r%@$()')
    assert re.sub(r"#\d+;", "", shown).count("#") == 0


@given(st.text(st.characters(codec=None), max_size=80))
def test_inline__of_anything_is_quiet(text: str) -> None:
    markdown = f"a {escape.inline(text)} b"
    assert {t.type for t in walk(GFM.parse(markdown))} <= QUIET
    assert not NOTICED.search(prose(markdown))
    markdown.encode()


@given(st.text(st.sampled_from("`|\\*_[]()<>@#:$-+=~!.1a \n"), max_size=40))
def test_inline__of_what_markdown_reads_is_quiet(text: str) -> None:
    for markdown in (escape.inline(text), f"- {escape.inline(text)}", f"a {escape.code(text)} b"):
        types = {t.type for t in walk(GFM.parse(markdown))}
        assert types <= QUIET | {"bullet_list_open", "bullet_list_close"} | {
            "list_item_open",
            "list_item_close",
        }
        assert not NOTICED.search(prose(markdown))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("run `dvc commit` and commit dvc.lock", "run `dvc commit` and commit `dvc.lock`"),
        ("(`dvc repro --pull train`).", "(`dvc repro --pull train`)."),
        ("cmd changed from `python a.py --x 1` to `make b`", None),
        ("`a`", "`a`"),
        ("`python a.py | tee b`", "`python a.py ∣ tee b`"),
    ],
)
def test_inline__of_a_command_is_one_span(text: str, shown: str | None) -> None:
    assert escape.inline(text) == (shown or text)


@pytest.mark.parametrize("text", ["it said `no end", "`a b`c`@d", "x`a @b`", "`@a``@b c`", "`` `"])
def test_inline__of_backticks_that_quote_nothing_lets_nothing_out(text: str) -> None:
    markdown = f"a {escape.inline(text)} b"
    assert {t.type for t in walk(GFM.parse(markdown))} <= QUIET
    assert not NOTICED.search(prose(markdown))


def test_visible__shows_every_invisible_character() -> None:
    kinds = {"Cc", "Cf", "Cs"}
    hidden = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in kinds and chr(code) not in "\t\n"
    ]
    assert [c for c in hidden if escape.visible(f"a{c}b") == f"a{c}b"] == []


def test_flat__says_that_it_was_cut() -> None:
    assert escape.flat("x" * 300, longest=100) == "x" * 99 + "…"
    assert len(escape.flat("\x1b" * 60, longest=100)) == 100


def hostile(payload: str) -> Report:
    """A payload in every field that a person, or a person's program, can choose."""
    facts = report_cases.failed() if len(payload) % 2 else report_cases.relaxed()
    change = report_cases.CHANGE
    changes = tuple(
        replace(change, kind=k, path=payload, name=payload, before=payload, after=payload,
                sentence=payload)
        for k in InputKind
    )  # fmt: skip
    plan = replace(facts.plan, model=payload or "digits", sentence=payload, reasons=changes,
                   warnings=(payload,), manifest=payload)  # fmt: skip
    attempts = tuple(replace(a, reason=payload, log_tail=payload) for a in facts.attempts)
    evidence = facts.evidence
    if evidence is not None:
        inputs = tuple(Input(k, payload, payload, payload, payload, 3, 3) for k in InputKind)
        candidate = replace(
            evidence.candidate,
            lineage=Lineage(payload, inputs, (payload, payload)),
            revision=payload,
            metrics={payload: 0.5},
            model=replace(evidence.candidate.model, sha256=payload),
            facts=replace(evidence.candidate.facts, python=payload, platform=payload, cpu=payload,
                          gpu=payload, driver=payload, currency=payload),
        )  # fmt: skip
        evidence = replace(evidence, candidate=candidate)
    verdicts = tuple(
        replace(
            v,
            sentence=payload,
            pictures={payload: payload},
            unshown={payload: payload},
            findings=tuple(
                replace(
                    f,
                    threshold=payload,
                    sentence=payload,
                    reason=payload,
                    value=payload,
                    values=3,
                    rule=replace(f.rule, metric=payload, slice=payload),
                )
                for f in v.findings
            ),
            comparisons=(
                *(replace(c, problem=payload) for c in v.comparisons),
                Comparison(payload, 0.5, slice=payload, value=payload, problem=payload),
            ),
        )
        for v in facts.verdicts
    )
    changed = replace(
        facts,
        plan=plan,
        attempts=attempts,
        evidence=evidence,
        verdicts=verdicts,
        relaxed=(payload, payload),
    )
    other = replace(
        report_cases.UNTOUCHED, plan=replace(report_cases.UNTOUCHED.plan, model=payload)
    )
    return status_rules.report(report_cases.REQUEST, [changed, other])


OURS = re.compile(
    r"</?details( open)?>|</?summary>|</?code>|</?sub>|<br>"
    r'|<img src="\.\./blob/interlock-(?:ledger|pictures)/[^"<>]*" alt="[^"<>]*" width="720">'
    r"|<!-- interlock: report -->"
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_comment__with_a_payload_in_every_field_holds_our_markup_alone(payload: str) -> None:
    text = rendering.comment(hostile(payload), lock=None, links=report_cases.LINKS)
    tokens = walk(GFM.parse(text))
    assert not [t for t in tokens if t.type in {"link_open", "image", "heading_open", "hr"}]
    for token in tokens:
        if token.type in {"html_block", "html_inline"}:
            left = OURS.sub("", token.content)
            assert "<" not in left, left
    words = " ".join(t.content for t in tokens if t.type == "text")
    assert not NOTICED.search(words)
    html = " ".join(t.content for t in tokens if t.type == "html_block")
    assert html.count("<details") == html.count("</details>")
    text.encode()
