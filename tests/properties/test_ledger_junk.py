"""However jobs and a pusher of junk take turns, verbs read what the jobs wrote and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock import errors
from interlock.services import best_effort, ledger_verifications
from tests import ledger_attacks
from tests.ledger_attacks import EVIDENCE, World, state

AT = "2030-01-01T00:00:00+00:00"
PATHS = [f"evidence/digits/{name}.json" for name in ("aaaa", "bbbb", "cccc")]
PATH, TEXT = st.sampled_from(PATHS), st.sampled_from("12")
TURN = st.one_of(
    st.tuples(st.just("write"), PATH, TEXT),
    st.tuples(st.just("junk"), PATH, TEXT),
    st.tuples(st.just("remove"), PATH, TEXT),
    st.tuples(st.just("merge"), PATH, TEXT),
    st.tuples(st.just("verify"), PATH, TEXT),
    st.tuples(st.just("hide"), PATH, TEXT),
)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worlds")


@given(st.lists(TURN, min_size=1, max_size=7))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_always__the_records_are_those_without_the_junk(
    places: Path, turns: list[tuple[str, str, str]]
) -> None:
    number = len(list(places.iterdir()))
    honest, attacked = (_world(places / f"{number}-{name}") for name in ("honest", "attacked"))
    long = attacked.ledger()
    for turn in turns:
        if turn[0] in {"write", "verify"}:
            assert _honest(honest, turn) == _honest(attacked, turn)
        else:
            _junk(attacked, turn)
        long.refresh()
        expected = state(honest.ledger())
        assert state(attacked.ledger()) == expected
        assert state(long) == expected, "a process that reads all the time agrees"


def _world(folder: Path) -> World:
    folder.mkdir()
    return ledger_attacks.in_memory(folder)


def _honest(world: World, turn: tuple[str, str, str]) -> str:
    kind, path, text = turn
    if kind == "verify":
        attempts = best_effort.Attempts()
        ledger_verifications.record(world.ledger(), at=AT, attempts=attempts)
        return str(attempts.undone)
    record = {path: {"schema": EVIDENCE, "text": text}}
    try:
        return str(world.ledger("evaluate").append(record, message=path))
    except errors.LedgerBroken as error:  # the path has another record
        return str(error)


def _junk(world: World, turn: tuple[str, str, str]) -> None:
    kind, path, text = turn
    if kind == "junk":
        world.push({path: world.junk(text=text)})
    elif kind == "remove" and world.plain().read_bytes(path):
        world.push({}, removed=[path])
    elif kind == "hide" and world.head:
        world.push({}, removed=["verifications", "attestations"])
    elif kind == "merge":
        head, other = world.head, world.commit({path: world.junk(text=text)}, over=None)
        parents = [other] if head is None else [other, head] if text == "1" else [head, other]
        world.merge(other, *parents)
