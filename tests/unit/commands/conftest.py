"""A repository whose runs are attested, for the verbs that write or read attestations."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.domain.model.evidence import Candidate
from tests.attested import Gallery, Job


@pytest.fixture
def shop(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path)


@pytest.fixture
def change(shop: Gallery) -> tuple[Job, Candidate]:
    """The job of a pull request, and the candidate that its training left."""
    shop.commit()
    head = shop.branch("change", c=2)
    return shop.pull(head), shop.train(head)
