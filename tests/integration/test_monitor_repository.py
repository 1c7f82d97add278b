"""`interlock monitor` over real Git: killed at every effect, two at once, and as a command line."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from interlock import cli, errors
from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.commands.ledger import LedgerContext, verify
from interlock.domain.basics import timestamps
from tests import crashing, monitored
from tests.crashing import KILLED
from tests.docs import documents
from tests.monitored import LABELS, WATCH, rows

PROGRAM = "tests.integration.monitor_program"
# The labelled rows beside the run, and all records in one commit.
EFFECTS = 2
# After one effect is before the next, except for the ledger's: there the clone has not yet noted
# what it pushed.
CRASHES = [("before", n) for n in range(1, EFFECTS + 1)] + [("after", 1), ("after", EFFECTS)]
# And once more in the recovery.
AGAIN = ("before", EFFECTS)
DAYS = 2


class Story(monitored.MonitoredShop):
    """A served model whose ledger is a branch of a bare origin."""

    def create(self) -> Story:
        self.lay_out(WATCH, LABELS)
        self.git("clone", "--quiet", "--bare", ".", "../origin.git")
        # Relative, so that a copy of the whole folder is a story of its own.
        self.git("remote", "add", "origin", "../origin.git")
        self.ledger = GitLedger(self.repository)
        self.serve()
        return self

    def copy(self, folder: Path) -> Story:
        shutil.copytree(self.folder, folder)
        return Story(folder)

    def job(
        self, day: int, *, checkout: str = "checkout", crash: object = None, late_seconds: int = 0
    ) -> dict[str, Any]:
        """Watch on the day after `day`, as another machine would from another checkout."""
        there = self.folder / checkout
        if not there.exists():
            shutil.copytree(self.checkout, there)
        now = monitored.start(day + 1) + 3600 + late_seconds
        return {
            "checkout": str(there),
            "runs": str(self.folder / "runs"),
            "now": now,
            "crash": crash,
        }

    def state(self) -> dict[str, Any]:
        """Everything outside: the ledger's content and history, and what lies beside the run."""
        origin = git.open_repository(self.folder / "origin.git")
        ledger = GitLedger(origin)
        context = LedgerContext(repository=origin, ledger=ledger)
        assert verify.run(context, verify.VerifyOptions()).violations == ()
        kept = sorted(self.folder.glob("runs/*/labelled/*"))
        return {
            "records": {path: ledger.read(path) for path in _paths(ledger)},
            "log": [subject for _, subject in origin.log("refs/heads/interlock-ledger")],
            "kept": {str(file.relative_to(self.folder)): file.read_bytes() for file in kept},
        }


def _paths(ledger: GitLedger) -> list[str]:
    areas = ("drift", "performance", "profiles")
    return [path for area in areas for path in ledger.list(f"{area}/digits")]


