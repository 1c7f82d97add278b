"""CML's watermark: the last line of a comment, by which `cml comment update` finds it.

From the source of CML 0.20: the line follows an empty one; CML finds the same line with any commit;
the label is part of the image's title, which is escaped as below.
https://cml.dev/doc/ref/comment#managing-multiple-comments
"""

from __future__ import annotations

import re

_IMAGE = "https://cml.dev/watermark.png"
_TITLE = "CML watermark"
_ESCAPED = re.compile(r"([_*\[<])")
_LINE = re.compile(rf'\n\n!\[\]\({re.escape(_IMAGE)}#([0-9a-fA-F]+) "{_TITLE}[^"\n]*"\)\s*\Z')


def line(commit: str, *, label: str = "") -> str:
    """The watermark of a report on `commit`, in hexadecimal; `label` distinguishes several
    comments (`--watermark-title` of CML)."""
    return f"![]({_IMAGE}#{commit} {end(label)}"


def end(label: str = "") -> str:
    """The end of the line, the same for every commit: it identifies comments of CML."""
    return f'"{_escape(f"{_TITLE} {label}".strip())}")'


def remove(text: str) -> str:
    """The text without the watermark at its end; CML adds its own."""
    return _LINE.sub("", text)


def commit(text: str) -> str:
    """The commit of the watermark at the end of a text, "" without one."""
    match = _LINE.search(text)
    return match[1] if match else ""


def _escape(title: str) -> str:
    return _ESCAPED.sub(r"\\\1", title)
