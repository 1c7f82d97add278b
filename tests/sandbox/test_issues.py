"""Issues, and requested reviews."""

from __future__ import annotations

from .scene import REPOSITORY, Scene


def test_issue__is_opened_listed_updated_closed_and_reopened(scene: Scene) -> None:
    made = scene.post("/issues", title="Broken feed", body="Why.", labels=["interlock"])
    assert made.status_code == 201
    issue = made.json()
    assert (issue["number"], issue["state"], issue["user"]["login"]) == (1, "open", "octocat")
    assert issue["html_url"] == f"{scene.url}/{REPOSITORY}/issues/1"
    assert "pull_request" not in issue
    change = {"title": "Feed is broken", "body": "Since noon."}
    assert scene.send("PATCH", "/issues/1", json=change).json()["title"] == "Feed is broken"
    closed = scene.send("PATCH", "/issues/1", json={"state": "closed"}).json()
    assert (closed["state"], closed["state_reason"]) == ("closed", "completed")
    assert closed["closed_at"]
    again = scene.send("PATCH", "/issues/1", json={"state": "open"}).json()
    assert (again["state"], again["closed_at"]) == ("open", None)
    names = [name for name in scene.names() if name.startswith("issues")]
    actions = ("opened", "labeled", "edited", "closed", "reopened")
    assert names == [f"issues.{action}" for action in actions]


def test_issue__shares_its_numbers_and_lists_with_pull_requests(scene: Scene) -> None:
    scene.post("/issues", title="First")
    assert scene.open_pull()["number"] == 2
    assert scene.send("GET", "/pulls/1").status_code == 404
    assert [("pull_request" in i, i["number"]) for i in scene.get("/issues")] == [
        (True, 2),
        (False, 1),
    ]


def test_issues__are_found_by_creator_label_and_state(scene: Scene) -> None:
    scene.post("/issues", title="Mine", labels=["interlock"])
    token = scene.hub.create_token("interlock", bot=True)
    body = {"title": "Ours", "labels": ["Interlock", "drift"]}
    scene.send("POST", "/issues", json=body, headers=scene.bearer(token))
    scene.send("PATCH", "/issues/1", json={"state": "closed", "state_reason": "not_planned"})

    def issues(**query: str) -> list[str]:
        return [issue["title"] for issue in scene.get("/issues", **query)]

    assert issues() == ["Ours"]
    assert issues(state="all", direction="asc") == ["Mine", "Ours"]
    assert issues(state="all", creator="interlock[bot]") == ["Ours"]
    assert issues(state="all", labels="interlock,drift") == ["Ours"]
    assert scene.send("GET", "/issues", params={"state": "odd"}).status_code == 422


def test_issue__of_another_user_requires_triage_access(scene: Scene) -> None:
    scene.post("/issues", title="Mine")
    scene.hub.create_user("mona", repository=REPOSITORY, permission="read")
    mona = scene.bearer(scene.hub.create_token("mona"))
    refused = scene.send("PATCH", "/issues/1", json={"state": "closed"}, headers=mona)
    assert refused.status_code == 403
    hers = scene.send("POST", "/issues", json={"title": "Hers", "labels": ["x"]}, headers=mona)
    assert (hers.status_code, hers.json()["labels"]) == (201, [])


def test_issue__is_commented_on(scene: Scene) -> None:
    scene.post("/issues", title="Broken feed")
    made = scene.post("/issues/1/comments", body="Still.").json()
    assert made["html_url"] == f"{scene.url}/{REPOSITORY}/issues/1#issuecomment-{made['id']}"
    assert scene.names()[-1] == "issue_comment.created"
    assert "pull_request" not in scene.events[-1].payload["issue"]


def test_reviewers__are_requested_once(scene: Scene) -> None:
    scene.open_pull()
    scene.hub.create_user("mona", repository=REPOSITORY, permission="write")
    for _ in range(2):
        answer = scene.post(
            "/pulls/1/requested_reviewers", reviewers=["mona"], team_reviewers=["vision"]
        )
        assert answer.status_code == 201
    pull = scene.get("/pulls/1")
    assert [user["login"] for user in pull["requested_reviewers"]] == ["mona"]
    assert [team["slug"] for team in pull["requested_teams"]] == ["vision"]
    assert scene.names().count("pull_request.review_requested") == 2


def test_reviewers__must_be_collaborators_and_not_the_author(scene: Scene) -> None:
    scene.open_pull()
    for login in ("octocat", "nobody-at-all"):
        answer = scene.post("/pulls/1/requested_reviewers", reviewers=[login])
        assert answer.status_code == 422
    assert scene.get("/pulls/1")["requested_reviewers"] == []


def test_page__of_issues_shows_one_in_full(scene: Scene) -> None:
    scene.post("/issues", title="Broken feed", body="Column **age** is gone.", labels=["data"])
    scene.post("/issues/1/comments", body="Still.")
    page = scene.http.get(f"/{REPOSITORY}/issues")
    assert page.status_code == 200
    assert "Broken feed" in page.text
    one = scene.http.get(f"/{REPOSITORY}/issues/1")
    assert "<strong>age</strong>" in one.text
    assert "Still." in one.text
    assert ">data<" in one.text
    assert scene.http.get(f"/{REPOSITORY}/issues/7").status_code == 404
