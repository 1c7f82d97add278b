"""Comments, reviews and labels, within GitHub's limits."""

from __future__ import annotations

from .scene import REPOSITORY, Scene


def test_comment__is_created_listed_updated_and_deleted(scene: Scene) -> None:
    scene.open_pull()
    made = scene.post("/issues/1/comments", body="First.").json()
    assert made["user"]["login"] == "octocat"
    assert made["author_association"] == "COLLABORATOR"
    assert made["html_url"] == f"{scene.url}/{REPOSITORY}/pull/1#issuecomment-{made['id']}"
    path = f"/issues/comments/{made['id']}"
    assert scene.send("PATCH", path, json={"body": "Second."}).json()["body"] == "Second."
    assert [item["body"] for item in scene.get("/issues/1/comments")] == ["Second."]
    assert scene.send("DELETE", path).status_code == 204
    assert scene.send("GET", path).status_code == 404
    names = [name for name in scene.names() if name.startswith("issue_comment")]
    assert names == [f"issue_comment.{action}" for action in ("created", "edited", "deleted")]


def test_comment__over_the_limit_is_422(scene: Scene) -> None:
    scene.open_pull()
    # GitHub counts characters, not bytes.
    assert scene.post("/issues/1/comments", body="é" * 65_536).status_code == 201
    answer = scene.post("/issues/1/comments", body="é" * 65_537)
    assert answer.status_code == 422
    message = answer.json()["errors"][0]["message"]
    assert message == "body is too long (maximum is 65536 characters)"
    assert scene.post("/issues/1/comments", body="").status_code == 422
    assert scene.post("/issues/9/comments", body="Where?").status_code == 404


def test_comment__payload_has_no_commit(scene: Scene) -> None:
    sha = scene.open_pull()["head"]["sha"]
    scene.post("/issues/1/comments", body="/interlock train")
    payload = scene.events[-1].payload
    assert payload["issue"]["pull_request"]["url"].endswith("/pulls/1")
    assert sha not in str(payload)


def test_comment__of_another_needs_write_access(scene: Scene) -> None:
    scene.open_pull()
    made = scene.post("/issues/1/comments", body="Mine.").json()
    scene.hub.create_user("mona", repository=REPOSITORY, permission="read")
    mona = scene.bearer(scene.hub.create_token("mona"))
    path = f"/issues/comments/{made['id']}"
    assert scene.send("PATCH", path, json={"body": "No."}, headers=mona).status_code == 403
    answer = scene.send("POST", "/issues/1/comments", json={"body": "Hi."}, headers=mona)
    assert (answer.status_code, answer.json()["author_association"]) == (201, "NONE")


def test_commit_comment__is_created_listed_updated_and_deleted(scene: Scene) -> None:
    sha = scene.clone.head()
    made = scene.post(f"/commits/{sha}/comments", body="Drift began here.")
    assert made.status_code == 201
    comment = made.json()
    assert (comment["commit_id"], comment["user"]["login"]) == (sha, "octocat")
    assert (
        comment["html_url"]
        == f"{scene.url}/{REPOSITORY}/commit/{sha}#commitcomment-{comment['id']}"
    )
    assert scene.names()[-1] == "commit_comment.created"
    line = {"body": "This line.", "path": "a.txt", "position": 2}
    assert scene.send("POST", f"/commits/{sha}/comments", json=line).json()["position"] == 2
    path = f"/comments/{comment['id']}"
    assert (
        scene.send("PATCH", path, json={"body": "It ended here."}).json()["body"]
        == "It ended here."
    )
    bodies = ["It ended here.", "This line."]
    assert [each["body"] for each in scene.get(f"/commits/{sha}/comments")] == bodies
    assert [each["body"] for each in scene.get("/comments")] == bodies
    assert scene.get(f"/commits/{sha}")["commit"]["comment_count"] == 2
    assert "It ended here." in scene.http.get(f"/{REPOSITORY}/commit/{sha}").text
    assert scene.send("DELETE", path).status_code == 204
    assert scene.send("GET", path).status_code == 404
    # It is no comment on a pull request.
    scene.open_pull()
    assert scene.get("/issues/1/comments") == []


def test_commit_comment__needs_a_commit_a_text_and_its_author(scene: Scene) -> None:
    sha = scene.clone.head()
    assert scene.post(f"/commits/{'0' * 40}/comments", body="Where?").status_code == 422
    assert scene.post(f"/commits/{sha}/comments", body="").status_code == 422
    assert scene.post(f"/commits/{sha}/comments", body="x", position="two").status_code == 422
    made = scene.post(f"/commits/{sha}/comments", body="Mine.").json()
    scene.hub.create_user("mona", repository=REPOSITORY, permission="read")
    mona = scene.bearer(scene.hub.create_token("mona"))
    path = f"/comments/{made['id']}"
    assert scene.send("PATCH", path, json={"body": "No."}, headers=mona).status_code == 403
    assert scene.send("DELETE", path, headers=mona).status_code == 403


