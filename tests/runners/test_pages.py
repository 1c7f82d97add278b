"""The pages of `runners/`: their links lead somewhere, and what they name as tried is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import pages
from tests.runners import places

PAGES = sorted(places.RUNNERS.rglob("*.md"))
ROOT = places.RUNNERS.parent


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_page__its_links_lead_somewhere(page: Path) -> None:
    for target in pages.links(page):
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve()
        assert linked.exists(), target
        assert not anchor or anchor in pages.anchors(linked), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_page__what_it_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"`(tests/[\w/]+\.py)`", text):
        assert (ROOT / name).is_file(), name
    for name in re.findall(r"python -m (tests[.\w]+)", text):
        assert (ROOT / f"{name.replace('.', '/')}.py").is_file(), name
    for name in re.findall(r"`([\w-]+\.(?:py|yml|sh|conf|env|in))`", text):
        assert name == "run.sh" or list(places.RUNNERS.rglob(name)), name  # GitHub's own


def test_index__names_every_folder() -> None:
    index = (places.RUNNERS / "README.md").read_text(encoding="utf-8")
    folders = {path.name for path in places.RUNNERS.iterdir() if path.is_dir()}
    assert set(re.findall(r"^\| \[`([\w-]+)/`\]", index, re.MULTILINE)) == folders - {"__pycache__"}


def test_guides__name_settings_that_the_programs_read() -> None:
    programs = "".join(path.read_text() for path in places.JUST_IN_TIME.glob("*.py"))
    read = set(re.findall(r"INTERLOCK_RUNNER_[A-Z_]+", programs))
    for place in (places.JUST_IN_TIME / "README.md", ROOT / "docs/how-to/run-a-gpu-runner.md"):
        assert set(re.findall(r"INTERLOCK_RUNNER_[A-Z_]+", place.read_text())) <= read
    assert read == set(
        re.findall(r"INTERLOCK_RUNNER_[A-Z_]+", (places.JUST_IN_TIME / "README.md").read_text())
    )
