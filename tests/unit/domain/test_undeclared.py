"""A path in `deps` is read back as the same string."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model import undeclared_files


@given(st.text(st.characters(codec="utf-8"), min_size=1) | st.sampled_from(["no", "1", ".5", "~"]))
def test_scalar__is_read_back_as_the_same_string(text: str) -> None:
    if text.isprintable():
        assert yaml.safe_load(f"- {undeclared_files.scalar(text)}") == [text]
