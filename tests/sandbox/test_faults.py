"""Injected faults: each kind, its number of times, and random faults."""

from __future__ import annotations

import httpx
import pytest

from github_sandbox import Fault, RandomFaults
from github_sandbox.rate_limits import Usage

from .scene import API, Scene

COMMENTS = r"/comments$"


def comment(scene: Scene) -> int:
    return scene.post("/issues/1/comments", body="Hi.").status_code


def bodies(scene: Scene) -> int:
    return len(scene.get("/issues/1/comments"))


@pytest.fixture(autouse=True)
def _pull(scene: Scene) -> None:
    scene.open_pull()
    scene.hub.reset_counts()


def test_error_before__has_no_effect(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "error_before", status=503, times=2))
    assert [comment(scene) for _ in range(3)] == [503, 503, 201]
    assert bodies(scene) == 1


def test_error_after__has_its_effect_and_emits_an_event(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "error_after"))
    assert comment(scene) == 502
    assert bodies(scene) == 1
    assert scene.names()[-1] == "issue_comment.created"


def test_rate_limit__has_retry_after(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "rate_limit", retry_after=7))
    answer = scene.post("/issues/1/comments", body="Hi.")
    assert (answer.status_code, answer.headers["retry-after"]) == (403, "7")
    scene.hub.faults.add(Fault("POST", COMMENTS, "rate_limit", status=429))
    answer = scene.post("/issues/1/comments", body="Hi.")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


def test_rate_limit_no_header__has_no_retry_after(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "rate_limit_no_header"))
    answer = scene.post("/issues/1/comments", body="Hi.")
    assert answer.status_code == 429
    assert not {"retry-after", "x-ratelimit-reset"} & set(answer.headers)


def test_forbidden__is_a_missing_scope(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "forbidden"))
    answer = scene.post("/issues/1/comments", body="Hi.")
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "Resource not accessible by integration",
    )


def test_slow__responds_after_a_delay(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "slow", seconds=0.05))
    answer = scene.post("/issues/1/comments", body="Hi.")
    assert answer.status_code == 201
    assert answer.elapsed.total_seconds() >= 0.05


def test_lag__hides_the_created_object_from_lists_only(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "lag", requests=2))
    made = scene.post("/issues/1/comments", body="Hi.").json()
    assert scene.send("GET", f"/issues/comments/{made['id']}").status_code == 200
    assert [bodies(scene) for _ in range(3)] == [0, 0, 1]


def test_lag__counts_wrapped_lists_too(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", r"/check-runs$", "lag", requests=1))
    scene.pass_check(scene.clone.head())
    path = f"/commits/{scene.clone.head()}/check-runs"
    assert [scene.get(path)["total_count"] for _ in range(2)] == [0, 1]


def test_fault__affects_matching_requests_only(scene: Scene) -> None:
    scene.hub.faults.add(Fault("PATCH", r"/comments/\d+$", "error_before"))
    assert comment(scene) == 201
    assert len(scene.hub.faults.pending) == 1
    scene.hub.faults.clear()
    assert not scene.hub.faults.pending


def test_fault__affects_a_push_too(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", r"git-receive-pack$", "error_after", status=500))
    scene.clone.commit({"more.txt": "more\n"}, "More")
    scene.clone.push("topic", ok=False)
    assert scene.get("/pulls/1")["head"]["sha"] == scene.clone.head()


def test_requests__are_logged_and_counted(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "error_before"))
    comment(scene)
    comment(scene)
    path = f"{API}/issues/1/comments"
    assert scene.hub.requests == [("POST", path, 502), ("POST", path, 201)]
    assert scene.hub.count("post", COMMENTS) == 2
    assert scene.hub.count(path_pattern="/pulls") == 0
    scene.hub.reset_counts()
    assert scene.hub.count() == 0


def test_reset_before__has_no_effect_and_no_response(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "reset_before"))
    with pytest.raises(httpx.RemoteProtocolError):
        comment(scene)
    assert bodies(scene) == 0


def test_reset_after__has_its_effect_and_no_response(scene: Scene) -> None:
    scene.hub.faults.add(Fault("POST", COMMENTS, "reset_after"))
    with pytest.raises(httpx.RemoteProtocolError):
        comment(scene)
    assert bodies(scene) == 1
    assert ("POST", f"{API}/issues/1/comments", 0) in scene.hub.requests


def test_fault__of_one_page_of_a_list(scene: Scene) -> None:
    scene.hub.faults.add(Fault("GET", r"comments\?.*page=2", "error_before"))
    pages = [
        scene.send("GET", f"/issues/1/comments?per_page=1&page={page}").status_code
        for page in (1, 2, 2)
    ]
    assert pages == [200, 502, 200]


def test_random_faults__are_the_same_for_the_same_seed_until_clear(scene: Scene) -> None:
    def codes(seed: int) -> list[int]:
        random_faults = RandomFaults(seed, 0.42, kinds=("error_before", "rate_limit"))
        scene.hub.faults.start(random_faults)
        codes = [scene.send("GET", "/pulls/1").status_code for _ in range(20)]
        assert random_faults.requests == 20
        assert random_faults.injected == len([code for code in codes if code != 200])
        return codes

    assert codes(1) == codes(1) != codes(2)
    scene.hub.faults.clear()
    assert scene.send("GET", "/pulls/1").status_code == 200


def test_usage__counts_calls_writes_and_content_but_no_304(scene: Scene) -> None:
    comment(scene)
    scene.post("/labels", name="judged", color="ededed")
    etag = scene.send("GET", "/pulls/1").headers["etag"]
    scene.hub.reset_counts()
    headers = {"If-None-Match": etag}
    assert scene.http.get(f"{API}/pulls/1", headers=headers).status_code == 304
    assert scene.hub.usage == Usage(calls=0, writes=0, content=0)
    scene.post("/labels", name="judged too", color="ededed")
    comment(scene)
    assert scene.hub.usage == Usage(calls=2, writes=2, content=1)
