"""How a manifest says that its model is watched, and what is said of one that says it wrongly."""

from __future__ import annotations

import pytest

from interlock import manifests
from interlock.domain.drift.rules import Effect, Persistence
from interlock.domain.model.monitor_rules import (
    ColumnPatterns,
    DriftRule,
    Monitor,
    MonitorChecks,
    PerformanceRule,
    Refresh,
    Retrain,
    WindowRule,
)
from tests.unit.manifests import examples

FOLDER = "model-manifests/digits"
FULL = """\
monitor:
  live: data/live/date=*/*.parquet
  time: served_at
  reference: data/reference.parquet
  window: {every: 6h, min_rows: 50, late: 90m}
  columns: {include: ["pixel*"], exclude: [id]}
  checks:
    schema: false
    missing: {max_increase: 0.1}
    drift: {effect: large, persist: 1 of 1}
    prediction: false
    performance: {labels: data/labels/*.parquet, metric: f1_macro, max_drop: 0.02, wait: 2w}
  retrain:
    refresh: {pointers: [data/train.csv.dvc], command: python refresh.py}
    cooldown: 3d
    max_open: 2
    reviewers: ["@acme/vision", "@octocat"]
    every: 30d
    after: [embedder, ../../data/catalogue.csv.dvc]
"""
DAY = 86_400


def read(section: str) -> tuple[Monitor | None, list[str]]:
    text = examples.with_line("monitor", section.rstrip("\n"))
    manifest, diagnostics = manifests.read(text.encode(), path=examples.PATH)
    lines = [str(each).removeprefix(f"{examples.PATH}:") for each in diagnostics]
    return (manifest.monitor if manifest else None), lines


def test_monitor__every_field() -> None:
    expected = Monitor(
        live=f"{FOLDER}/data/live/date=*/*.parquet",
        time="served_at",
        reference=f"{FOLDER}/data/reference.parquet",
        window=WindowRule(every_seconds=6 * 3600, late_seconds=90 * 60, min_rows=50),
        columns=ColumnPatterns(include=("pixel*",), exclude=("id",)),
        checks=MonitorChecks(
            schema=False,
            max_missing_increase=0.1,
            drift=DriftRule(Effect.LARGE, Persistence(1, 1)),
            prediction=False,
            performance=PerformanceRule(
                labels=f"{FOLDER}/data/labels/*.parquet",
                metric="f1_macro",
                max_drop=0.02,
                wait_seconds=14 * DAY,
            ),
        ),
        retrain=Retrain(
            refresh=Refresh((f"{FOLDER}/data/train.csv.dvc",), "python refresh.py"),
            cooldown_seconds=3 * DAY,
            max_open=2,
            reviewers=("@acme/vision", "@octocat"),
            every_seconds=30 * DAY,
            after_models=("embedder",),
            after_pointers=("data/catalogue.csv.dvc",),
        ),
    )
    assert read(FULL) == (expected, [])


def test_monitor__only_what_is_required() -> None:
    monitor, lines = read(
        "monitor: {live: live/, time: date, retrain: {refresh: {pointers: [a.dvc]}}}"
    )
    assert lines == []
    refresh = Refresh((f"{FOLDER}/a.dvc",))
    assert monitor == Monitor(f"{FOLDER}/live", "date", retrain=Retrain(refresh))
    assert monitor.window == WindowRule(every_seconds=DAY, late_seconds=0, min_rows=500)
    assert monitor.checks == MonitorChecks()
    assert str(monitor.checks.drift.persist) == "2 of 3"


def test_monitor__left_out() -> None:
    assert read("") == (None, [])


@pytest.mark.parametrize("url", ["s3://acme/live/date=*/*.parquet", "memory://live", "gs://a/b"])
def test_monitor__url_stays_as_it_is(url: str) -> None:
    monitor, lines = read(f'monitor: {{live: "{url}", time: date, reference: "{url}"}}')
    assert lines == []
    assert monitor
    assert (monitor.live, monitor.reference) == (url, url)


