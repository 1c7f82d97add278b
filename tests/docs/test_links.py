"""Every link and anchor in the pages leads somewhere in this repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.pages import ROOT

PAGES = pages.all_pages()
# Pages beside the documentation: they have links too.
BESIDE = [
    *sorted(ROOT.glob("*.md")),
    *(
        path
        for room in ("runners", "src", "model-manifests")
        for path in (ROOT / room).rglob("*.md")
    ),
]


@pytest.mark.parametrize("page", sorted({*PAGES, *BESIDE}), ids=pages.name)
def test_links__lead_somewhere(page: Path) -> None:
    lost = [target for target in pages.links(page) if not _leads(page, target)]
    assert lost == []


def _leads(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.exists() or not file.is_relative_to(ROOT):
        return False
    return not anchor or (file.suffix == ".md" and anchor in pages.anchors(file))


def test_index__names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / target.partition("#")[0]).resolve() for target in pages.links(index)}
    assert {page.resolve() for page in (ROOT / "docs").rglob("*.md")} - {index} <= named


@pytest.mark.parametrize("page", PAGES, ids=pages.name)
def test_page__names_no_path_of_anybodys_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w./:])/(?:home|root|tmp|work|Users)/\S+", text) == []


def test_anchors__are_githubs(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# `interlock plan`\n## What it says, and why\n## Twice\n## Twice\n```\n# no\n```\n"
    )
    assert pages.anchors(page) == {"interlock-plan", "what-it-says-and-why", "twice", "twice-1"}