@dataclass(frozen=True)
class Played:
    """What became of jobs that were carried out by one program, which takes seconds to start."""

    whole: Story
    first: dict[str, Any]
    second: dict[str, Any]
    killed: list[tuple[tuple[str, int], Story, dict[str, Any], dict[str, Any]]]
    thrice: list[dict[str, Any]]
    stubborn: Story
    race: Story
    raced: list[dict[str, Any]]
    again: list[dict[str, Any]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Live rows of two days, labels of the first; nothing is monitored yet."""
    created = Story(tmp_path_factory.mktemp("story") / "story")
    created.folder.mkdir()
    created.create()
    created.day(1, rows(seed=1, shift=1.0))
    created.label(1, rows(seed=1, shift=1.0))
    created.day(2, rows(seed=2, shift=1.0))
    return created


@pytest.fixture(scope="module")
def played(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("played")
    whole, race = story.copy(folder / "whole"), story.copy(folder / "race")
    stories = [story.copy(folder / f"{when}-{n}") for when, n in CRASHES]
    died = [[story.job(1, crash=how)] for story, how in zip(stories, CRASHES, strict=True)]
    # Every other rerun is another machine's, which knows nothing but what is outside.
    machines = ["checkout", "other"] * EFFECTS
    rerun = [[story.job(1, checkout=name)] for story, name in zip(stories, machines, strict=False)]
    # Each at a second of its own: two records that are the same would be one commit.
    both = [race.job(2, checkout=f"machine-{n}", late_seconds=n) for n in range(2)]
    stubborn = story.copy(folder / "stubborn")
    ways = (("before", EFFECTS), AGAIN, None)
    thrice = [[stubborn.job(1, crash=how)] for how in ways]
    rounds = [[whole.job(1)], [whole.job(1)], *thrice, *died, *rerun, [race.job(1)], both, both]
    (first,), (second,), *rest, _, raced, again = crashing.carry_out(PROGRAM, rounds)
    tried, answers = [a for (a,) in rest[: len(ways)]], [a for (a,) in rest[len(ways) :]]
    killed = zip(CRASHES, stories, answers, answers[len(stories) :], strict=False)
    return Played(whole, first, second, list(killed), tried, stubborn, race, raced, again)


def test_monitor__killed_at_every_effect_and_run_again(played: Played) -> None:
    first, second = played.first, played.second
    assert (first["state"], first["effects"]) == ("warning", EFFECTS), first
    assert first["labelled"] == first["windows"] == ["2018-11-02T00:00:00Z"]
    assert (second["state"], second["effects"], second["windows"]) == ("warning", 0, [])
    expected = played.whole.state()
    assert [path.partition("/")[0] for path in expected["records"]] == [
        "drift",
        "performance",
        "profiles",
    ]
    assert len(expected["kept"]) == 1
    assert len(played.killed) == len(CRASHES)
    for crash, story, died, rerun in played.killed:
        assert died == {"code": KILLED}, crash
        assert rerun["state"] == "warning", crash
        assert story.state() == expected, crash


def test_monitor__killed_again_in_the_recovery(played: Played) -> None:
    one, other, last = played.thrice
    assert one == other == {"code": KILLED}
    assert last["state"] == "warning"
    assert played.stubborn.state() == played.whole.state()


def test_monitor__two_at_once_report_each_window_once(played: Played) -> None:
    raced, again = played.raced, played.again
    assert sorted(len(answer["windows"]) for answer in raced) == [0, 1], raced
    assert [answer["state"] for answer in [*raced, *again]] == ["drift"] * 4
    assert [answer["effects"] for answer in again] == [0, 0]
    records = played.race.state()["records"]
    assert [path for path in records if path.startswith("drift/")] == [
        "drift/digits/2018/20181102T000000Z.json",
        "drift/digits/2018/20181103T000000Z.json",
    ]


def test_command_line__prints_the_document_and_leaves_the_table(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = played.whole.copy(tmp_path / "typed")
    page = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    # Only a first look, and labels, need to know where runs are.
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    when = timestamps.write(monitored.start(DAYS + 1) + 3600)
    typed = ["monitor", "--repo", str(story.checkout), "--now", when]
    result = CliRunner().invoke(cli.group, [*typed, "--json"], standalone_mode=False)
    assert result.return_value == errors.EXIT_NO, result
    document = json.loads(result.stdout)
    documents.check(document)
    (model,) = document["models"]
    assert (document["now"], model["model"], model["state"]) == (when, "digits", "drift")
    assert [window["schema"] for window in model["windows"]] == ["interlock/drift-window/v1"]
    assert "digits" in page.read_text()
    assert "covariate shift" in page.read_text()
    words = CliRunner().invoke(cli.group, [*typed, "--exit-zero"], standalone_mode=False)
    assert words.return_value == errors.EXIT_DONE
    assert words.stdout == f"digits  drift         {model['sentence']}\n"


def test_command_line__in_a_bare_clone_reads_the_live_data_of_the_revision(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = played.whole.copy(tmp_path / "bare")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    story.git("add", "--force", "live", "labels")
    story.git("commit", "--quiet", "--message", "Live data")
    story.git("push", "--quiet", "origin", "main")
    bare = story.folder / "bare.git"
    story.git("clone", "--quiet", "--bare", "../origin.git", str(bare))
    when = timestamps.write(monitored.start(DAYS + 1) + 3600)
    documents_of = [
        json.loads(
            CliRunner()
            .invoke(
                cli.group,
                ["monitor", "--repo", str(repo), "--now", when, "--dry-run", "--json"],
                standalone_mode=False,
            )
            .stdout
        )
        for repo in (bare, story.checkout)
    ]
    assert documents_of[0] == documents_of[1]
    assert documents_of[0]["models"][0]["windows"]
    assert list(bare.glob("worktrees/*")) == []


@pytest.mark.parametrize(
    "typed",
    [
        ["--now", "yesterday"],
        ["--reevaluate-since", ""],
        ["digits", "--reference", "a.csv", "--live", "b.csv"],
    ],
)
def test_command_line__refuses_what_makes_no_sense(typed: list[str], story: Story) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["monitor", "--repo", str(story.checkout), *typed])
    assert ended.value.code == errors.EXIT_INPUT
