"""The registry: its models, its aliases and the production model's files."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from interlock.domain.doctor import registry_lines
from interlock.domain.doctor.line import Mark
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind

CHAMPION = Promotion(
    model="churn",
    kind=PromotionKind.PROMOTION,
    phase=Phase.DONE,
    fingerprint="f" * 64,
    revision="a" * 40,
    position=3,
    run_id="run",
    sha256="0" * 64,
    registry_name="churn",
    environments=("staging", "production"),
    at="2026-01-01T00:00:00Z",
    version=4,
)


def test_answers__counts_the_registered_models_of_head() -> None:
    one = registry_lines.answers(["a"], ["a"])
    assert (one.mark, one.sentence) == (Mark.OK, "it answers, and 1 of 1 model of HEAD is there")
    assert "1 of 2 models of HEAD are" in registry_lines.answers(["a"], ["a", "b"]).sentence


@pytest.mark.parametrize(
    ("problem", "mark"), [(None, Mark.UNKNOWN), ("", Mark.OK), ("403", Mark.WRONG)]
)
def test_write_and_artifact__are_unknown_until_they_were_tried(
    problem: str | None, mark: Mark
) -> None:
    for line in (registry_lines.write(problem), registry_lines.artifact("churn", problem)):
        assert line.mark is mark
        assert (line.sentence == "403") is (problem == "403")


@pytest.mark.parametrize(
    ("actual", "mark", "sentence"),
    [
        ({"staging": 4, "production": 4}, Mark.OK, "version 4, as in the ledger"),
        ({"staging": 4, "production": 3}, Mark.WRONG, "production is version 3; the ledger has"),
        ({"staging": None, "production": 4}, Mark.WRONG, "staging is missing; the ledger has"),
    ],
)
def test_aliases__have_the_version_of_the_ledger(
    actual: Mapping[str, int | None], mark: Mark, sentence: str
) -> None:
    line = registry_lines.aliases(CHAMPION, actual)
    assert (line.name, line.mark) == ("aliases of churn", mark)
    assert sentence in line.sentence
