"""What the GitHub adapter makes of a bad day: nothing lost, nothing doubled, no token in a word."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from github_sandbox import Fault
from interlock import errors
from interlock.adapters.github import PyGithubAdapter, RetryPolicy, failures
from interlock.adapters.github.retry import Retryable
from interlock.ports.github import Annotation, Check, Conclusion, Deployment
from tests import github_pulls
from tests.github_pulls import ServedPull

MARKER = "<!-- marker -->"
BODY = f"judged {MARKER}"


@pytest.fixture(scope="module")
def open_pull(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ServedPull]]:
    with github_pulls.serve(tmp_path_factory.mktemp("github")) as made:
        yield made


@pytest.fixture
def world(open_pull: Callable[[], ServedPull]) -> ServedPull:
    return open_pull()


def check(world: ServedPull, count: int = 1) -> Check:
    notes = [Annotation("params.yaml", n + 1, "notice", "digits", "why") for n in range(count)]
    return Check(
        name="interlock",
        head_sha=world.head_sha,
        conclusion=Conclusion.SUCCESS,
        title="digits passes",
        summary="It passes.",
        annotations=tuple(notes),
    )


def deployment(world: ServedPull) -> Deployment:
    return Deployment(key="digits/abc", sha=world.head_sha, environment="staging", description="2")


def comment(world: ServedPull) -> None:
    world.adapter().upsert_comment(world.number, marker=MARKER, body=BODY)


@dataclass(frozen=True)
class Write:
    """One way to write, and how many of its things are there afterwards."""

    path: str
    act: Callable[[ServedPull], object]
    count: Callable[[ServedPull], int]


WRITES = {
    "comment": Write(r"/comments$", comment, lambda w: len(w.comments())),
    "check": Write(
        r"/check-runs$",
        lambda w: w.adapter().upsert_check(check(w)),
        lambda w: len(w.check_runs()),
    ),
    "deployment": Write(
        r"/deployments$",
        lambda w: w.adapter().upsert_deployment(deployment(w)),
        lambda w: len(w.get(f"/deployments?sha={w.head_sha}")),
    ),
    "deployment status": Write(
        r"/statuses$",
        lambda w: w.adapter().upsert_deployment(deployment(w)),
        lambda w: len(
            w.get(f"/deployments/{w.get('/deployments?sha=' + w.head_sha)[0]['id']}/statuses")
        ),
    ),
}


@pytest.mark.parametrize("kind", ["error_before", "error_after"])
@pytest.mark.parametrize("name", WRITES)
def test_write__whose_answer_was_lost_is_there_once(
    world: ServedPull, name: str, kind: str
) -> None:
    world.hub.faults.add(Fault("POST", WRITES[name].path, kind))  # type: ignore[arg-type]
    WRITES[name].act(world)
    assert WRITES[name].count(world) == 1
    assert not world.hub.faults.pending


def test_write__lost_and_not_listed_at_first_is_looked_for_before_it_is_made_again() -> None:
    made: list[str] = []
    looks = iter([None, None, None, "made"])
    lost = Retryable(errors.CannotReachGitHub("502"), is_unsure=True)

    def create() -> str:
        made.append("made")
        raise lost

    patience = RetryPolicy(sleep=lambda _: None)
    assert patience.create_once(find=lambda: next(looks), create=create) == "made"
    assert len(made) == 1


def test_comment__not_listed_at_first_is_still_only_one(world: ServedPull) -> None:
    world.hub.faults.add(Fault("POST", r"/comments$", "lag", requests=2))
    comment(world)
    world.comments()
    comment(world)
    assert world.comments() == [("octocat", BODY)]


def test_comment__an_update_that_was_lost_is_made_again(world: ServedPull) -> None:
    comment(world)
    world.hub.faults.add(Fault("PATCH", r"/comments/\d+$", "error_before", times=2))
    world.adapter().upsert_comment(world.number, marker=MARKER, body=f"merged {MARKER}")
    assert world.comments() == [("octocat", f"merged {MARKER}")]


def test_comment__made_twice_by_two_jobs_becomes_one_again(world: ServedPull) -> None:
    for text in ("one", "two"):
        world.send("POST", f"/issues/{world.number}/comments", {"body": f"{text} {MARKER}"})
    world.send("POST", f"/issues/{world.number}/comments", {"body": "a person's"})
    comment(world)
    assert world.comments() == [("octocat", BODY), ("octocat", "a person's")]


def test_comment__ours_is_found_behind_a_page_of_others(world: ServedPull) -> None:
    comment(world)
    for number in range(101):
        world.send("POST", f"/issues/{world.number}/comments", {"body": f"chat {number}"})
    github = world.adapter(login="octocat")
    github.upsert_comment(world.number, marker=MARKER, body=f"merged {MARKER}")
    assert world.comments()[0] == ("octocat", f"merged {MARKER}")


def test_check__cut_off_between_batches_is_finished_by_the_next_run(world: ServedPull) -> None:
    world.hub.faults.add(Fault("PATCH", r"/check-runs/\d+$", "error_before", times=12))
    with pytest.raises(errors.CannotReachGitHub):
        world.adapter().upsert_check(check(world, 120))
    world.hub.faults.clear()
    world.adapter().upsert_check(check(world, 120))
    runs = world.check_runs()
    assert [run["output"]["annotations_count"] for run in runs] == [120]


def test_check__annotations_that_no_longer_hold_are_in_no_newest_run(world: ServedPull) -> None:
    world.adapter().upsert_check(check(world, 3))
    world.adapter().upsert_check(check(world, 1))
    newest = max(world.check_runs(), key=lambda run: run["id"])
    assert newest["output"]["annotations_count"] == 1


def test_rate_limit__waits_as_long_as_github_requires(world: ServedPull) -> None:
    world.hub.faults.add(Fault("POST", r"/comments$", "rate_limit", retry_after=7))
    comment(world)
    assert world.waits == [7.0]
    assert len(world.comments()) == 1


def test_rate_limit__without_a_word_waits_a_minute(world: ServedPull) -> None:
    world.hub.faults.add(Fault("GET", r"/pulls/\d+$", "rate_limit_no_header"))
    assert world.adapter().find_pull(world.number) is not None
    assert world.waits == [60.0]


def test_rate_limit__beyond_our_patience_says_when_to_come_back(world: ServedPull) -> None:
    world.hub.faults.add(Fault("GET", r"/pulls/\d+$", "rate_limit", retry_after=3000))
    with pytest.raises(errors.CannotReachGitHub, match=r"GET .*/pulls/\d+") as caught:
        world.adapter().find_pull(world.number)
    assert "3000 s" in caught.value.hint
    assert world.waits == []


def test_forbidden__is_never_tried_again_and_names_permissions(world: ServedPull) -> None:
    world.hub.faults.add(Fault("POST", r"/comments$", "forbidden", times=5))
    world.hub.reset_counts()
    with pytest.raises(errors.CannotReachGitHub, match=r"POST .*/comments") as caught:
        comment(world)
    assert world.hub.count("POST", r"/comments$") == 1
    assert "permissions" in caught.value.hint


def test_read_only_token__is_refused_with_a_hint(world: ServedPull) -> None:
    token = world.hub.create_token("octocat", scopes={"issues": "read"})
    with pytest.raises(errors.CannotReachGitHub) as caught:
        world.adapter(token=token).upsert_comment(world.number, marker=MARKER, body=BODY)
    assert token not in str(caught.value)
    assert caught.value.exit_code == errors.EXIT_OUTSIDE


def test_server_that_stays_broken__ends_in_one_error_after_a_few_tries(world: ServedPull) -> None:
    world.hub.faults.add(Fault("GET", r"/pulls/\d+$", "error_before", times=99))
    with pytest.raises(errors.CannotReachGitHub, match="502"):
        world.adapter().find_pull(world.number)
    assert world.waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, *[30.0] * 5]


def test_closed_port__is_an_error_that_says_what_to_check() -> None:
    github = PyGithubAdapter(
        api_url="http://127.0.0.1:9/api",
        repository="acme/models",
        token="not-a-real-token",
        patience=RetryPolicy(sleep=lambda _: None),
    )
    with pytest.raises(errors.CannotReachGitHub) as caught:
        github.find_pull(1)
    assert "GITHUB_API_URL" in caught.value.hint
    assert "not-a-real-token" not in str(caught.value)


def test_login__of_an_app_is_the_one_in_the_settings(
    world: ServedPull,
) -> None:
    token = world.hub.create_token("interlock", bot=True)
    github = world.adapter(token=token, login="interlock[bot]")
    github.upsert_comment(world.number, marker=MARKER, body=BODY)
    github.upsert_comment(world.number, marker=MARKER, body=f"merged {MARKER}")
    assert world.comments() == [("interlock[bot]", f"merged {MARKER}")]


def test_login__without_a_setting_is_requested_before_anything_is_written(
    world: ServedPull,
) -> None:
    token = world.hub.create_token("interlock", bot=True)
    world.hub.faults.add(Fault("POST", r"/graphql$", "forbidden", times=9))
    with pytest.raises(errors.CannotReachGitHub) as caught:
        world.adapter(token=token).upsert_comment(world.number, marker=MARKER, body=BODY)
    assert "INTERLOCK_GITHUB_LOGIN" in caught.value.hint
    assert world.comments() == []


def test_bad_address__is_a_setting_to_fix() -> None:
    with pytest.raises(errors.MissingSetting, match="GITHUB_API_URL"):
        PyGithubAdapter(api_url="github", repository="acme/models", token="none")


def test_rate_limit__without_a_word_waits_longer_each_time_and_then_gives_up(
    world: ServedPull,
) -> None:
    world.hub.faults.add(Fault("GET", r"/pulls/\d+$", "rate_limit_no_header", times=9))
    with pytest.raises(errors.CannotReachGitHub, match="limits our requests"):
        world.adapter().find_pull(world.number)
    assert world.waits == [60.0, 120.0]


def test_rate_limit__of_the_hour_waits_until_it_is_over(world: ServedPull) -> None:
    token = world.hub.create_token("octocat")
    github = world.adapter(token=token, now=lambda: reset - 30.0)
    headers = {"Authorization": f"Bearer {token}"}
    reset = int(world.client.get("/api/user", headers=headers).headers["x-ratelimit-reset"])
    world.hub.instance.meter.limit, limit = 1, world.hub.instance.meter.limit
    try:
        with pytest.raises(errors.CannotReachGitHub, match="rate limit exceeded"):
            github.find_pull(world.number)
    finally:
        world.hub.instance.meter.limit = limit
    assert world.waits == [30.0] * 10  # and not an eleventh: five minutes are over


def test_timeout__after_the_effect_is_looked_for(world: ServedPull) -> None:
    world.hub.faults.add(Fault("POST", r"/comments$", "slow_after", seconds=1.5))
    github = world.adapter(timeout_seconds=1)
    github.upsert_comment(world.number, marker=MARKER, body=BODY)
    assert world.hub.count("POST", r"/comments$") == 0  # the answer is still to come
    assert world.comments() == [("octocat", BODY)]


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (["RATE_LIMITED"], 429),
        (["FORBIDDEN"], 403),
        (["NOT_FOUND"], 404),
        (["SERVICE_UNAVAILABLE"], 400),
        ([], 400),
        (["FORBIDDEN", "RATE_LIMITED"], 429),
    ],
)
def test_errors_of_graphql__are_judged_as_rests(kinds: list[str], status: int) -> None:
    """They come with a status of 200, and say what they are in words."""
    assert failures.graphql_status([{"type": kind, "message": "m"} for kind in kinds]) == status
    assert failures.graphql_status(["no object", {"message": "no type"}]) == 400


@pytest.mark.parametrize("answer", [b'{"annotations": []}', b'"no"', b"[1]", b"null", b'{"a": 1}'])
def test_list__of_another_form_than_githubs_is_an_error_and_no_bug(answer: bytes) -> None:
    """Some proxy or stand-in answers in GitHub's place."""

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        github = PyGithubAdapter(
            api_url=f"http://127.0.0.1:{server.server_port}",
            repository="acme/models",
            token="t",
            login="octocat",
        )
        with pytest.raises(errors.CannotReachGitHub, match="is not GitHub's"):
            github.reviews(1)
        server.shutdown()
