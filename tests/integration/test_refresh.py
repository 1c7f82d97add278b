"""Newer data behind pointers, with a real DVC: imports moved on, a team's program, exact pushes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from interlock import errors
from interlock.adapters.dvc import shapes
from interlock.adapters.dvc.refreshing import DvcRefreshing
from interlock.domain.retraining.data_difference import DataShape
from interlock.ports.pipeline import RunEnd
from interlock.ports.refreshing import Refreshed, RefreshJob
from tests import tiny
from tests.tiny import DATA, Tiny

GROW = """\
import os, pathlib, sys
data = pathlib.Path("data.csv")
start, end = os.environ["INTERLOCK_WINDOW_START"], os.environ["INTERLOCK_WINDOW_END"]
tokens = sorted(name for name in os.environ if os.environ[name] == "secret")
print("from", start, "until", end, sys.argv[1:], tokens)
data.write_text(data.read_text() + "4,b\\n")
pathlib.Path("beside.txt").write_text("not asked for")
"""
GROWN = DATA + "4,b\n"


@pytest.fixture
def world(tmp_path: Path) -> Tiny:
    return tiny.make(tmp_path)


def errand(world: Tiny, *, command: str = "python refresh.py 'a b'") -> RefreshJob:
    return RefreshJob(
        checkout=world.root,
        pointers=("tiny/data.csv.dvc",),
        command=command,
        folder="tiny",
        timeout_seconds=60,
        time="id",
        env={"INTERLOCK_WINDOW_START": "noon", "INTERLOCK_WINDOW_END": "midnight"},
    )


def carry_out(errand: RefreshJob, printed: list[str] | None = None) -> Refreshed:
    lines = [] if printed is None else printed
    return DvcRefreshing().refresh(errand, say=lines.append)


def test_refresh__runs_the_program_and_pushes_the_named_pointers(
    world: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The last one is that of `actions/run` for git.
    for name in ("GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GIT_CONFIG_VALUE_7"):
        monkeypatch.setenv(name, "secret")
    world.commit(refresh_py=GROW)
    before = {path for path in world.remote.rglob("*") if path.is_file()}
    printed: list[str] = []
    done = carry_out(errand(world), printed)
    assert done.ended is RunEnd.DONE, done.log_tail
    assert list(done.changed) == ["tiny/data.csv.dvc"]
    assert tiny.md5(GROWN).encode() in done.changed["tiny/data.csv.dvc"].text
    brought = done.changed["tiny/data.csv.dvc"]
    columns = {"id": "Int64", "target": "String"}
    assert brought.before == DataShape(3, columns, "1", "3")
    assert brought.after == DataShape(4, columns, "1", "4")
    after = {path for path in world.remote.rglob("*") if path.is_file()}
    assert after - before == {world.object(GROWN)}
    assert world.object(GROWN).read_text() == GROWN
    assert any("from noon until midnight ['a b'] []" in line for line in printed)


def test_refresh__sets_the_environment_of_the_program_up(
    world: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    world.commit(refresh_py="import os\nprint('greets', os.environ['GREETING'])\n")
    commands = 'echo "GREETING=$INTERLOCK_WINDOW_START${GITHUB_TOKEN-}" >> "$GITHUB_ENV"'
    printed: list[str] = []
    done = carry_out(replace(errand(world), prepare=commands), printed)
    assert (done.ended, "greets noon") == (RunEnd.DONE, printed[-1].strip()), printed


@pytest.mark.parametrize(
    ("commands", "seconds", "reason"),
    [
        ("exit 7", 60, "the set-up commands ended with status 7"),
        ("sleep 60", 0.5, "it timed out after 0.00833 minutes"),
    ],
)
def test_refresh__whose_set_up_fails_runs_no_program(
    world: Tiny, commands: str, seconds: float, reason: str
) -> None:
    world.commit(refresh_py=GROW)
    job = replace(errand(world), prepare=commands, timeout_seconds=seconds)
    done = carry_out(job)
    assert (done.ended is RunEnd.DONE, done.reason, dict(done.changed)) == (False, reason, {})
    assert not (world.root / "tiny" / "beside.txt").exists()


@pytest.mark.parametrize(("noted", "then"), [("rows: 3", "rows: 4"), ("rows: 9", "rows: 9")])
def test_refresh__updates_the_number_of_rows(world: Tiny, noted: str, then: str) -> None:
    pointer = world.root / "tiny" / "data.csv.dvc"
    notes = f"# ours\nmeta:\n  {noted}\n  by: mona\n"
    pointer.write_text(pointer.read_text() + notes)
    world.commit(refresh_py=GROW)
    text = carry_out(errand(world)).changed["tiny/data.csv.dvc"].text.decode()
    assert text.endswith(f"# ours\nmeta:\n  {then}\n  by: mona\n")


def test_refresh__updates_an_import(world: Tiny, tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_text("id,target\n1,a\n")
    old = tiny.md5(source.read_text())
    pointer = f"frozen: true\ndeps:\n- path: {source}\n  md5: {old}\n  size: 14\n  hash: md5\n"
    pointer += f"outs:\n- md5: {old}\n  size: 14\n  hash: md5\n  path: extra.csv\n"
    (world.root / "tiny" / "extra.csv.dvc").write_text(pointer)
    world.commit()
    source.write_text("id,target\n1,a\n2,b\n")
    wanted = replace(errand(world, command=""), pointers=("tiny/extra.csv.dvc",))
    done = carry_out(wanted)
    assert done.ended is RunEnd.DONE, done.log_tail
    assert tiny.md5(source.read_text()).encode() in done.changed["tiny/extra.csv.dvc"].text
    assert world.object(source.read_text()).exists()
    assert dict(carry_out(wanted).changed) == {}


def test_refresh__a_missing_program(world: Tiny) -> None:
    done = carry_out(errand(world, command="no-such-program"))
    assert done.ended is RunEnd.FAILED
    assert "No such file" in done.reason


def test_refresh__uses_no_shell(world: Tiny) -> None:
    command = "python refresh.py | tee x"
    world.commit(refresh_py="import sys\nsys.exit(0 if len(sys.argv) == 1 else 4)\n")
    assert carry_out(errand(world, command=command)).ended is RunEnd.FAILED
    assert not Path(world.root, "tiny", "x").exists()


def test_refresh__timeout(world: Tiny) -> None:
    world.commit(refresh_py="import time\ntime.sleep(60)\n")
    done = carry_out(replace(errand(world), timeout_seconds=0.6))
    assert (done.ended, done.reason) == (RunEnd.TIMED_OUT, "it timed out after 0.01 minutes")


def test_refresh__in_a_worktree_takes_settings_and_cache_from_home(
    world: Tiny, tmp_path: Path
) -> None:
    world.commit(refresh_py=GROW)
    (world.root / ".dvc" / "config").write_text("")
    commit = world.commit()
    local = f"[core]\n    remote = store\n['remote \"store\"']\n    url = {world.remote}\n"
    (world.root / ".dvc" / "config.local").write_text(local)
    aside = tmp_path / "aside"
    world.git("worktree", "add", "--quiet", "--detach", str(aside), commit)
    done = carry_out(replace(errand(world), checkout=aside, home=world.root))
    assert done.ended is RunEnd.DONE, done.log_tail
    assert world.object(GROWN).exists()
    assert (world.root / ".dvc" / "cache").is_dir()
    assert not Path(world.root, "tiny", "data.csv").exists()


def test_refresh__without_a_remote_is_an_error(world: Tiny) -> None:
    (world.root / ".dvc" / "config").write_text("")
    world.commit(refresh_py=GROW)
    with pytest.raises(errors.MissingSetting, match="no DVC remote"):
        carry_out(errand(world))


def test_shape__of_a_table_in_parts_and_of_another_file(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    for day in (1, 2):
        pl.DataFrame({"at": [f"2026-11-0{day}"] * 3}).write_parquet(parts / f"{day}.parquet")
    assert shapes.measure(parts, time="at") == {
        "rows": 6,
        "columns": {"at": "String"},
        "first": "2026-11-01",
        "last": "2026-11-02",
    }
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "image.png").write_bytes(b"\x89PNG")
    (tmp_path / "empty").mkdir()
    for name in ("broken.parquet", "image.png", "empty", "absent.csv"):
        assert shapes.measure(tmp_path / name, time="") is None
