"""The job's page of `reconcile` for models without a difference."""

from __future__ import annotations

import pytest

from interlock.rendering import reconciliation


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "No model was compared."),
        (["digits"], "1 model in sync."),
        (["digits", "diabetes"], "All 2 models in sync."),
    ],
)
def test_summary__without_differences_counts_the_models(names: list[str], sentence: str) -> None:
    text = reconciliation.summary(dict.fromkeys(names, ()), head="a" * 40)
    assert text.splitlines()[-1] == sentence
