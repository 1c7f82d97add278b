"""CML's watermark, the last line by which `cml comment update` knows a comment; its form is CML's.

From the source of CML 0.20: the line stands after an empty one; what it looks for is the same line
with any commit; the label is part of the image's title, which is escaped as below.
https://cml.dev/doc/ref/comment#managing-multiple-comments
"""

from __future__ import annotations

import re

_IMAGE = "https://cml.dev/watermark.png"
_TITLE = "CML watermark"
_ESCAPED = re.compile(r"([_*\[<])")
_LINE = re.compile(rf'\n\n!\[\]\({re.escape(_IMAGE)}#([0-9a-fA-F]+) "{_TITLE}[^"\n]*"\)\s*\Z')


def line(commit: str, *, label: str = "") -> str:
    """The watermark of a report on `commit`, in hexadecimal; `label` tells several comments
    apart (`--watermark-title` of CML)."""
    return f"![]({_IMAGE}#{commit} {end(label)}"


def end(label: str = "") -> str:
    """The end of the line, the same for every commit: what bears it is CML's, or made for it."""
    return f'"{_escape(f"{_TITLE} {label}".strip())}")'


def remove(text: str) -> str:
    """The text without the watermark at its end, for CML to set its own."""
    return _LINE.sub("", text)


def commit(text: str) -> str:
    """The commit that the watermark at the end of a text names, "" without one."""
    found = _LINE.search(text)
    return found[1] if found else ""


def _escape(title: str) -> str:
    return _ESCAPED.sub(r"\\\1", title)
