"""Lines about a predictions file in the checkout: its format, and what its rows can resolve."""

from __future__ import annotations

from interlock.domain.basics import figures
from interlock.domain.doctor.line import SettingCheck, ok, unknown, wrong
from interlock.domain.evaluation import detectable_difference
from interlock.domain.evaluation.scores import MetricValue


def without_rows(model: str) -> SettingCheck:
    """The manifest names no predictions, so that no difference has an interval."""
    reason = "the manifest has no `outputs.predictions`, so no difference has an interval"
    return unknown(_name(model), reason)


def absent(model: str, path: str) -> SettingCheck:
    return unknown(_name(model), f"{path} is not in this checkout", "dvc pull, or dvc repro")


def invalid(model: str, problem: str) -> SettingCheck:
    first, *others = problem.splitlines()
    more = f"; and {figures.count(len(others), 'more problem')}" if others else ""
    fix = "correct the program that writes the file, then run it again"
    return wrong(_name(model), first + more, fix)


def valid(model: str, path: str, rows: int, measured: MetricValue | None) -> SettingCheck:
    """Return the line of a file with this number of rows. `measured` is its primary metric, None if
    it was not computed.

    The interval is that of one file. Two models with unrelated errors differ by up to the square
    root of two times its half-width; the paired interval of similar models is narrower.
    """
    sentence = f"{path} is valid, with {figures.count(rows, 'row')}"
    resolution = None
    if measured is not None:
        resolution = detectable_difference.find(measured.interval, rows=rows)
    if measured is None or resolution is None:
        reason = f"; no interval: {measured.problem}" if measured and measured.problem else ""
        return ok(_name(model), sentence + reason)
    smallest = figures.significant(float(f"{resolution.smallest:.2g}"))
    more = f"{measured.metric} is known to ±{smallest}; a much smaller difference is inconclusive"
    return ok(_name(model), f"{sentence}; {more}")


def _name(model: str) -> str:
    return f"rows of {model}"
