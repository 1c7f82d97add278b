"""A repository and a pull request that are injections throughout: the command line on real Git,
against a GitHub on loopback. Every payload stands in at least one place; none is carried out.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

import github_sandbox
from interlock import cli
from interlock.adapters.ledger import GitLedger
from interlock.domain.evaluation.verdict import Outcome
from tests.canaries import eyes, payloads
from tests.fakes.scene import IDENTITY, Scene
from tests.github_pulls import REPOSITORY

FOLDER = "model-manifests/digits"
# Fields of a manifest, each with every payload; what a schema refuses is refused in words of ours.
_EVERY = 12
MANIFEST = (
    "model",
    "owner",
    "objective",
    "task",
    "target",
    "output",
    "environment file",
    "runner label",
    "slice",
    "metric",
    "environment",
    "registry name",
)


class Place:
    """`head` is the branch's last commit; `said` is what the last command printed."""

    def __init__(self, folder: Path, hub: github_sandbox.Sandbox, url: str) -> None:
        self.folder, self.hub, self.url = folder, hub, url
        self.canary = folder / "canary"
        self.token = hub.create_token("octocat")
        (folder / "work").mkdir()
        self.scene = Scene(folder / "work").create("digits")
        self.checkout = self.scene.checkout
        self.git("remote", "set-url", "origin", hub.git_url(REPOSITORY, self.token))
        self.scene.commit(1.0)
        self.counts: dict[str, int] = {}

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.checkout), *arguments],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **IDENTITY},
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        file = self.checkout / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        where = f"{self.url}/api/repos/{REPOSITORY}/{path}"
        return httpx.request(method, where, json=body, headers=headers)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("canaries")
    hub = github_sandbox.Sandbox(folder / "hub")
    hub.create_repository(REPOSITORY)
    hub.create_user("octocat", repository=REPOSITORY, permission="write")
    with hub.serve() as url:
        yield Place(folder, hub, url)
    hub.close()


