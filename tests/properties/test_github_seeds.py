"""Two hundred seeds of bad weather: two requests of five fail, with their effect or without, and
what was to be written is there exactly once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from github_sandbox import RandomFaults
from github_sandbox.faults import Kind
from interlock.ports.github import Annotation, Check, Conclusion, Deployment
from tests import github_pulls
from tests.github_pulls import ServedPull

SEEDS, PARTS = 200, 4
RATE = 0.42
KINDS: tuple[Kind, ...] = (
    "error_before",
    "error_after",
    "reset_before",
    "reset_after",
    "rate_limit",
)
ENVIRONMENTS = ("staging", "production")
NOTES = tuple(Annotation("params.yaml", 1 + n, "notice", "digits", "why") for n in range(51))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ServedPull]]:
    """Pull requests on one server, some seeds each."""
    with github_pulls.serve(tmp_path_factory.mktemp("github")) as open_pull:
        yield [open_pull() for _ in range(20)]


@pytest.mark.parametrize("part", range(PARTS))
def test_writes__in_any_weather_are_there_exactly_once(worlds: list[ServedPull], part: int) -> None:
    struck = requests = 0
    for seed in range(part, SEEDS, PARTS):
        world = worlds[seed % len(worlds)]
        storm = RandomFaults(seed, RATE, kinds=KINDS)
        world.hub.faults.start(storm)
        write(world, seed)
        world.hub.faults.clear()
        struck, requests = struck + storm.injected, requests + storm.requests
    for number in range(part, len(worlds), PARTS):
        world, seeds = worlds[number], range(number, SEEDS, len(worlds))
        assert counts(world) == {name: 1 for seed in seeds for name in expected(seed)}
    print(f"{SEEDS // PARTS} seeds: {struck} of {requests} requests failed, all is there once")
    assert struck > 0.9 * RATE * requests


def is_long(seed: int) -> bool:
    """Whether what is written is changed later, too."""
    return seed % 5 == 0


def write(world: ServedPull, seed: int) -> None:
    github = world.adapter(login="octocat")
    for text in texts(seed):
        github.upsert_comment(world.number, marker=f"<!-- {seed} -->", body=text)
    for check in checks(world, seed):
        github.upsert_check(check)
    for environment in environments(seed):
        record = Deployment(f"{seed}", world.head_sha, environment, description="digits 2")
        github.upsert_deployment(record)


def texts(seed: int) -> list[str]:
    return [f"{text} <!-- {seed} -->" for text in ("planned", "judged")[: 1 + is_long(seed)]]


def checks(world: ServedPull, seed: int) -> Iterator[Check]:
    yield Check(f"seed {seed}", world.head_sha, None, title="digits trains", summary="Wait.")
    if is_long(seed):
        done = Conclusion.SUCCESS
        yield Check(f"seed {seed}", world.head_sha, done, "digits passes", "Go.", annotations=NOTES)


def environments(seed: int) -> tuple[str, ...]:
    return ENVIRONMENTS[: 1 + is_long(seed)]


def expected(seed: int) -> list[tuple[object, ...]]:
    conclusion = "success" if is_long(seed) else None
    notes = len(NOTES) if is_long(seed) else 0
    return [
        ("comment", texts(seed)[-1]),
        ("check", f"seed {seed}", conclusion, notes),
        *(("deployment", str(seed), environment, "success") for environment in environments(seed)),
    ]


def counts(world: ServedPull) -> dict[tuple[object, ...], int]:
    """Everything that is there, and how often."""
    runs = world.get(f"/commits/{world.head_sha}/check-runs?filter=all&per_page=100")["check_runs"]
    deployments = world.get(f"/deployments?sha={world.head_sha}&per_page=100")
    things: list[tuple[object, ...]] = [
        *(("comment", body) for _, body in world.comments()),
        *(("check", r["name"], r["conclusion"], r["output"]["annotations_count"]) for r in runs),
        *(
            ("deployment", d["payload"]["interlock"], d["environment"], status["state"])
            for d in deployments
            for status in world.get(f"/deployments/{d['id']}/statuses")
        ),
    ]
    return {thing: things.count(thing) for thing in things}
