"""The checks of many manifests with one another grow with their number, and not with its square."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from interlock import manifests
from interlock.manifests import Checked, consistency
from interlock.manifests.consistency import RepositoryContents
from interlock.yaml_reader.suggestions import Suggester
from tests.fakes.counting import steps_of
from tests.unit.manifests.examples import with_line
from tests.unit.manifests.test_upstreams import messages, model

_FEW, _MANY = 100, 200


def chain(models: int) -> list[Checked]:
    """Each model comes after the next one; the last comes after none."""
    after = [f"m{number + 1}" for number in range(models - 1)]
    return [*(model(f"m{n}", name) for n, name in enumerate(after)), model(f"m{models - 1}")]


def steps(models: Sequence[Checked]) -> int:
    return steps_of(lambda: consistency.check_together(models))


def test_a_chain_of_upstreams() -> None:
    assert steps(chain(_MANY)) < 2.2 * steps(chain(_FEW))


def test_two_circles_and_a_model_between_them() -> None:
    models = [
        model("a", "b"),
        model("b", "a"),
        model("c", "a"),
        model("d", "e", "c"),
        model("e", "d"),
    ]
    consistency.check_together(models)
    texts = [[line.partition(" (")[0] for line in messages(each)] for each in models]
    assert texts == [
        ["a cannot come after b: b waits for a"],
        ["b cannot come after a: a waits for b"],
        [],
        ["d cannot come after e: e waits for d"],
        ["e cannot come after d: d waits for e"],
    ]


@pytest.mark.parametrize("pipelines", [_FEW, _MANY])
def test_missing_pipelines_are_compared_with_a_number_of_names(pipelines: int) -> None:
    searches = 0

    def named(ends: tuple[str, ...], *, below: str) -> list[str]:
        nonlocal searches
        searches += 1
        return [f"{below}model-manifests/m{number}/{ends[0]}" for number in range(pipelines)]

    among = RepositoryContents(
        policy=None,
        paths=(),
        named=named,
        children=lambda _: (),
        pipelines={},
        suggest=Suggester(10 * pipelines),
    )
    hints = []
    for number in range(pipelines):
        text = with_line("pipeline", "pipeline: {file: ../m7/dvc.yml, target: train}")
        checked = manifests.check(text.encode(), path=f"model-manifests/m{number}/model.yaml")
        consistency.check(checked, among=among)
        hints += [d.hint for d in checked.diagnostics if d.message.endswith("m7/dvc.yml")]
    assert searches == 10
    assert sum("did you mean" in hint for hint in hints) == 10
    assert len(hints) == pipelines
