"""The README's picture of a report: a golden file as a quotation.

    uv run python -m tests.docs.picture

puts it there anew, after the golden file has changed.
"""

from __future__ import annotations

import re

from interlock.rendering import watermark
from tests.docs.pages import ROOT

README = ROOT / "README.md"
GOLDEN = ROOT / "tests" / "golden" / "gates-pass.md"
_PLACE = re.compile(
    r"(<!-- picture: tests/golden/gates-pass\.md -->\n).*?(<!-- end of picture -->)", re.DOTALL
)


def render() -> str:
    """The comment without what a README cannot show: pictures of the ledger, and our markers."""
    text = GOLDEN.read_text(encoding="utf-8")
    text = re.sub(r"<details><summary>Plots.*?</details>\n\n", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\n?", "", watermark.remove(text)).rstrip()
    return "".join(f"> {line}".rstrip() + "\n" for line in text.splitlines())


def shown() -> str:
    """What the README shows now."""
    match = _PLACE.search(README.read_text(encoding="utf-8"))
    assert match, "the README has no place for the picture"
    return match[0].removeprefix(match[1]).removesuffix(match[2])


if __name__ == "__main__":
    page = README.read_text(encoding="utf-8")
    README.write_text(_PLACE.sub(lambda m: m[1] + render() + m[2], page), encoding="utf-8")
