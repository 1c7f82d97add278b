"""A pull request with an injection in every field, with the workflow files under act.

A text that a shell, an expression or Git executes creates a file named `canary`.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests import planted
from tests.act.conftest import ActSession, failed, jobs
from tests.canaries import eyes

FOLDER = Path("model-manifests/digits")
BRANCH = "x/$(touch${IFS}canary);`touch${IFS}canary`|touch${IFS}canary&'\"${{github.token}}"
TEXT = "\"; touch canary; ' $(touch canary) `touch canary` ${{ github.token }} @octocat fixes #1"
TITLE = f"{TEXT} ::error::forged"
BODY = (
    f"{TEXT}\n\n::error::forged\n##[error]forged\n\n```\n<script>alert(1)</script>\nEOF\ntrain=[]\n"
)
# In a pipeline file `${` starts a DVC template: not here.
CODE = "it's $(touch canary) `touch canary` & @octocat fixes #1 ; touch canary.py"
LOCK = "--output=canary $(touch canary).lock"
PARAMETER = "$(touch canary) @octocat"
LOG = ["::error::forged", "##[error]forged", "  ::set-output name=train::[]", "::add-mask::digits"]


def propose(session: ActSession) -> int:
    """Open a pull request from a branch of the repository, so that it trains; its number."""
    octocat = session.project.user
    octocat.start_branch("x")
    folder = octocat.folder / FOLDER
    (folder / CODE).write_text("# a dependency\n")
    (folder / LOCK).write_text("a==1\n")
    edit = octocat.replace
    edit(
        f"{FOLDER}/dvc.yaml",
        "      - train.py\n",
        f"      - train.py\n      - {json.dumps(CODE)}\n",
    )
    edit(
        f"{FOLDER}/dvc.yaml",
        "      - classifier.c\n",
        f"      - classifier.c\n      - {json.dumps(f'classifier.{PARAMETER}')}\n",
    )
    edit(
        f"{FOLDER}/params.yaml",
        "  c: 1.0 ",
        f"  {json.dumps(PARAMETER)}: {json.dumps(TEXT)}\n  c: 100.0 ",
    )
    edit(f"{FOLDER}/model.yaml", "[../../uv.lock,", f"[{json.dumps(LOCK)}, ../../uv.lock,")
    objective = (folder / "model.yaml").read_text().partition("objective: ")[2].partition("\n")[0]
    edit(f"{FOLDER}/model.yaml", objective, json.dumps(TEXT))
    prints = "".join(f"    print({line!r}, flush=True)\n" for line in LOG)
    edit(f"{FOLDER}/train.py", "def main() -> None:\n", f"def main() -> None:\n{prints}")
    octocat.commit_and_push(BRANCH, BODY)
    return octocat.open_pull(BRANCH, title=TITLE, body=BODY)


def canaries(session: ActSession) -> list[Path]:
    """Files that an injection created, in every folder of the jobs."""
    ours = {CODE, LOCK}
    paths = session.project.folder.rglob("*canary*")
    return [path for path in paths if path.name not in ours and "x" not in path.parts]


def test_workflows__execute_no_text_of_a_pull_request(session: ActSession) -> None:
    number = propose(session)
    ran = session.run_pending()
    ended = jobs(ran)
    comments = session.project.user.request("GET", f"issues/{number}/comments").body["items"]
    (comment,) = [i["body"] for i in comments if i["user"]["login"] == "github-actions[bot]"]
    assert {"plan", "train", "evaluate", "report", "gate"} <= set(ended), comment
    assert set(ended.values()) == {"success"}, failed(ran)
    assert canaries(session) == []

    lines = [line for run in ran for line in run.output.splitlines()]
    assert [line for line in lines if "  ❗  ::" in line or "##[error]" in line] == []
    assert any(": :error::forged" in line for line in lines)

    assert comment.startswith("✅ **digits** passes"), comment[:400]
    page = eyes.look(comment)
    assert (page.links, page.noticed) == ([], [])
    bones = eyes.skeleton(page.text)
    for text in (CODE, LOCK, PARAMETER, TEXT):
        assert eyes.is_recognised(text, bones), text
    print(f"\n{len(ended)} jobs of a pull request with canaries in 10 fields; none sang")


def test_workflows__read_no_configuration_in_the_checkout(session: ActSession) -> None:
    """Programs that evaluate, promote and report start outside the checkout."""
    octocat = session.project.user
    octocat.start_branch("traps")
    sprung = session.project.folder / "sprung"
    count = len(planted.plant(octocat.folder, sprung))
    octocat.replace(f"{FOLDER}/params.yaml", "  c: 1.0 ", "  c: 50.0 ")
    octocat.git("add", "--force", "--all")
    octocat.commit_and_push("traps", "Plant what programs read where they start")
    octocat.open_pull("traps", title="Plant", body="What programs read where they start")
    ran = session.run_pending()
    ended = jobs(ran)
    assert {"plan", "train", "evaluate", "report", "gate"} <= set(ended)
    assert set(ended.values()) == {"success"}, failed(ran)
    assert not sprung.exists(), sprung.read_text()
    assert "canary.key" not in "".join(run.output for run in ran)
    print(f"\n{count} files planted in a checkout; {len(ended)} jobs obeyed none")
