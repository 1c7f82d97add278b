"""A new SQLite store is made whole or not at all, whoever is killed; one that is there already is
never migrated: the refusal says what to run."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from interlock import errors
from interlock.adapters.mlflow import client, database
from tests import migrated
from tests.crashing import KILLED

SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    uri = migrated.copy(tmp_path_factory, tmp_path_factory.mktemp("template"))
    return Path(uri.removeprefix("sqlite:///"))


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "store" / "mlflow.db"


def ask(file: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as opened:
        return opened.execute(query).fetchall()


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as opened, opened:
        for statement in statements:
            opened.execute(statement)


def require(file: Path, template: Path, *, migrate: Callable[[str], object] | None = None) -> None:
    """As a client opens it, with migrations that take no time."""

    def copy(uri: str) -> None:
        shutil.copyfile(template, uri.removeprefix("sqlite:///"))

    database.require(f"sqlite:///{file}", place=str(file), migrate=migrate or copy)


def in_a_process(work: Callable[[], object]) -> int:
    """Do it in a fork; the code that it ended with."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dying(statements: Iterator[str], *, after: int) -> Iterator[str]:
    for number, statement in enumerate(statements):
        if number == after:
            os._exit(KILLED)
        yield statement
    os._exit(KILLED)


def test_new__has_the_schema_and_rows_that_mlflow_makes(new: Path, template: Path) -> None:
    connection = client.Connection(f"sqlite:///{new}", deadline_seconds=60)
    connection.open().create_experiment("first")
    # Two migrations write the values of one CHECK in any order.
    names = "SELECT type, name, tbl_name FROM sqlite_master ORDER BY type, name"
    assert ask(new, names) == ask(template, names)
    version = "SELECT version_num FROM alembic_version"
    assert ask(new, version) == ask(template, version)
    assert [name for (name,) in ask(new, "SELECT name FROM experiments")] == ["Default", "first"]
    assert [file.name for file in new.parent.iterdir()] == ["mlflow.db"]


