"""The steps of the demo after deployment: monitoring, retraining, repair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from interlock import settings, wiring
from interlock.demo.project import DemoProject
from interlock.demo.results import Assertion
from interlock.demo.session import DemoSession, Step
from interlock.services import temporary_folders

MODEL = "diabetes"
BRANCH = f"interlock/retrain/{MODEL}"
FIRST = date(2026, 3, 14)
ROWS = 400
# Patients of another clinic: heavier, with higher blood pressure.
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


def add_monitoring(project: DemoProject) -> None:
    """Add the section `monitor` to the manifest; no push."""
    manifest = project.user.folder / "model-manifests" / MODEL / "model.yaml"
    section = _MONITOR.format(url=project.production.as_uri(), folder=project.production)
    manifest.write_text(manifest.read_text(encoding="utf-8") + section, encoding="utf-8")


def four_days(session: DemoSession) -> Iterator[Assertion]:
    version = session.state.alias(MODEL, "production")
    _serve(session, {0: 0, 1: 0, 2: 1, 3: 1})
    for number, verdict in enumerate(("stable", "stable", "warning", "drift")):
        session.tick("monitor", after=_day(number))
        observed = _report(session, number).get("verdict")
        yield Assertion(f"day {number + 1}: {verdict}", observed == verdict)
    sentence = str(_report(session, 3).get("diagnosis", {}).get("sentence", ""))
    names_column = "bmi" in sentence or "bp" in sentence
    yield Assertion("the report names the changed columns: bmi, bp", names_column)
    yield Assertion(
        f"version {version} remains in production", session.state.is_deployed(MODEL, version or 0)
    )


def retraining(session: DemoSession) -> Iterator[Assertion]:
    pulls = session.state.pulls_from(BRANCH)
    yield Assertion("there is one retraining pull request", len(pulls) == 1)
    if not pulls:
        return
    number = session.pulls[BRANCH] = int(pulls[0]["number"])
    files = session.state.files(number)
    pointer = f"model-manifests/{MODEL}/data/{MODEL}.csv.dvc"
    yield Assertion("it updates the data pointer", pointer in files)
    yield Assertion("it gives the cause and requests a review from octocat", _has_cause(pulls[0]))
    yield Assertion("the check is green", session.green(number))
    verdict = session.state.last_verdict(MODEL)
    recent = [f for f in verdict.get("findings", []) if f["rule"].get("slice") == "recent"]
    better = [f for f in recent if f["outcome"] == "pass" and (f["observed"] or 0) < 0]
    yield Assertion("the candidate is better on the live data", len(better) == 1)
    version = session.state.alias(MODEL, "production") or 0
    session.merge(BRANCH, method="squash")
    yield Assertion(
        f"merged: version {version + 1} is in production",
        session.state.is_deployed(MODEL, version + 1),
    )


def broken_pipeline(session: DemoSession) -> Iterator[Assertion]:
    # The same share of the other clinic as in the data of the new model.
    _serve(session, {4: 0.64, 5: 0.64})
    day = session.project.production / "live" / f"date={_day(4)}" / "rows.parquet"
    pl.read_parquet(day).drop("bmi").write_parquet(day)
    session.tick("monitor", after=_day(4))
    yield Assertion("day 5: broken", _report(session, 4).get("verdict") == "broken")
    issues = session.state.issues("open", about=MODEL)
    yield Assertion(
        "one issue names the missing column", len(issues) == 1 and "bmi" in str(issues[0]["body"])
    )
    yield Assertion("there is no retraining", not session.state.pulls_from(BRANCH))
    session.tick("monitor", after=_day(5))
    yield Assertion("day 6: the issue is closed", not session.state.issues("open", about=MODEL))


def moved_alias(session: DemoSession) -> Iterator[Assertion]:
    version = session.state.alias(MODEL, "production") or 0
    session.state.registry.set_alias(MODEL, "production", version=1)
    session.tick("reconcile", after=_day(5))
    yield Assertion(
        f"version {version} is in production again", session.state.is_deployed(MODEL, version)
    )
    dashboards = session.state.issues("open", about="models in production")
    yield Assertion("there is one dashboard", len(dashboards) == 1)


STEPS: dict[str, Step] = {
    "Four days in production, two with drift": four_days,
    "Retraining pull request for diabetes": retraining,
    "A data pipeline fails and recovers": broken_pipeline,
    "A user moves an alias manually": moved_alias,
}


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


def _report(session: DemoSession, number: int) -> dict[str, Any]:
    end = f"{_day(number + 1):%Y%m%d}T000000Z"
    return session.state.record(f"drift/{MODEL}/{end[:4]}/{end}.json")


def _has_cause(pull: dict[str, Any]) -> bool:
    body = str(pull["body"])
    reviewers = [str(user["login"]) for user in pull["requested_reviewers"]]
    return "bmi" in body and reviewers == ["octocat"]


def _serve(session: DemoSession, days: Mapping[int, float]) -> None:
    """Predict with the production model for some days, each with a share of the other clinic."""
    run_id = str(session.state.last_promotion(MODEL)["run_id"])
    with temporary_folders.folder("serving") as folder:
        model = wiring.runs(settings.read()).fetch(run_id, "model", to=folder)
        words = [
            "--model",
            str(model),
            "--to",
            str(session.project.production),
            "--rows",
            str(ROWS),
        ]
        words += [word for day, share in days.items() for word in ("--day", f"{_day(day)}={share}")]
        words += ["--first-id", str(10_000 + min(days) * ROWS), *_SHIFT]
        session.user.run("python", "serve.py", *words, at=f"model-manifests/{MODEL}")
