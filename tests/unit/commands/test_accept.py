"""`accept`: the manual acceptance of one inconclusive evaluation at one commit."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from interlock import cli, errors
from interlock.adapters.ledger import GitLedger
from interlock.commands import accept
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Outcome
from interlock.ledger import lookup
from tests.docs import documents as printed
from tests.fakes.ledger import FakeLedger
from tests.fakes.scene import Scene, run


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    scene = Scene(tmp_path_factory.mktemp("evaluated")).create()
    scene.commit(1.0)
    return scene


@pytest.fixture
def scene(evaluated: Scene, tmp_path: Path) -> Scene:
    return evaluated.copy(tmp_path)


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


def give(
    scene: Scene,
    ledger: FakeLedger,
    *,
    revision: str = "main",
    reason: str = "it is fine",
    by: str = "octocat",
) -> Acceptance:
    return accept.run(
        accept.AcceptContext(repository=scene.repository, ledger=ledger),
        accept.AcceptOptions(
            model="digits",
            revision=revision,
            by=by,
            reason=reason,
            now="2030-01-01T12:00:00+00:00",
        ),
    )


def accepted(scene: Scene, ledger: FakeLedger) -> tuple[Acceptance, ...]:
    return lookup.acceptances(ledger, model="digits", fingerprint=scene.fingerprint("main"))


def test_accept__an_inconclusive_verdict(scene: Scene, ledger: FakeLedger) -> None:
    verdict = scene.judge("main", ledger, outcome=Outcome.INCONCLUSIVE)
    acceptance = give(scene, ledger, reason="  the sample is small  ")
    assert acceptance == Acceptance(
        key=verdict.key,
        model="digits",
        fingerprint=verdict.fingerprint,
        revision=scene.repository.resolve("main"),
        by="octocat",
        reason="the sample is small",
        at="2030-01-01T12:00:00+00:00",
    )
    assert accepted(scene, ledger) == (acceptance,)


def test_accept__a_second_acceptance_changes_nothing(scene: Scene, ledger: FakeLedger) -> None:
    scene.judge("main", ledger, outcome=Outcome.INCONCLUSIVE)
    first = give(scene, ledger)
    appends = ledger.appends
    assert give(scene, ledger, reason="another", by="hubot") == first
    assert ledger.appends == appends


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.FAIL, Outcome.SKIPPED])
def test_accept__a_verdict_that_is_not_inconclusive(
    scene: Scene, ledger: FakeLedger, outcome: Outcome
) -> None:
    scene.judge("main", ledger, outcome=outcome)
    with pytest.raises(errors.Refused, match=f"is {outcome}"):
        give(scene, ledger)
    assert accepted(scene, ledger) == ()


def test_accept__not_evaluated(scene: Scene, ledger: FakeLedger) -> None:
    with pytest.raises(errors.Refused, match="is not evaluated"):
        give(scene, ledger)


def test_accept__evaluated_by_other_rules(scene: Scene, ledger: FakeLedger) -> None:
    scene.judge("main", ledger, outcome=Outcome.INCONCLUSIVE)
    scene.declare(floor=0.5)
    scene.commit(1.0)
    with pytest.raises(errors.Refused, match="is not evaluated"):
        give(scene, ledger)


def test_accept__evaluated_against_another_champion(scene: Scene, ledger: FakeLedger) -> None:
    scene.judge("main", ledger, outcome=Outcome.INCONCLUSIVE, champions=["ab" * 32])
    with pytest.raises(errors.Refused, match="against the present champion"):
        give(scene, ledger)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_accept__without_a_reason(scene: Scene, ledger: FakeLedger, reason: str) -> None:
    scene.judge("main", ledger, outcome=Outcome.INCONCLUSIVE)
    with pytest.raises(errors.BadInput, match="needs a reason"):
        give(scene, ledger, reason=reason)


def test_accept__without_a_fingerprint(scene: Scene, ledger: FakeLedger) -> None:
    scene.write("model-manifests/digits/dvc.yaml", "stages: {other: {cmd: 'true'}}\n")
    scene.commit(1.0)
    with pytest.raises(errors.CannotFingerprint):
        give(scene, ledger)


def test_accept__an_unreadable_policy(scene: Scene, ledger: FakeLedger) -> None:
    scene.write(".github/interlock.yml", "inconclusive: perhaps\n")
    scene.commit(1.0)
    with pytest.raises(errors.CannotReadManifest):
        give(scene, ledger)


def test_accept__under_the_policy_of_the_default_branch(scene: Scene) -> None:
    """A pull request is judged by the policy that it wants to change, not by its own."""
    ledger = FakeLedger()
    run(scene.checkout, "switch", "--quiet", "--create", "stricter")
    scene.write(".github/interlock.yml", "version: 1\ninconclusive: fail\n")
    head = scene.commit(3.0, push=False)
    scene.judge(head, ledger, outcome=Outcome.INCONCLUSIVE)

    def give_at_head() -> Acceptance:
        return give(scene, ledger, revision=head)

    assert give_at_head().revision == head
    run(scene.checkout, "push", "--quiet", "origin", "HEAD:main")
    with pytest.raises(errors.Refused, match="is not evaluated"):
        give_at_head()


def test_cli__names_the_user(
    scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = GitLedger(scene.repository, pause=lambda _: None)
    scene.judge("main", ledger, outcome=Outcome.INCONCLUSIVE)
    monkeypatch.delenv("INTERLOCK_ACTOR", raising=False)
    monkeypatch.delenv("GITHUB_ACTOR", raising=False)
    arguments = ["accept", "digits", "--rev", "main", "--reason", "it is fine"]
    arguments += ["--repo", str(scene.checkout), "--json"]
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == errors.EXIT_SETTINGS
    assert "INTERLOCK_ACTOR" in capsys.readouterr().err
    monkeypatch.setenv("GITHUB_ACTOR", "octocat")
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == errors.EXIT_DONE
    document = json.loads(capsys.readouterr().out)
    printed.check(document)
    assert (document["schema"], document["by"]) == ("interlock/acceptance/v1", "octocat")


@pytest.mark.parametrize("form", ["{short}", "{short}~0", "{short}^{{commit}}", "v1-0-g{short}"])
def test_accept__an_abbreviated_commit(scene: Scene, ledger: FakeLedger, form: str) -> None:
    """Whichever commit it is short for here: that one is not named for anybody to copy."""
    scene.judge("main", ledger, outcome=Outcome.INCONCLUSIVE)
    commit = scene.repository.resolve("main")
    revision = form.format(short=commit[:12])
    with pytest.raises(
        errors.BadInput, match="several commits may start with these 12 digits"
    ) as refused:
        give(scene, ledger, revision=revision)
    assert commit not in f"{refused.value.message} {refused.value.hint}"
    assert accepted(scene, ledger) == ()
    assert give(scene, ledger, revision=commit).revision == commit


@pytest.mark.parametrize("name", ["feedfacecafe", "v1-gfeed"])
def test_accept__a_branch_whose_name_is_all_digits(
    scene: Scene, ledger: FakeLedger, name: str
) -> None:
    scene.judge("main", ledger, outcome=Outcome.INCONCLUSIVE)
    run(scene.checkout, "branch", name)
    assert give(scene, ledger, revision=name).by == "octocat"


@pytest.mark.parametrize(
    ("rule", "whose", "why"),
    [
        ("{}", ("octocat", "hubber@example.com"), ""),
        ("{}", ("octocat", "octocat@example.com"), "another user with write access can"),
        ("{}", ("hubber", ""), "another user with write access can"),
        ("{}", ("Hubber", ""), "another user with write access can"),
        ("{self: true}", ("hubber", "octocat@example.com"), ""),
        ("{users: [mona]}", ("octocat", ""), "the policy allows mona to accept, not octocat"),
        ("{users: [Octocat]}", ("octocat", ""), ""),
    ],
)
def test_accept__users_by_the_policy(
    scene: Scene, ledger: FakeLedger, rule: str, whose: tuple[str, str], why: str
) -> None:
    """Only Git is read: octocat is the committer, and hubber the author with a no-reply address."""
    by, address = whose
    scene.write(".github/interlock.yml", f"version: 1\naccept: {rule}\n")
    scene.commit(1.0)
    run(scene.checkout, "switch", "--quiet", "--create", "change")
    scene.write("README.md", "New words.\n")
    run(scene.checkout, "add", "--all")
    author = "Hubber <1+hubber@users.noreply.github.com>"
    committer = ("-c", "user.name=Octocat", "-c", "user.email=octocat@example.com")
    env = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("GIT_")}
    try:
        run(scene.checkout, *committer, "commit", "--quiet", "--author", author, "--message", "It")
    finally:
        os.environ.update(env)
    run(scene.checkout, "config", "user.email", address)
    scene.judge("change", ledger, outcome=Outcome.INCONCLUSIVE)
    if not why:
        assert give(scene, ledger, revision="change", by=by).by == by
        return
    with pytest.raises(errors.Refused, match=why) as refused:
        give(scene, ledger, revision="change", by=by)
    assert "`accept` in .github/interlock.yml of main" in refused.value.hint
    assert accepted(scene, ledger) == ()