# A statement of the copy each; the last one is its commit.
@pytest.mark.parametrize("after", [0, 1, 2, 75, 150, 1_000_000])
def test_new__killed_while_it_is_filled(
    new: Path, template: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = database._copy

    def die() -> None:
        monkeypatch.setattr(
            database, "_copy", lambda rows, target: copy(dying(iter(rows), after=after), target)
        )
        require(new, template)

    assert in_a_process(die) == KILLED
    assert ask(new, SCHEMA) == []
    require(new, template)
    assert ask(new, SCHEMA) == ask(template, SCHEMA)
    assert [file.name for file in new.parent.iterdir()] == ["mlflow.db"]


def test_new__killed_while_mlflow_migrates(new: Path, template: Path) -> None:
    def migrate(uri: str) -> None:
        change(Path(uri.removeprefix("sqlite:///")), "CREATE TABLE half (id INTEGER)")
        os._exit(KILLED)

    assert in_a_process(lambda: require(new, template, migrate=migrate)) == KILLED
    require(new, template)
    assert ask(new, SCHEMA) == ask(template, SCHEMA)


def test_new__is_locked_from_the_check_to_the_last_statement(new: Path) -> None:
    """Of two processes that create it at once the second waits, and then finds the tables."""
    new.parent.mkdir()
    other = sqlite3.connect(new, isolation_level=None, timeout=0)

    def statements() -> Iterator[str]:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        yield "CREATE TABLE first (id INTEGER);"

    with closing(other), closing(sqlite3.connect(new, isolation_level=None)) as target:
        database._copy(statements(), target)
        database._copy(iter(["CREATE TABLE second (id INTEGER);"]), other)
    assert ask(new, "SELECT name FROM sqlite_master") == [("first",)]


def test_open__two_threads_make_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = client.Connection("https://mlflow.example.com", deadline_seconds=60)
    made: list[object] = []
    opened: list[object] = []

    def make(uri: str) -> object:
        made.append(uri)
        if len(made) == 1:
            second.start()
            second.join(timeout=0.2)  # it waits for the first client, which is not made yet
        return object()

    second = threading.Thread(target=lambda: opened.append(connection.open()))
    monkeypatch.setattr(client, "_maker", lambda: make)
    opened.append(connection.open())
    second.join()
    assert (len(made), opened[0] is opened[1]) == (1, True)


def test_new__made_by_another_process_meanwhile(new: Path, template: Path) -> None:
    def migrate(uri: str) -> None:
        shutil.copyfile(template, uri.removeprefix("sqlite:///"))
        shutil.copyfile(template, new)
        change(new, "INSERT INTO tags VALUES ('theirs', '1', 'x')")

    require(new, template, migrate=migrate)
    assert ask(new, "SELECT key FROM tags") == [("theirs",)]


@pytest.mark.parametrize("suffix", ["", "-journal"])
def test_new__an_empty_file_is_new(new: Path, template: Path, suffix: str) -> None:
    new.parent.mkdir()
    Path(f"{new}{suffix}").touch()
    require(new, template)
    assert ask(new, SCHEMA) == ask(template, SCHEMA)


def test_there_already__with_the_schema_of_this_mlflow(new: Path, template: Path) -> None:
    require(new, template)
    before = new.read_bytes()
    require(new, template, migrate=lambda _: pytest.fail("it is there"))
    assert new.read_bytes() == before


RUN = (
    "INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage, status) "
    "VALUES ('r', 0, 'active', 'FINISHED')"
)


def refused(file: Path, template: Path) -> errors.MissingSetting:
    before = file.read_bytes()
    with pytest.raises(errors.MissingSetting) as caught:
        client.Connection(f"sqlite:///{file}", deadline_seconds=60).open()
    assert file.read_bytes() == before
    assert str(file) in caught.value.message
    return caught.value


# An older MLflow's: another version; and one that lacks tables, which MLflow would migrate by
# itself.
@pytest.mark.parametrize("lost", ["", "DROP TABLE webhook_events", "DROP TABLE alembic_version"])
def test_there_already__an_older_schema_is_refused_with_the_command(
    new: Path, template: Path, lost: str
) -> None:
    require(new, template)
    change(
        new, RUN, "UPDATE alembic_version SET version_num = 'bd07f7e963c5'", *filter(None, [lost])
    )
    error = refused(new, template)
    assert '`mlflow db upgrade "$MLFLOW_TRACKING_URI"`' in error.hint
    assert "backup" in error.hint
    assert error.exit_code == errors.EXIT_SETTINGS


def test_there_already__a_newer_schema(new: Path, template: Path) -> None:
    require(new, template)
    change(new, RUN, "UPDATE alembic_version SET version_num = 'f00'")
    error = refused(new, template)
    assert "f00 of a newer MLflow" in error.message
    assert "install" in error.hint


@pytest.mark.parametrize("statement", [20, 60, 100])
def test_there_already__half_made_by_a_migration_that_was_killed(
    new: Path, template: Path, statement: int
) -> None:
    """As MLflow leaves it by itself, and no later migration can go on from."""
    new.parent.mkdir()

    def die() -> None:
        import sqlalchemy  # noqa: PLC0415 - slow to import
        from mlflow.store.db import utils  # noqa: PLC0415

        engine = utils.create_sqlalchemy_engine(f"sqlite:///{new}")
        lines: list[str] = []

        @sqlalchemy.event.listens_for(engine, "before_cursor_execute")
        def count(_c: object, _r: object, text: str, *_: object) -> None:
            lines.append(text)
            if (
                len([each for each in lines if not each.startswith(("PRAGMA", "SELECT"))])
                > statement
            ):
                os._exit(KILLED)

        utils._initialize_tables(engine)

    assert in_a_process(die) == KILLED
    assert ask(new, SCHEMA)
    error = refused(new, template)
    assert "without runs" in error.message
    assert error.hint.startswith(f"mv {new} ")
    new.rename(f"{new}.half")
    require(new, template)
    assert ask(new, SCHEMA) == ask(template, SCHEMA)
