"""`ledger verify` with required provenance: what was never attested may be replaced, and the rest
may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import cli, errors
from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.commands.ledger import LedgerContext, verify
from interlock.commands.ledger.verify import Audit
from tests.fakes import issuer
from tests.fakes.scene import Scene, run

BRANCH = "refs/heads/interlock-ledger"
CHANGED = "a record was changed"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path).create("digits", "wine")
    made.commit(1.0, model="wine")
    made.commit(1.0)
    return made


def judge(scene: Scene, *, is_attested: bool, model: str = "digits") -> str:
    """Write evidence and a verdict, with an attestation or without one; return the commit."""
    provenance = issuer.provenance("evaluate") if is_attested else None
    ledger = GitLedger(scene.repository, pause=lambda _: None, provenance=lambda: provenance)
    scene.judge(scene.repository.resolve("main"), ledger, model=model)
    return str(ledger.head)


def by_hand(scene: Scene, content: bytes | None = None, *, model: str = "digits") -> str:
    """Push a commit that replaces the evidence of a model, or removes it; return its path."""
    path = f"evidence/{model}/{scene.fingerprint('main', model=model)}.json"
    origin = git.open_repository(scene.folder / "origin.git")
    files, removed = ({path: content}, []) if content is not None else ({}, [path])
    commit = origin.commit(origin.find_ref(BRANCH), files, message="By hand", removed=removed)
    run(scene.folder / "origin.git", "update-ref", BRANCH, commit)
    return path


def audit(scene: Scene, *, since: str | None = None, accepted: str = "") -> Audit:
    """`accepted` is the provenance_since of the policy."""
    origin = git.open_repository(scene.folder / "origin.git")
    provenance = issuer.provenance(since=accepted)
    context = LedgerContext(
        repository=origin, ledger=GitLedger(origin, provenance=lambda: provenance)
    )
    return verify.run(context, verify.VerifyOptions(since=since))


def violations(result: Audit) -> list[tuple[str, str]]:
    return [(violation.path, violation.sentence) for violation in result.violations]


def test_verify__an_unattested_record_may_be_replaced_by_an_attested_one(scene: Scene) -> None:
    first = judge(scene, is_attested=False)
    judge(scene, is_attested=True)
    assert violations(audit(scene)) == violations(audit(scene, since=first)) == []
    assert audit(scene).commits == 2
    assert {each.commit for each in audit(scene).ignored} == {first}
    plain = git.open_repository(scene.folder / "origin.git")
    without = verify.run(
        LedgerContext(repository=plain, ledger=GitLedger(plain)), verify.VerifyOptions()
    )
    assert {sentence for _, sentence in violations(without)} == {CHANGED}


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"{}", CHANGED), (None, "a record was removed")]
)
def test_verify__an_attested_record_may_not_be_replaced_or_removed(
    scene: Scene, content: bytes | None, sentence: str
) -> None:
    judge(scene, is_attested=False)
    head = judge(scene, is_attested=True)
    path = by_hand(scene, content)
    expected = [(path, sentence)]
    assert violations(audit(scene)) == violations(audit(scene, since=head)) == expected


@pytest.mark.parametrize("content", [b"{}", b"not JSON", b'{"schema": "interlock/evidence/v1"}'])
def test_verify__what_was_never_attested_is_listed_and_is_no_violation(
    scene: Scene, content: bytes
) -> None:
    head = judge(scene, is_attested=True)
    path = by_hand(scene, content, model="wine")
    by_hand(scene, None, model="wine")
    for result in (audit(scene), audit(scene, since=head)):
        assert violations(result) == []
        assert {each.path for each in result.ignored} == {path}


def test_verify__up_to_the_policys_commit_every_record_counts(scene: Scene) -> None:
    judge(scene, is_attested=False)
    path = by_hand(scene, b"{}")
    accepted = judge(scene, is_attested=False, model="wine")
    last = by_hand(scene, b"{}", model="wine")
    result = audit(scene, accepted=accepted)
    assert violations(result)[0] == (path, CHANGED)
    assert violations(result)[-1] == (last, CHANGED)
    assert violations(audit(scene, accepted=accepted, since=accepted)) == [(last, CHANGED)]


def offline(scene: Scene, capsys: pytest.CaptureFixture[str], *, code: int) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.main(["ledger", "verify", "--offline", "--repo", str(scene.folder / "origin.git")])
    output = capsys.readouterr()
    assert ended.value.code == code, output.err
    return output.out


def test_verify_offline__every_attestation_is_assumed_to_be_valid(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    (scene.checkout / ".github").mkdir(exist_ok=True)
    (scene.checkout / ".github/interlock.yml").write_text("provenance: required\n")
    run(scene.checkout, "add", "--all")
    run(scene.checkout, "commit", "--quiet", "-m", "Require provenance")
    run(scene.checkout, "push", "--quiet", "origin", "HEAD:main")
    judge(scene, is_attested=False)
    judge(scene, is_attested=True)
    out = offline(scene, capsys, code=errors.EXIT_DONE)
    assert ": valid; " in out
    assert "not confirmed" in out.splitlines()[-1]
    path = by_hand(scene, b"{}")
    assert f"{path}: {CHANGED}" in offline(scene, capsys, code=errors.EXIT_NO)
