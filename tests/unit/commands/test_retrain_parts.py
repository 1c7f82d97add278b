"""A retraining in two parts: one runs the team's program and writes nothing, the other writes and
does not trust the result of the first."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from interlock import cli, documents, errors
from interlock.commands import retrain
from interlock.commands.retrain import RetrainOutcome, RetrainResult
from interlock.domain.basics import timestamps
from interlock.domain.retraining import refresh_results
from interlock.domain.retraining.refresh_results import DvcPointer, RefreshResults
from interlock.ports.refreshing import Refreshed, RefreshJob
from tests import retrain_cases as cases
from tests.fakes.refreshing import FakeRefreshing
from tests.retrain_stage import BRANCH, GROWN, POINTER, Forbidden, Stage, pointer

OPTIONS = retrain.RetrainOptions(now=timestamps.write(cases.NOON + 4 * 86_400))


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("begun")).begin()


@pytest.fixture
def stage(begun: Stage, tmp_path: Path) -> Stage:
    stage = begun.copy(tmp_path)
    stage.window(3)
    return stage


def write(stage: Stage, results: RefreshResults) -> RetrainResult:
    world = stage.context(refreshed=results, refreshing=Forbidden())
    (result,) = retrain.run(world, OPTIONS)
    return result


def untouched(stage: Stage) -> bool:
    return BRANCH not in stage.branches() and not stage.hub.pulls


def test_refresh__writes_neither_to_git_nor_to_github_nor_to_the_ledger(stage: Stage) -> None:
    before = stage.branches(), stage.ledger.head, copy.deepcopy(stage.hub)
    results = stage.refresh(OPTIONS)
    assert [pointer.path for pointer in results.models[0].pointers] == [POINTER]
    assert (stage.branches(), stage.ledger.head) == before[:2]
    assert (stage.hub.pulls, stage.hub.issues) == (before[2].pulls, before[2].issues)


def test_refresh__needs_no_access_to_origin(stage: Stage) -> None:
    """A read-only job's checkout keeps no credentials: what it brought is all there is."""
    stage.tiny.git("fetch", "--quiet", "origin")
    world = stage.context()
    stage.tiny.git("remote", "set-url", "origin", "https://nobody.invalid/models.git")
    assert retrain.refresh_models(world, OPTIONS).find("tiny") is not None


def test_refresh__nothing_without_a_reason(stage: Stage) -> None:
    stage.run()
    assert stage.refresh(OPTIONS).models == ()


def change(results: RefreshResults, how: Callable[[DvcPointer], DvcPointer]) -> RefreshResults:
    (refresh,) = results.models
    return RefreshResults(
        (dataclasses.replace(refresh, pointers=tuple(map(how, refresh.pointers))),)
    )


def text(new: str) -> Callable[[DvcPointer], DvcPointer]:
    return lambda pointer: dataclasses.replace(pointer, text=new)


GOOD = pointer(GROWN, rows=4).decode()


UNDECLARED = "is not in `refresh.pointers`"


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (
            lambda p: dataclasses.replace(p, path=".github/workflows/promote.yml"),
            UNDECLARED,
        ),
        (lambda p: dataclasses.replace(p, path="tiny/train.py"), UNDECLARED),
        (lambda p: dataclasses.replace(p, path=f"./{POINTER}"), UNDECLARED),
        (text(GOOD.replace("path: data.csv", "path: ../.git/config")), "outs.0.path"),
        (text(GOOD + "wdir: sub\n"), "wdir"),
        (text(GOOD.replace("  path:", "  remote: mallory\n  path:")), "outs.0.remote"),
        (text(GOOD + "deps:\n- path: https://mallory.test/data.csv\n  etag: a\n"), "deps"),
        (text(GOOD + "frozen: true\n"), "frozen"),
        (text("cmd: curl mallory.test\n" + GOOD), "single-stage"),
        (text("outs: []\n"), "outs"),
        (text("- a list\n"), "data.csv.dvc"),
        (text("a: [" * 5_000), "data.csv.dvc"),
        (text("\0"), "data.csv.dvc"),
    ],
)
def test_write__accepts_only_data_of_declared_pointers(
    stage: Stage, how: Callable[[DvcPointer], DvcPointer], why: str
) -> None:
    result = write(stage, change(stage.refresh(OPTIONS), how))
    assert (result.decision, untouched(stage)) == (RetrainOutcome.FAILED, True)
    assert result.exit_code in {errors.EXIT_NO, errors.EXIT_INPUT}
    assert why in result.sentence