def test_pages__link_to_one_another(scene: Scene) -> None:
    scene.open_pull()
    for number in range(105):
        scene.post("/issues/1/comments", body=f"{number}")
    answer = scene.send("GET", "/issues/1/comments", params={"per_page": 1000})
    assert len(answer.json()) == 100
    assert set(answer.links) == {"next", "last"}
    answer = scene.http.get(answer.links["next"]["url"])
    assert [item["body"] for item in answer.json()] == ["100", "101", "102", "103", "104"]
    assert set(answer.links) == {"prev", "first"}
    assert len(scene.get("/issues/1/comments")) == 30
    assert len(list(scene.github().get_pull(1).get_issue_comments())) == 105


def test_review__is_stored_and_emits_an_event(scene: Scene) -> None:
    scene.open_pull()
    scene.hub.create_user("mona", repository=REPOSITORY, permission="write")
    mona = scene.bearer(scene.hub.create_token("mona"))
    body = {"event": "APPROVE", "body": "Good."}
    answer = scene.send("POST", "/pulls/1/reviews", json=body, headers=mona)
    assert (answer.status_code, answer.json()["state"]) == (200, "APPROVED")
    assert scene.names()[-1] == "pull_request_review.submitted"
    assert scene.events[-1].payload["review"]["state"] == "approved"
    [review] = scene.get("/pulls/1/reviews")
    assert (review["user"]["login"], review["commit_id"]) == ("mona", scene.clone.head())


def test_review__of_the_author_cannot_approve(scene: Scene) -> None:
    scene.open_pull()
    assert scene.post("/pulls/1/reviews", event="APPROVE").status_code == 422
    assert scene.post("/pulls/1/reviews", event="COMMENT", body="Note.").status_code == 200
    assert scene.post("/pulls/1/reviews", event="COMMENT").status_code == 422


def test_labels__are_created_added_and_removed(scene: Scene) -> None:
    scene.open_pull()
    made = scene.post("/labels", name="drift: digits", color="ff0000")
    assert made.status_code == 201
    assert scene.post("/labels", name="Drift: Digits", color="00ff00").status_code == 422
    assert scene.post("/labels", name="x", color="#ff0000").status_code == 422
    pull = scene.github().get_pull(1)
    pull.add_to_labels("drift: digits", "gpu")
    assert [label.name for label in pull.get_labels()] == ["drift: digits", "gpu"]
    pull.remove_from_labels("drift: digits")
    assert [label["name"] for label in scene.get("/pulls/1")["labels"]] == ["gpu"]
    assert {label["name"] for label in scene.get("/labels")} == {"drift: digits", "gpu"}
    names = [name for name in scene.names() if "label" in name]
    assert names == ["pull_request.labeled"] * 2 + ["pull_request.unlabeled"]
    assert scene.send("DELETE", "/issues/1/labels/nothing").status_code == 404


def test_reaction__is_created_once_counted_and_deleted(scene: Scene) -> None:
    scene.open_pull()
    made = scene.post("/issues/1/comments", body="First.").json()
    path = f"/issues/comments/{made['id']}/reactions"
    before = scene.names()
    first = scene.post(path, content="rocket")
    again = scene.post(path, content="rocket")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert first.json()["user"]["login"] == "octocat"
    assert scene.post(path, content="+1").status_code == 201
    assert scene.post(path, content="thumbs").status_code == 422
    assert [each["content"] for each in scene.get(path)] == ["rocket", "+1"]
    assert [each["content"] for each in scene.get(path, content="+1")] == ["+1"]
    counted = scene.get(f"/issues/comments/{made['id']}")["reactions"]
    assert (counted["total_count"], counted["rocket"], counted["eyes"]) == (2, 1, 0)
    one = f"{path}/{first.json()['id']}"
    scene.hub.create_user("mona", repository=REPOSITORY, permission="read")
    mona = scene.bearer(scene.hub.create_token("mona"))
    assert scene.send("DELETE", one, headers=mona).status_code == 403
    assert scene.send("DELETE", one).status_code == 204
    assert scene.send("DELETE", one).status_code == 404
    assert [each["content"] for each in scene.get(path)] == ["+1"]
    assert scene.post("/issues/comments/4711/reactions", content="+1").status_code == 404
    # A reaction starts nothing.
    assert scene.names() == before


def test_review__has_its_commit_and_can_be_dismissed(scene: Scene) -> None:
    first = scene.open_pull()["head"]["sha"]
    scene.clone.commit({"more.txt": "more\n"}, "More")
    scene.clone.push("topic")
    scene.hub.create_user("mona", repository=REPOSITORY, permission="write")
    mona = scene.bearer(scene.hub.create_token("mona"))
    body = {"event": "APPROVE", "commit_id": first}
    made = scene.send("POST", "/pulls/1/reviews", json=body, headers=mona).json()
    assert made["commit_id"] == first != scene.clone.head()
    path = f"/pulls/1/reviews/{made['id']}/dismissals"
    assert scene.send("PUT", path, json={}).status_code == 422
    answer = scene.send("PUT", path, json={"message": "It has changed."})
    assert (answer.status_code, answer.json()["state"]) == (200, "DISMISSED")
    assert scene.names()[-1] == "pull_request_review.dismissed"
    assert [each["state"] for each in scene.get("/pulls/1/reviews")] == ["DISMISSED"]
    assert scene.send("PUT", path, json={"message": "Again."}).status_code == 422
    missing = scene.send("PUT", "/pulls/1/reviews/4711/dismissals", json={"message": "Which?"})
    assert missing.status_code == 404
