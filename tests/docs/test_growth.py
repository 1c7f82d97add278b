"""The page about costs and the curves of its benchmark have the same cells."""

from __future__ import annotations

from tests.benchmarks import growth, growth_curves


def test_growth__every_documented_cell_is_measured() -> None:
    measured = [(curve.verb, curve.dimension) for curve in growth_curves.CURVES]
    assert sorted(growth.documented()) == sorted(measured)


def test_growth__four_sizes_each() -> None:
    for curve in growth_curves.CURVES:
        factors = {b / a for a, b in zip(curve.sizes, curve.sizes[1:], strict=False)}
        assert (len(curve.sizes), factors) == (4, {2.0}), curve