def test_write__refuses_a_file_that_is_listed_twice(stage: Stage) -> None:
    (refresh,) = stage.refresh(OPTIONS).models
    twice = dataclasses.replace(refresh, pointers=refresh.pointers * 2)
    result = write(stage, RefreshResults((twice,)))
    assert (result.decision, untouched(stage)) == (RetrainOutcome.FAILED, True)


@pytest.mark.parametrize("name", ["other", ""])
def test_write__waits_for_a_model_that_was_not_refreshed(stage: Stage, name: str) -> None:
    """Nothing is asked for in its name: no limit counts it."""
    head = stage.ledger.head
    (refresh,) = stage.refresh(OPTIONS).models
    result = write(stage, RefreshResults((dataclasses.replace(refresh, model=name),)))
    assert (result.decision, result.exit_code) == (RetrainOutcome.NOTHING, errors.EXIT_DONE)
    assert "not refreshed in this run" in result.sentence
    assert (untouched(stage), stage.ledger.head) == (True, head)


def test_write__waits_for_a_pointer_that_changed_on_main(stage: Stage) -> None:
    results = stage.refresh(OPTIONS)
    (stage.tiny.root / POINTER).write_bytes(pointer(GROWN + "9,b\n"))
    stage.tiny.commit()
    stage.push()
    result = write(stage, results)
    assert (result.decision, untouched(stage)) == (RetrainOutcome.NOTHING, True)
    assert f"{POINTER} has changed on main since" in result.sentence


def test_write__reports_a_failed_refresh_and_continues(stage: Stage) -> None:
    stage.refreshing = FakeRefreshing(fails="no rows today")
    results = stage.refresh(OPTIONS)
    assert "no rows today" in results.models[0].failure
    result = write(stage, results)
    assert (result.decision, result.exit_code) == (RetrainOutcome.FAILED, errors.EXIT_NO)
    assert "ended with status 3; last line of its log: no rows today" in result.sentence


def test_refresh__an_error_of_one_model_does_not_stop_the_others(stage: Stage) -> None:
    class Without(FakeRefreshing):
        def refresh(self, errand: RefreshJob, *, say: Callable[[str], None]) -> Refreshed:
            raise errors.MissingSetting("there is no remote", hint="dvc remote add")

    stage.refreshing = Without()
    (refresh,) = stage.refresh(OPTIONS).models
    assert (refresh.failure, refresh.pointers) == ("there is no remote (dvc remote add)", ())


def test_refresh__a_long_result_is_a_failure_of_its_model(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.refreshing.brings[POINTER] = pointer(GROWN) + b"# " + b"x" * refresh_results.LONGEST
    (refresh,) = stage.refresh(OPTIONS).models
    assert (refresh.failure, refresh.pointers) == (
        "its pointers are too long for the result",
        (),
    )
    monkeypatch.setattr(refresh_results, "LONGEST", 50)
    assert stage.refresh(OPTIONS).models == ()


@pytest.mark.parametrize(
    "words",
    [
        ["--part", "write", "--refreshed", "{"],
        ["--part", "write", "--refreshed", '{"schema": "interlock/refreshed/v2", "models": []}'],
        ["--part", "write", "--refreshed", '{"schema": "interlock/refreshed/v1", "models": [1]}'],
        ["--part", "write", "--refreshed", "[" * 50_000],
        ["--part", "write", "--refreshed", " " * 100_001],
        ["--part", "refresh", "--refreshed", "{}"],
        ["--refreshed", "{}"],
    ],
)
def test_cli__refuses_a_malformed_result(
    stage: Stage, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/models")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    with pytest.raises(SystemExit) as ended:
        cli.main(["retrain", "--repo", str(stage.tiny.root), *words])
    assert ended.value.code == errors.EXIT_INPUT


def test_line__is_one_line_of_ascii() -> None:
    line = documents.line({"a": "é\n"})
    assert (line.isascii(), len(line.splitlines()), json.loads(line)) == (True, 1, {"a": "é\n"})
