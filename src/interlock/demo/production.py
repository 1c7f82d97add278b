"""Four more steps: what is served is watched, retrained, and put back where it belongs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from interlock import settings, wiring
from interlock.demo.facts import Fact
from interlock.demo.stage import Chapter, DemoStage
from interlock.demo.world import DemoWorld
from interlock.services import temporary_folders

MODEL = "diabetes"
BRANCH = f"interlock/retrain/{MODEL}"
FIRST = date(2026, 3, 14)
ROWS = 400
# Heavier patients with higher blood pressure: another clinic, the same disease.
_SHIFT = ("--shift", "bmi=1.2", "--shift", "bp=0.8")
_MONITOR = """\
monitor:
  live: {url}/live/date=*/*.parquet
  time: date
  reference: data/diabetes.csv
  window: {{every: 1d, min_rows: 100}}
  columns: {{exclude: [id, progression]}}
  checks:
    performance: {{labels: "{url}/labels/date=*/*.parquet", metric: rmse, max_rise: 10}}
  retrain:
    refresh:
      pointers: [data/diabetes.csv.dvc]
      command: python refresh.py --served {folder}
    reviewers: ["@octocat"]
"""


def watch(world: DemoWorld) -> None:
    """Say in the manifest where live data lies and what follows from them; nothing is pushed."""
    manifest = world.person.folder / "model-manifests" / MODEL / "model.yaml"
    section = _MONITOR.format(url=world.production.as_uri(), folder=world.production)
    manifest.write_text(manifest.read_text(encoding="utf-8") + section, encoding="utf-8")


def four_days(stage: DemoStage) -> Iterator[Fact]:
    version = stage.witness.alias(MODEL, "production")
    _serve(stage, {0: 0, 1: 0, 2: 1, 3: 1})
    for number, said in enumerate(("stable", "stable", "warning", "drift")):
        stage.tick("monitor", after=_day(number))
        yield Fact(f"day {number + 1}: {said}", _report(stage, number).get("verdict") == said)
    told = str(_report(stage, 3).get("diagnosis", {}).get("sentence", ""))
    yield Fact("it names what moved: bmi, bp", "bmi" in told or "bp" in told)
    yield Fact(f"version {version} serves on", stage.witness.serves(MODEL, version or 0))


def retraining(stage: DemoStage) -> Iterator[Fact]:
    pulls = stage.witness.pulls_from(BRANCH)
    yield Fact("one retraining pull request", len(pulls) == 1)
    if not pulls:
        return
    number = stage.pulls[BRANCH] = int(pulls[0]["number"])
    files = stage.witness.files(number)
    pointer = f"model-manifests/{MODEL}/data/{MODEL}.csv.dvc"
    yield Fact("it moves the pointer", pointer in files)
    yield Fact("it says why, and asks octocat", _is_told(pulls[0]))
    yield Fact(f"{MODEL} trained, the check is green", stage.green(number))
    verdict = stage.witness.last_verdict(MODEL)
    recent = [f for f in verdict.get("findings", []) if f["rule"].get("slice") == "recent"]
    better = [f for f in recent if f["outcome"] == "pass" and (f["observed"] or 0) < 0]
    yield Fact("it is better on what was served", len(better) == 1)
    version = stage.witness.alias(MODEL, "production") or 0
    stage.merge(BRANCH, method="squash")
    yield Fact(f"merged: version {version + 1} serves", stage.witness.serves(MODEL, version + 1))


def broken_feed(stage: DemoStage) -> Iterator[Fact]:
    # As many from the other clinic as the new model knows: nothing else is new.
    _serve(stage, {4: 0.64, 5: 0.64})
    day = stage.world.production / "live" / f"date={_day(4)}" / "rows.parquet"
    pl.read_parquet(day).drop("bmi").write_parquet(day)
    stage.tick("monitor", after=_day(4))
    yield Fact("day 5: broken", _report(stage, 4).get("verdict") == "broken")
    issues = stage.witness.issues("open", about=MODEL)
    yield Fact("an issue says what is broken", len(issues) == 1 and "bmi" in str(issues[0]["body"]))
    yield Fact("no retraining", not stage.witness.pulls_from(BRANCH))
    stage.tick("monitor", after=_day(5))
    yield Fact("day 6: the issue is closed", not stage.witness.issues("open", about=MODEL))


def moved_alias(stage: DemoStage) -> Iterator[Fact]:
    serving = stage.witness.alias(MODEL, "production") or 0
    stage.witness.registry.set_alias(MODEL, "production", version=1)
    stage.tick("reconcile", after=_day(5))
    yield Fact(f"version {serving} serves again", stage.witness.serves(MODEL, serving))
    dashboards = stage.witness.issues("open", about="models in production")
    yield Fact("the dashboard says so", len(dashboards) == 1)


CHAPTERS: dict[str, Chapter] = {
    "Four days in production: two as before, two not": four_days,
    "Pull request: interlock retrains diabetes": retraining,
    "A feed breaks, and is mended": broken_feed,
    "Somebody moves an alias by hand": moved_alias,
}


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


def _report(stage: DemoStage, number: int) -> dict[str, Any]:
    end = f"{_day(number + 1):%Y%m%d}T000000Z"
    paths = stage.witness.records(f"drift/{MODEL}/{end}.json")
    return stage.witness.record(paths[0]) if paths else {}


def _is_told(pull: dict[str, Any]) -> bool:
    body = str(pull["body"])
    asked = [str(who["login"]) for who in pull["requested_reviewers"]]
    return "bmi" in body and asked == ["octocat"]


def _serve(stage: DemoStage, days: Mapping[int, float]) -> None:
    """Have the served model answer the patients of some days, a share of each day's from
    elsewhere."""
    run_id = str(stage.witness.last_promotion(MODEL)["run_id"])
    with temporary_folders.folder("serving") as folder:
        model = wiring.runs(settings.read()).fetch(run_id, "model", to=folder)
        words = ["--model", str(model), "--to", str(stage.world.production), "--rows", str(ROWS)]
        words += [word for day, share in days.items() for word in ("--day", f"{_day(day)}={share}")]
        words += ["--first-id", str(10_000 + min(days) * ROWS), *_SHIFT]
        stage.person.run("python", "serve.py", *words, at=f"model-manifests/{MODEL}")