def test_monitor__does_not_touch_the_rest() -> None:
    with_section, _ = manifests.read(examples.SOUND.encode(), path=examples.PATH)
    text = examples.with_line("monitor", "")
    without, _ = manifests.read(text.encode(), path=examples.PATH)
    assert with_section
    assert without
    assert with_section != without
    assert with_section.lines.keys() - without.lines.keys() == {
        "monitor",
        "monitor.live",
        "monitor.time",
    }


def wrong(fields: str) -> str:
    """A section with a fault: `^` stands before what is complained of."""
    return f"monitor: {{live: live/, time: date, {fields}}}"


PERFORMANCE = "checks: {performance: {labels: l.csv, "
RETRAIN = "retrain: {refresh: {pointers: [a.dvc]}, "
REFRESH = "retrain: {refresh: {pointers: [a.dvc], command: "


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("^monitor:", "monitor is empty\n  hint: write its value, or remove the line"),
        ("monitor: ^{time: t}", "monitor.live is missing\n  hint: for example live: data/"),
        (
            "monitor: ^{live: a}",
            "monitor.time is missing\n  hint: for example time: s",
        ),
        ("monitor: {live: a, ^tme: b}", "unknown field 'tme' in monitor\n  hint: did"),
        (
            "monitor: {live: ^/mnt/live, time: t}",
            "monitor.live is '/mnt/live', which is not a path in the repository,",
        ),
        (
            "monitor: {live: ^../../../live, time: t}",
            "the path '../../../live' leaves the repository\n  hint: name a file",
        ),
        (
            "monitor: {live: ^../.., time: t}",
            "the path '../..' is the whole repository\n  hint: name a part",
        ),
        (
            wrong("window: {every: ^12:30}"),
            "'12:30' is the number 750 in YAML 1.1 and text in YAML 1.2\n  hint: wri",
        ),
        (
            wrong('window: {every: ^"12:30"}'),
            "monitor.window.every is '12:30', which is not a valid duration: a whole number, "
            '1 to 9999, and m, h, d or w\n  hint: for example every: "6h"',
        ),
        (
            wrong("window: {every: ^30}"),
            "monitor.window.every is a number (30), and must be text\n"
            '  hint: for example every: "6h"',
        ),
        (wrong("window: {every: ^0d}"), "monitor.window.every is '0d', which is not a valid d"),
        (wrong("window: {every: ^1 d}"), "monitor.window.every is '1 d', which is n"),
        (wrong("window: {late: ^1.5h}"), "monitor.window.late is '1.5h', which is no"),
        (wrong("window: {^evry: 1d}"), "unknown field 'evry' in monitor.window\n  hi"),
        (wrong("window: {min_rows: ^0}"), "monitor.window.min_rows is 0, and must b"),
        (wrong("columns: {include: ^[]}"), "monitor.columns.include has no entry, a"),
        (wrong("columns: {exclude: ^id}"), "monitor.columns.exclude is text ('id'),"),
        (
            wrong("checks: {schema: ^yes}"),
            "'yes' is true in YAML 1.1 and text in YAML 1.2\n  hint: write \"yes\" f",
        ),
        (
            wrong("checks: {schema: ^on}"),
            "'on' is true in YAML 1.1 and text in YAML 1.2\n  hint: write \"on\" fo",
        ),
        (
            wrong('checks: {schema: ^"true"}'),
            "monitor.checks.schema is text ('true'), and must be true or false",
        ),
        (
            wrong("checks: {missing: {max_increase: ^5}}"),
            "monitor.checks.missing.max_increase is 5, and must be at most 1\n"
            "  hint: as a share: 0.05",
        ),
        (
            wrong("checks: {drift: {effect: ^mid}}"),
            "monitor.checks.drift.effect is 'mid', and must be small, medium or la",
        ),
        (
            wrong("checks: {drift: {persist: ^2}}"),
            "monitor.checks.drift.persist is a number (2), and must be text\n"
            '  hint: for example persist: "2 of 3"',
        ),
        (
            wrong("checks: {drift: {persist: ^3 of 2}}"),
            "3 of 2 requires more windows than it compares\n  hint: for example 2 of 3",
        ),
        (
            wrong("checks: {drift: {persist: ^2/3}}"),
            "monitor.checks.drift.persist is '2/3', which is not a valid persistence: N of M",
        ),
        (
            wrong("checks: {performance: ^{labels: l.csv, metric: accuracy}}"),
            "monitor.checks.performance has none of max_drop, max_rise\n  hint: giv",
        ),
        (
            wrong(f"{PERFORMANCE}metric: ^rmse, max_rise: 1}}}}"),
            "rmse is not a metric for multiclass tasks\n  hint: one of accuracy, ",
        ),
        (
            wrong(f"{PERFORMANCE}metric: accuracy, max_rise: ^0.1}}}}"),
            "max_rise on accuracy, which is better when greater, would only limit",
        ),
        (
            wrong(f"{PERFORMANCE}metric: ^model_size_mb, max_rise: 1}}}}"),
            "'model_size_mb' is not computed from labels\n  hint: name a metric of",
        ),
        (
            wrong(f'{PERFORMANCE}metric: ^"dvc:loss", max_rise: 1}}}}'),
            "'dvc:loss' is not computed from labels\n  hint: name a metric of the t",
        ),
        (
            wrong("retrain: ^{}"),
            "monitor.retrain.refresh is missing\n  hint: for exam",
        ),
        (
            wrong("retrain: {refresh: ^{}}"),
            "monitor.retrain.refresh.pointers is missing\n  hint: for example pointe",
        ),
        (
            wrong("retrain: {refresh: ^{command: make}}"),
            "monitor.retrain.refresh.pointers is missing\n  hint: for example pointe",
        ),
        (
            wrong(f'{REFRESH}^"python \'x"}}}}'),
            "the command cannot be read: no closing quotation\n  hint: close it",
        ),
        (
            wrong(f'{REFRESH}^"  "}}}}'),
            "the command is blank\n  hint: remove it where pointers are imports",
        ),
        (
            wrong(f'{REFRESH}^"make a && make b"}}}}'),
            "&& needs a shell, and this command runs without one\n  hint: write sh -c '",
        ),
        (
            wrong("retrain: {refresh: {pointers: [^data/train.csv]}}"),
            "monitor.retrain.refresh.pointers[0] is 'data/train.csv', which is not a valid p",
        ),
        (
            wrong("retrain: {refresh: {pointers: [^../../../a.dvc]}}"),
            "the path '../../../a.dvc' leaves the repository\n  hint: name a file i",
        ),
        (
            wrong(f"{RETRAIN}cooldown: ^1y}}"),
            "monitor.retrain.cooldown is '1y', which is not a valid duration: a whole number",
        ),
        (
            wrong(f"{RETRAIN}max_open: ^-1}}"),
            "monitor.retrain.max_open is -1, and must be at least 0\n  hint: Number",
        ),
        (
            wrong(f'{RETRAIN}reviewers: [^"acme/vision"]}}'),
            "monitor.retrain.reviewers[0] is 'acme/vision', which is not a valid user or team",
        ),
        (
            wrong(f"{RETRAIN}after: [^Embedder]}}"),
            "monitor.retrain.after[0] is 'Embedder', which is not a valid upstream",
        ),
        (
            wrong(f"{RETRAIN}after: [^../../../b.dvc]}}"),
            "the path '../../../b.dvc' leaves the repository\n  hint: name a file i",
        ),
    ],
)
def test_monitor__that_makes_no_sense_is_complained_of(section: str, expected: str) -> None:
    line, column = examples.SOUND.count("\n"), section.index("^") + 1
    monitor, lines = read(section.replace("^", ""))
    assert monitor is None
    assert [each.startswith(f"{line}:{column}: error: {expected}") for each in lines] == [True], (
        lines
    )
