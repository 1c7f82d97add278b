"""Render Markdown as GitHub does, and remove unsafe HTML."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urljoin

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.gfm import gfm_plugin

# GitHub's allow-list (the html-pipeline sanitisation filter), without tags that reports do not use.
_TAG_NAMES = """
h1 h2 h3 h4 h5 h6 br b i strong em a pre code img input tt div ins del sup sub p picture ol ul
table thead tbody tfoot blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike
summary details caption figure figcaption abbr bdo cite dfn mark small source span time wbr section
"""
_TAGS = set(_TAG_NAMES.split())
_DROPPED_WITH_CONTENT = {"script", "style", "title", "textarea", "noscript", "iframe", "template"}
_ATTRIBUTES = {
    "*": {"align", "id", "title", "lang", "dir"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "input": {"checked"},
    "details": {"open"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "time": {"datetime"},
}
_ALERTS = {
    f"markdown-alert{kind}"
    for kind in ("", "-title", "-note", "-tip", "-important", "-warning", "-caution")
}
_CLASSES = {
    "div": _ALERTS,
    "p": _ALERTS,
    "ul": {"contains-task-list"},
    "li": {"task-list-item", "footnote-item"},
    "section": {"footnotes"},
    "figure": {"diagram"},
    "a": {"user-mention", "issue-link"},
}
# Without `data`: GitHub does not show pictures that are part of the text.
_SCHEMES = {"http", "https", "mailto"}
_ID_PREFIX = "user-content-"
_REFERENCE = re.compile(
    r"(?<![\w/`@.&#-])(?:@(?P<login>[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))(?![\w/-])|#(?P<number>\d{1,9})\b)"
)
_ALIGN = re.compile(r"text-align:(left|right|center)")

Known = Callable[[str], str | None]


def render(text: str, *, page: str, known: Known = lambda _: None) -> Markup:
    """Return safe HTML.

    `page` is the path of the page, for relative links. `known` returns the link for "@login" and
    "#number", or None when GitHub shows it as text.
    """
    # The cleaner closes tags, so an open <details> does not contain the rest of the page.
    rendered = _parser().render(text, {"known": known})
    cleaned = nh3.clean(
        rendered,
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        set_tag_attribute_values={"input": {"type": "checkbox", "disabled": ""}},
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer",
        id_prefix=_ID_PREFIX,
        url_relative=functools.partial(_resolve, page),
    )
    return Markup(cleaned)  # noqa: S704 - cleaned in the line above


def _resolve(page: str, url: str) -> str | None:
    if url.startswith("#"):
        return f"#{_ID_PREFIX}{url[1:]}"
    return urljoin(page, url)


@functools.cache
def _parser() -> MarkdownIt:
    # A line break in a comment is a line break on GitHub's page.
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True}).use(gfm_plugin)
    parser.core.ruler.push("references", _link_references)
    parser.core.ruler.push("alignment", _align_cells)
    parser.add_render_rule("fence", _fence)
    return parser


def _fence(
    _renderer: RendererHTML, tokens: Sequence[Token], place: int, _options: Any, _env: Any
) -> str:
    token = tokens[place]
    language = token.info.split()[0] if token.info.split() else ""
    block = f"<pre><code>{html.escape(token.content)}</code></pre>\n"
    if language == "mermaid":
        # GitHub draws it with a script; here it remains text.
        return f'<figure class="diagram"><figcaption>diagram</figcaption>{block}</figure>\n'
    return block


def _align_cells(state: StateCore) -> None:
    """Set alignment with an attribute: the page's policy does not allow inline styles."""
    for token in state.tokens:
        alignment = _ALIGN.search(str(token.attrs.pop("style", "")))
        if alignment:
            token.attrs["align"] = alignment[1]


def _link_references(state: StateCore) -> None:
    known: Known = state.env["known"]
    for block in state.tokens:
        depth, children = 0, []
        for token in block.children or []:
            depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            linked = token.type == "text" and depth == 0
            children += _linked(token.content, known) if linked else [token]
        if block.children:
            block.children = children


def _linked(text: str, known: Known) -> list[Token]:
    tokens, start = [], 0
    for match in _REFERENCE.finditer(text):
        target = known(match[0])
        if target is None:
            continue
        kind = "user-mention" if match["login"] else "issue-link"
        tokens += [
            _text(text[start : match.start()]),
            Token("link_open", "a", 1, attrs={"href": target, "class": kind}),
            _text(match[0]),
            Token("link_close", "a", -1),
        ]
        start = match.end()
    return [*tokens, _text(text[start:])]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
