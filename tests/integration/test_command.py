"""Comments on a GitHub on loopback, answered through the one adapter; the ledger is in its Git."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

import github_sandbox
from interlock import cli, documents, event_payload
from interlock.adapters import git
from interlock.adapters.github import PyGithubAdapter, RetryPolicy
from interlock.adapters.ledger import GitLedger
from interlock.commands import command as commanding
from interlock.commands.ledger import LedgerContext, show, verify
from interlock.domain.access.command_record import CommandOutcome
from interlock.domain.access.command_reply import CommandReply
from interlock.domain.evaluation.verdict import Outcome as Judged
from interlock.domain.promotion.hold import HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.ledger import lookup
from tests.docs import documents as printed
from tests.fakes.scene import Scene, run

NOW = "2030-01-01T12:00:00+00:00"
PEOPLE = {"octocat": "write", "mona": "admin", "hubot": "read"}
_NUMBERS = count(1)


@dataclass
class World:
    """A repository with a deployed model and pull request 1; its events."""

    hub: github_sandbox.Sandbox
    url: str
    name: str
    scene: Scene
    tokens: dict[str, str]
    events: list[github_sandbox.Event] = field(default_factory=list)
    clones: Iterator[int] = field(default_factory=lambda: count(1))

    def send(self, method: str, path: str, body: object = None, *, by: str = "octocat") -> Any:
        answer = httpx.request(
            method,
            f"{self.url}/api/repos/{self.name}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.tokens[by]}"},
        )
        answer.raise_for_status()
        return answer.json()

    @cached_property
    def job(self) -> Path:
        return self.clone()

    def clone(self) -> Path:
        """A job's own checkout."""
        folder = self.scene.folder / f"job-{next(self.clones)}"
        address = self.hub.git_url(self.name, self.tokens["interlock"])
        run(self.scene.folder, "clone", "--quiet", "--branch=main", address, folder.name)
        return folder

    def push(self, c: float) -> str:
        head = self.scene.commit(c, push=False)
        run(self.scene.checkout, "push", "--quiet", "--force", "origin", "HEAD:refs/heads/better")
        return head

    def say(self, text: str, *, by: str = "octocat") -> github_sandbox.Event:
        self.send("POST", "/issues/1/comments", {"body": text}, by=by)
        return self.events[-1]

    def answer(self, event: github_sandbox.Event, *, job: Path | None = None) -> CommandReply:
        repository = git.open_repository(job or self.job)
        answer = commanding.run(
            commanding.CommandContext(
                repository=repository,
                ledger=GitLedger(repository),
                github=PyGithubAdapter(
                    api_url=f"{self.url}/api",
                    repository=self.name,
                    token=self.tokens["interlock"],
                    login="interlock[bot]",
                    patience=RetryPolicy(sleep=lambda _: None),
                ),
            ),
            commanding.CommandOptions(
                event=event_payload.read(event.name, json.dumps(event.payload).encode()),
                now=NOW,
                run_url=f"{self.url}/{self.name}/actions/runs/{next(_NUMBERS)}",
            ),
        )
        printed.check(json.loads(json.dumps(commanding.document(answer))))
        return answer

    def reactions(self, event: github_sandbox.Event) -> list[tuple[str, str]]:
        items = self.send("GET", f"/issues/comments/{event.payload['comment']['id']}/reactions")
        return [(each["user"]["login"], each["content"]) for each in items]

    @property
    def ledger(self) -> GitLedger:
        ledger = GitLedger(git.open_repository(self.job))
        ledger.refresh()
        return ledger

    def records(self) -> list[tuple[str, str]]:
        return [(each.by, each.outcome.value) for each in lookup.commands(self.ledger, pull=1)]


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[github_sandbox.Sandbox, str]]:
    hub = github_sandbox.Sandbox(tmp_path_factory.mktemp("hub"))
    with hub.serve() as url:
        yield hub, url
    hub.close()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Two versions of a model, both served in turn, and a branch with a third."""
    scene = Scene(tmp_path_factory.mktemp("prepared")).create()
    serve(scene, scene.commit(1.0), 1)
    serve(scene, scene.commit(2.0), 2)
    run(scene.checkout, "switch", "--quiet", "--create", "better")
    scene.commit(3.0, push=False)
    return scene


@pytest.fixture
def world(served: tuple[github_sandbox.Sandbox, str], prepared: Scene, tmp_path: Path) -> World:
    hub, url = served
    name = f"acme/models-{next(_NUMBERS)}"
    hub.create_repository(name)
    for login, permission in PEOPLE.items():
        hub.create_user(login, repository=name, permission=permission)
    tokens = {login: hub.create_token(login) for login in PEOPLE}
    tokens["interlock"] = hub.create_token("interlock", bot=True)
    world = World(hub, url, name, prepared.copy(tmp_path), tokens)
    hub.on_event(lambda event: world.events.append(event) if event.repository == name else None)
    address = hub.git_url(name, tokens["octocat"])
    run(world.scene.checkout, "remote", "set-url", "origin", address)
    ledger = "refs/interlock/interlock-ledger:refs/heads/interlock-ledger"
    run(world.scene.checkout, "push", "--quiet", "origin", "main", "better", ledger)
    world.send("POST", "/pulls", {"title": "Better", "head": "better", "base": "main"})
    hub.reset_counts()
    return world


def serve(scene: Scene, revision: str, version: int) -> None:
    """Evidence of a revision of main, and the two records of its promotion."""
    ledger = GitLedger(scene.repository)
    ledger.refresh()
    before = lookup.champion(ledger, model="digits")
    scene.judge(revision, ledger)
    candidate = scene.train(revision)
    for phase, number in ((Phase.INTENT, None), (Phase.DONE, version)):
        act = Promotion(
            model="digits",
            kind=PromotionKind.PROMOTION,
            phase=phase,
            fingerprint=candidate.fingerprint,
            revision=revision,
            position=version,
            run_id=candidate.run_id,
            sha256=candidate.model.sha256,
            registry_name="digits",
            environments=("staging", "production"),
            at=NOW,
            version=number,
            replaces=before.fingerprint if before else None,
        )
        ledger.append({lookup.path_of(act): documents.dump(act)}, message=f"{phase}")


def test_train__the_head_by_a_user_with_write_access(world: World) -> None:
    head = world.scene.repository.resolve("better")
    event = world.say(f"/interlock train {head}\r\n\r\nPlease.")
    answer = world.answer(event)
    assert (answer.outcome, answer.sha, answer.next.train) == (CommandOutcome.STARTED, head, True)
    assert world.reactions(event) == [("interlock[bot]", "rocket")]
    assert world.records() == [("octocat", "started")]
    # Told twice, it is done once.
    again = world.answer(event)
    assert (again.outcome, again.next.train) == (CommandOutcome.IGNORED, False)
    assert world.reactions(event) == [("interlock[bot]", "rocket")]
    assert world.records() == [("octocat", "started")]


def test_train__a_newer_head(world: World) -> None:
    old = world.scene.repository.resolve("better")
    event = world.say(f"/interlock train {old}")
    new = world.push(4.0)
    answer = world.answer(event)
    why = f"the head is {new[:12]} now; review it and write a new comment"
    assert answer.sentence == f"/interlock train {old} did nothing: {why}"
    assert world.reactions(event) == [("interlock[bot]", "confused")]
    assert world.records() == [("octocat", "refused")]


def test_command__refuses_readers_strangers_and_apps(world: World) -> None:
    world.hub.create_user("mallory")
    world.tokens["mallory"] = world.hub.create_token("mallory")
    world.tokens["hubot[bot]"] = world.hub.create_token("hubot", bot=True)
    for by in ("hubot", "mallory", "hubot[bot]"):
        event = world.say("/interlock promote", by=by)
        answer = world.answer(event)
        assert (answer.outcome, answer.next.promote) == (CommandOutcome.REFUSED, False)
        assert world.reactions(event) == [("interlock[bot]", "confused")]
    event = world.say("/interlock plan", by="mallory")
    assert world.answer(event).next.plan
    assert world.records() == []


def test_command__ignores_a_forged_author(world: World) -> None:
    event = world.say("/interlock promote", by="hubot")
    event.payload["comment"]["user"]["login"] = "octocat"
    event.payload["comment"]["author_association"] = "OWNER"
    event.payload["sender"]["login"] = "octocat"
    assert world.answer(event).outcome is CommandOutcome.REFUSED


def test_command__edited_or_deleted_comment(world: World) -> None:
    event = world.say("/interlock help")
    path = f"/issues/comments/{event.payload['comment']['id']}"
    world.send("PATCH", path, {"body": "/interlock promote"})
    edited = world.events[-1]
    for each in (event, edited):
        assert world.answer(each).outcome is CommandOutcome.IGNORED
    assert world.reactions(event) == []
    gone = world.say("/interlock promote")
    address = f"{world.url}/api/repos/{world.name}/issues/comments/{gone.payload['comment']['id']}"
    bearer = {"Authorization": f"Bearer {world.tokens['octocat']}"}
    assert httpx.delete(address, headers=bearer).status_code == 204
    assert world.answer(gone).sentence == "the comment was deleted"
    assert world.records() == []


def test_command__two_at_once_from_two_clones(world: World) -> None:
    sent = [world.say(f"/interlock hold digits reason {n}") for n in range(2)]
    jobs = [(event, world.clone()) for event in sent for _ in range(2)]  # each is delivered twice
    answers: list[CommandReply] = []
    gate = threading.Barrier(len(jobs))

    def job(event: github_sandbox.Event, folder: Path) -> None:
        gate.wait()
        answers.append(world.answer(event, job=folder))

    threads = [threading.Thread(target=job, args=each) for each in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = sorted(answer.outcome.value for answer in answers)
    assert outcomes == ["done", "ignored", "ignored", "refused"]
    holds = lookup.holds(world.ledger, model="digits")
    assert [(each.epoch, each.step) for each in holds] == [(1, HoldStep.HOLD)]
    assert sorted(outcome for _, outcome in world.records()) == ["done", "refused"]


def test_review__accepts_unless_it_is_dismissed(world: World) -> None:
    head = world.scene.repository.resolve("better")
    world.scene.judge(head, GitLedger(world.scene.repository), outcome=Judged.INCONCLUSIVE)
    made = world.send("POST", "/pulls/1/reviews", {"event": "APPROVE"}, by="mona")
    event = world.events[-1]
    path = f"/pulls/1/reviews/{made['id']}/dismissals"
    world.send("PUT", path, {"message": "Not yet."})
    assert world.answer(event).outcome is CommandOutcome.IGNORED
    assert world.answer(world.events[-1]).outcome is CommandOutcome.IGNORED
    world.send("POST", "/pulls/1/reviews", {"event": "APPROVE", "commit_id": head}, by="mona")
    answer = world.answer(world.events[-1])
    assert (answer.outcome, answer.models) == (CommandOutcome.DONE, ("digits",))
    fingerprint = world.scene.fingerprint(head)
    (word,) = lookup.acceptances(world.ledger, model="digits", fingerprint=fingerprint)
    assert (word.by, word.reason, word.revision) == ("mona", "approving review", head)


def test_ledger__with_holds_rollbacks_and_releases_is_valid(world: World) -> None:
    texts = ["hold digits why", "rollback digits", "rollback digits", "release digits", "help", "?"]
    outcomes = [world.answer(world.say(f"/interlock {text}")).outcome.value for text in texts]
    assert outcomes == ["done", "started", "started", "done", "done", "refused"]
    repository = git.open_repository(world.job)
    ledger = GitLedger(repository)
    ledger.refresh()
    context = LedgerContext(repository=repository, ledger=ledger)
    assert verify.run(context, verify.VerifyOptions()).violations == ()
    digits = show.run(context, show.ShowOptions(name="digits")).content
    assert isinstance(digits, show.ModelRecords)
    assert len(digits.records["holds"]) == 4
    for path in ledger.list("holds") + ledger.list("commands"):
        record = show.run(context, show.ShowOptions(name=path)).content
        assert isinstance(record, dict)
        printed.check(record)


def test_cli__event_and_outputs(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    head = world.scene.repository.resolve("better")
    event = world.say(f"/interlock train {head}")
    file, output = tmp_path / "event.json", tmp_path / "output"
    file.write_text(json.dumps(event.payload))
    for name, value in {
        "GITHUB_API_URL": f"{world.url}/api",
        "GITHUB_REPOSITORY": world.name,
        "GITHUB_TOKEN": world.tokens["interlock"],
        "INTERLOCK_GITHUB_LOGIN": "interlock[bot]",
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_EVENT_NAME": event.name,
        "GITHUB_OUTPUT": str(output),
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        cli.main(["command", "--repo", str(world.job), "--json"])
    assert ended.value.code == 0
    document = json.loads(capsys.readouterr().out)
    printed.check(document)
    assert (document["outcome"], document["pull"], document["sha"]) == ("started", 1, head)
    lines = output.read_text().splitlines()
    results = {
        name.partition("<<")[0]: value for name, value in zip(lines[::3], lines[1::3], strict=True)
    }
    assert results == {
        "outcome": "started",
        "pull": "1",
        "sha": head,
        "base": document["base"],
        "models": "",
        "train": "true",
        "evaluate": "true",
        "promote": "false",
        "report": "true",
        "plan": "true",
        "retrain": "false",
    }