@pytest.fixture
def run(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name, value in {
        "CANARY": str(place.canary),
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": f"{place.url}/api",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_TOKEN": place.token,
        "INTERLOCK_GITHUB_LOGIN": "",
        "GITHUB_STEP_SUMMARY": str(place.folder / "summary.md"),
        "GITHUB_OUTPUT": str(place.folder / "outputs"),
    }.items():
        monkeypatch.setenv(name, value)
    return Run(place, capsys)


class Run:
    """Runs a verb as a job does, and holds what it printed to what no canary may do."""

    def __init__(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        self._place, self._capsys = place, capsys

    def __call__(self, *arguments: str, where: Path | None = None) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([arguments[0], "--repo", str(where or self._place.checkout), *arguments[1:]])
        output = self._capsys.readouterr()
        code = int(str(ended.value.code or 0))
        assert code != 70, output.err[-2000:]
        ours = [
            line for line in output.err.split("\n") if not line.startswith(("::error ", "::warn"))
        ]
        assert eyes.steering(output.out) == []
        assert eyes.steering("\n".join(ours)) == []
        assert not self._place.canary.exists()
        return code, output.out, output.err


def _is_name(text: str) -> bool:
    """Whether a file can have the name, in one folder."""
    try:
        return 0 < len(os.fsencode(text)) < 200 and not {"/", "\0"} & set(text) and text != ".."
    except UnicodeEncodeError:
        return False


def _is_text(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


def _manifest(texts: dict[str, str]) -> str:
    """As JSON, which is YAML: every text arrives as it is."""
    return json.dumps(
        {
            "model": texts["model"],
            "owner": texts["owner"],
            "objective": texts["objective"],
            "task": texts["task"],
            "pipeline": {"target": texts["target"]},
            "outputs": {"model": texts["output"], "predictions": "predictions.csv"},
            "environment": [texts["environment file"]],
            "runner": {"labels": [texts["runner label"]]},
            "evaluate": {"primary": "f1_macro", "slices": [texts["slice"]]},
            "gates": [{"metric": texts["metric"], "min": 0.5}],
            "promote": {
                "environments": [texts["environment"]],
                "registry_name": texts["registry name"],
            },
        }
    )


def test_validate__refuses_or_takes_every_payload_in_every_field_of_a_manifest(
    place: Place, run: Run, tmp_path: Path
) -> None:
    every = [p.text for p in payloads.ALL]
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    for row in range(len(every)):
        texts = {f: every[(row + j) % len(every)] for j, f in enumerate(MANIFEST)}
        folder = tmp_path / "model-manifests" / f"m{row:03}"
        folder.mkdir(parents=True)
        (folder / "model.yaml").write_text(_manifest(texts), "utf-8")
    code, out, text = run("validate", "--json", where=tmp_path)
    value = json.loads(out)["diagnostics"]
    assert code == 2
    assert {d["path"].split("/")[1] for d in value} == {f"m{r:03}" for r in range(len(every))}
    commands = [line for line in text.split("\n") if line.startswith("::")]
    assert len(commands) == len(value)
    print(f"\n{len(every)} payloads × {len(MANIFEST)} fields of a manifest: {len(value)} refusals")


def _fill(place: Place) -> None:
    """Every payload as a parameter's name and value, and as the name of a file that is read."""
    names = [p.text for p in payloads.ALL if _is_name(p.text)]
    texts = [p.text for p in payloads.SHORT if _is_text(p.text)]
    for number, name in enumerate(names):
        place.write(f"{FOLDER}/code/{name}", f"# {number}\n")
    place.write(os.fsdecode(f"{FOLDER}/code/".encode() + b"no text \xff\xfe"), "")
    params = {f"k{n:03} {text}": text for n, text in enumerate(texts)}
    stage = {
        "cmd": "python train.py",
        "deps": ["train.py", "code"],
        "params": ["train"],
        "outs": ["model", "predictions.csv"],
    }
    place.write(f"{FOLDER}/dvc.yaml", json.dumps({"stages": {"train": stage}}))
    place.write(f"{FOLDER}/params.yaml", yaml.safe_dump({"train": params}, width=1_000_000))
    place.counts = {"file names": len(names), "parameter names and values": len(texts)}


def _branch(place: Place) -> str:
    return "x/$(touch${IFS}$CANARY);`touch${IFS}$CANARY`&'\"@octocat#1"


def test_pull_request__with_injections_everywhere_is_planned_and_reported(
    place: Place, run: Run
) -> None:
    everything = "\n".join(
        p.text for p in payloads.SHORT if _is_text(p.text) and "\0" not in p.text
    )
    branch = _branch(place)
    place.git("switch", "--quiet", "--create", branch)
    _fill(place)
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message", everything)
    place.git("push", "--quiet", "origin", branch)
    head = place.git("rev-parse", "HEAD")
    title = "$(touch $CANARY) ::error::forged @octocat fixes #1 <script>"
    opened = place.ask(
        "POST", "pulls", {"title": title, "body": everything, "head": branch, "base": "main"}
    )
    assert opened.status_code == 201, opened.text
    number = opened.json()["number"]

    code, out, _ = run("plan", "--base", "main", "--head", head, "--json")
    (model,) = json.loads(out)["models"]
    assert (code, model["decision"]) == (0, "train"), model["sentence"]
    reasons = "".join(eyes.skeleton(r["sentence"] + r["name"]) for r in model["reasons"])
    lost = [p.text for p in payloads.SHORT if _is_text(p.text) and not _is_in(p.text, reasons)]
    assert lost == []
    assert run("plan", "--base", "main", "--head", head)[0] == 0
    assert set(eyes.outputs((place.folder / "outputs").read_text())) == {
        "train",
        "wait",
        "judge",
        "base",
        "head",
    }

    ledger = GitLedger(place.scene.repository)
    ledger.refresh()
    place.scene.judge(head, ledger, outcome=Outcome.INCONCLUSIVE)
    assert run("report", "--pull", str(number))[0] == 0
    assert run("report", "--pull", str(number), "--dry-run")[0] == 0
    (comment,) = place.ask("GET", f"issues/{number}/comments").json()
    _is_still(comment["body"])
    _is_still((place.folder / "summary.md").read_text())
    (check,) = place.ask("GET", f"commits/{head}/check-runs").json()["check_runs"]
    for text in (check["output"]["summary"], check["output"]["text"] or ""):
        _is_still(text)
    print(f"\n{place.counts}, and a title, a body, a branch and a commit message")


def _is_in(text: str, bones: str) -> bool:
    """Where a plan spells a name out, as a string of JSON or of Python."""
    return eyes.skeleton(text).replace("\\", "")[:12] in bones.replace("\\", "")


def _is_still(text: str) -> None:
    page = eyes.look(text)
    assert page.links == []
    assert page.noticed == []
    assert not {"h1", "hr", "script", "input"} & set(page.tags)
    assert page.tags.count("details") == page.tags.count("/details")


def test_words__of_anybody_are_answered_and_never_obeyed(place: Place, run: Run) -> None:
    """Every so many: the rest is the parser's own test, and each costs Git a look at the ledger."""
    texts = [p.text.replace("\0", "") for p in payloads.ALL[::_EVERY] if _is_text(p.text)]
    for text in texts:
        for command in (f"/interlock {text}", f"/interlock hold digits {text}"):
            code, out, shown = run("command", "--text", command, "--by", "octocat")
            assert code in {1, 2}, (command, out, shown)
    print(f"\n{len(texts)} payloads as commands, and as reasons")


def test_revisions__that_are_options_paths_or_commands_are_none(place: Place, run: Run) -> None:
    kinds = {"shell", "option", "path", "command"}
    texts = [p.text for p in payloads.SHORT if p.kind in kinds and _is_text(p.text)]
    for text in texts[::3]:
        code, _, shown = run("plan", f"--head={text}")
        # Some are Git's own way to name a commit, and name one.
        assert code == 0 or (code == 2 and "there is no revision" in shown), (text, shown)
    for text in texts[::6]:
        assert run("ledger", "show", "--", f"{text}/x")[0] == 2
