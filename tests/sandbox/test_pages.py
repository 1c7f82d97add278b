"""The pages: their content, their strict policy, and pictures in comments."""

from __future__ import annotations

import re
import zlib

import pytest

from .scene import REPOSITORY, Scene

BOX = "/acme/models"
PNG = b"\x89PNG\r\n\x1a\n" + zlib.compress(b"picture")


@pytest.fixture
def reported(scene: Scene) -> Scene:
    """A merged pull request with a comment and checks, and a picture on another branch."""
    scene.hub.require_check(REPOSITORY)
    pull = scene.open_pull(title="Better <b>trees</b>")
    sha = pull["head"]["sha"]
    bot = scene.bearer(scene.hub.create_token("interlock", bot=True))
    body = "## Better by 0.012\n\n| gate | observed |\n|---|--:|\n| `f1` | 0.96 |\n"
    body += "\n![plot](../blob/interlock-ledger/pictures/x.png?raw=true)\n<script>alert(1)</script>"
    scene.send("POST", "/issues/1/comments", json={"body": body}, headers=bot)
    output = {
        "title": "All gates pass",
        "summary": "It is **better**.",
        "annotations": [
            {
                "path": "a.txt",
                "start_line": 2,
                "end_line": 2,
                "annotation_level": "warning",
                "title": "Parameter",
                "message": "depth: 3 to 5",
            }
        ],
    }
    run = {"name": "interlock", "head_sha": sha, "conclusion": "success", "output": output}
    scene.send("POST", "/check-runs", json=run, headers=bot)
    scene.post(f"/statuses/{sha}", state="success", context="lint", description="clean")
    scene.merge(1, merge_method="squash")
    clone = scene.clone
    clone.git("checkout", "--quiet", "--orphan", "interlock-ledger")
    clone.git("rm", "-r", "--quiet", "--force", ".")
    (clone.folder / "pictures").mkdir()
    (clone.folder / "pictures" / "x.png").write_bytes(PNG)
    clone.commit({}, "Add a picture")
    clone.push("interlock-ledger")
    return scene


def page(scene: Scene, path: str, status: int = 200) -> str:
    answer = scene.http.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


EVERY = [
    "/",
    "/octocat",
    BOX,
    f"{BOX}/pulls",
    f"{BOX}/pulls?state=all",
    f"{BOX}/pull/1",
    f"{BOX}/pull/1/checks",
    f"{BOX}/pull/1/commits",
    f"{BOX}/issues",
    f"{BOX}/commit/main",
]


def test_every_page__has_no_script_and_a_strict_policy(reported: Scene) -> None:
    for path in EVERY:
        answer = reported.http.get(path)
        assert answer.status_code == 200, path
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "script" not in policy
        assert "unsafe" not in policy
        html = answer.text
        assert "<script" not in html
        assert not re.search(r"<[^>]+\son\w+=", html), path
        assert not re.search(r"<[^>]+\sstyle=", html), path
        addresses = re.findall(r'(?:src|href)="([^"]*)"', html)
        assert not [a for a in addresses if "//" in a and not a.startswith(reported.url)], path


def test_list__shows_titles_as_text_and_the_state_of_checks(reported: Scene) -> None:
    assert "There are no open pull requests." in page(reported, f"{BOX}/pulls")
    html = page(reported, f"{BOX}/pulls?state=closed")
    assert "Better &lt;b&gt;trees&lt;/b&gt;" in html
    assert 'aria-label="success"' in html
    assert "1 comment" in html


def test_conversation__shows_the_comment_as_github_does(reported: Scene) -> None:
    html = page(reported, f"{BOX}/pull/1")
    assert "<h2>Better by 0.012</h2>" in html
    assert '<td align="right">0.96</td>' in html
    assert '<img src="/acme/models/blob/interlock-ledger/pictures/x.png?raw=true"' in html
    assert "alert(1)" not in html
    assert "Pull request successfully merged and closed" in html
    assert "All gates pass" in html


def test_conversation__shows_the_reason_of_a_blocked_merge(scene: Scene) -> None:
    scene.hub.require_check(REPOSITORY)
    pull = scene.open_pull()
    scene.pass_check(pull["head"]["sha"], conclusion="failure")
    html = page(scene, f"{BOX}/pull/1")
    assert "Merging is blocked" in html
    assert "Required status check &#34;interlock&#34; is failing." in html
    scene.pass_check(pull["head"]["sha"])
    assert "This branch has no conflicts" in page(scene, f"{BOX}/pull/1")


def test_checks__show_summary_and_annotations(reported: Scene) -> None:
    html = page(reported, f"{BOX}/pull/1/checks")
    assert "It is <strong>better</strong>." in html
    assert "a.txt:2" in html
    assert "depth: 3 to 5" in html
    assert "lint" in html


def test_picture__in_a_comment_is_served_as_a_picture(reported: Scene) -> None:
    (address,) = re.findall(r'<img src="([^"]+)"', page(reported, f"{BOX}/pull/1"))
    answer = reported.http.get(address)
    assert (answer.headers["content-type"], answer.content) == ("image/png", PNG)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_raw_file__is_never_a_page(scene: Scene) -> None:
    scene.clone.commit({"x.html": "<script>alert(1)</script>", "x.svg": "<svg/>"}, "Pages")
    scene.clone.push("main")
    html = scene.http.get(f"{BOX}/blob/main/x.html?raw=true")
    assert html.headers["content-type"] == "text/plain; charset=utf-8"
    scene.clone.push("main:retrain/digits/1")
    svg = scene.http.get(f"{BOX}/blob/retrain/digits/1/x.svg?raw=true")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in svg.headers["content-security-policy"]


def test_page__that_does_not_exist_is_404(scene: Scene) -> None:
    for path in (
        "/acme/nothing",
        "/nobody-here",
        f"{BOX}/pull/9",
        f"{BOX}/blob/main/nothing",
        f"{BOX}/blob/nothing/a.txt",
        f"{BOX}/commit/nothing",
        "/static/..%2f..%2fsite.py",
    ):
        assert "404" in page(scene, path, status=404)
