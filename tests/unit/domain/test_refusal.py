"""A refusal is never false, so that checks can be joined by `or`."""

from __future__ import annotations

from interlock.domain.basics.refusal import Refusal


def test_refusal__is_never_false_and_reads_as_its_reason() -> None:
    assert bool(Refusal(""))
    assert str(Refusal("the version is gone")) == "the version is gone"
