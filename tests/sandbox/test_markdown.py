"""Markdown as on GitHub, and hostile Markdown without effect."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_sandbox.pages import markdown

PAGE = "/acme/models/pull/1"
INERT = {"http", "https", "mailto", ""}


def render(text: str) -> str:
    known = {"@octocat": "/octocat", "#1": "/acme/models/pull/1"}
    return str(markdown.render(text, page=PAGE, known=known.get))


def test_table__is_drawn_with_alignment_and_no_inline_style() -> None:
    html = render("| a | b |\n|:--|--:|\n| 1 | 2 |\n")
    assert '<td align="left">1</td>' in html
    assert '<td align="right">2</td>' in html
    assert "style" not in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("~~gone~~", "<s>gone</s>"),
        ("one\ntwo", "one<br>\ntwo"),
        ("see https://example.com/x.", 'href="https://example.com/x"'),
        ("- [x] done", 'type="checkbox"'),
        ("> [!WARNING]\n> careful", 'class="markdown-alert markdown-alert-warning"'),
        ("<details><summary>More</summary>\n\n**bold**\n\n</details>", "<strong>bold</strong>"),
        ("a[^1]\n\n[^1]: note", 'href="#user-content-fn1"'),
        ("<sub>small</sub>", "<sub>small</sub>"),
    ],
)
def test_markdown__is_shown_as_github_does(text: str, shown: str) -> None:
    assert shown in render(text)


def test_comment__is_hidden() -> None:
    assert render("<!-- marker: 1 -->\n\nShown.").strip() == "<p>Shown.</p>"


def test_mermaid__is_a_legible_block() -> None:
    html = render("```mermaid\ngraph LR\n  a --> b\n```")
    assert '<figure class="diagram"><figcaption>diagram</figcaption>' in html
    assert "a --&gt; b" in html


def test_relative_picture__is_taken_from_the_pull_requests_page() -> None:
    html = render("![plot](../blob/interlock-ledger/x.png?raw=true)")
    assert 'src="/acme/models/blob/interlock-ledger/x.png?raw=true"' in html


def test_data_picture__is_not_shown_as_on_github() -> None:
    assert "data:" not in render('<img src="data:image/png;base64,AAAA">')


def test_reference__is_a_link_only_to_an_existing_account_or_number() -> None:
    html = render("by @octocat, not @nobody; #1, not #2")
    assert '<a href="/octocat" class="user-mention"' in html
    assert 'class="issue-link"' in html
    assert "@nobody" in html
    assert html.count("<a ") == 2


@pytest.mark.parametrize("text", ["`@octocat`", "a@octocat.example", "```\n@octocat #1\n```"])
def test_reference__in_code_or_an_address_is_text(text: str) -> None:
    assert "user-mention" not in render(text)


class Watch(HTMLParser):
    """Collects what could act: tags, attributes and the schemes of addresses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.schemes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("href", "src"):
                head = (value or "").partition(":")[0] if ":" in (value or "") else ""
                self.schemes.add(head.lower() if "/" not in head else "")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    '<a href="java&#x73;cript:alert(1)">x</a>',
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>body{display:none}</style>",
    '<p style="position:fixed">x</p>',
    "<form action=https://example.com><input name=x><button>go</button></form>",
    "<base href=https://example.com>",
    "<meta http-equiv=refresh content='0;url=https://example.com'>",
    '<a href="vbscript:x">x</a>',
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "<object data=x></object><embed src=x>",
    "![x](javascript:alert(1))",
    '<div id="top" class="row head" onclick="x()">x</div>',
    "</div></main></body><script>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "```mermaid\n</code></pre><script>alert(1)</script>\n```",
    '``` "><script>alert(1)</script>\nx\n```',
]
FORBIDDEN_TAGS = {"script", "style", "iframe", "form", "base", "meta", "object", "embed", "svg"}


def assert_inert(html: str) -> None:
    watch = Watch()
    watch.feed(html)
    assert not watch.tags & FORBIDDEN_TAGS
    assert not {name for name in watch.attributes if name.startswith("on") or name == "style"}
    assert watch.schemes <= INERT


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown__is_harmless(text: str) -> None:
    assert_inert(render(text))
    assert_inert(render(f"| a |\n|---|\n| {text} |\n"))
    assert_inert(render(f"<details>\n\n{text}"))


@given(
    st.lists(st.sampled_from([*HOSTILE, "<", ">", "\n", "`", "[", "](", "@octocat"]), max_size=8)
)
def test_hostile_markdown__in_any_mixture_is_harmless(parts: list[str]) -> None:
    assert_inert(render("".join(parts)))


def test_forged_class__is_removed() -> None:
    html = render('<div class="pill merged row">Merged</div><input type="text" value="x">')
    assert "pill" not in html
    assert 'type="text"' not in html
