"""`ledger show|log|verify` on a real repository, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from interlock import cli, errors, json_documents
from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.commands import promote
from interlock.commands.ledger import LedgerContext, verify
from interlock.ledger import records
from interlock.ports.runs import Runs
from tests import drift_cases, retrain_cases
from tests.docs import documents as printed
from tests.fakes.registry import FakeRegistry
from tests.fakes.scene import Scene, run

BRANCH = "refs/heads/interlock-ledger"


@pytest.fixture
def scene(promoted: Scene, tmp_path: Path) -> Scene:
    return promoted.copy(tmp_path)


@pytest.fixture(scope="module")
def promoted(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One model with a promotion, and a second one with evidence only."""
    scene = Scene(tmp_path_factory.mktemp("ledger")).create("digits", "wine")
    scene.commit(1.0, model="wine")
    commit = scene.commit(1.0)
    ledger = open_ledger(scene)
    scene.judge(commit, ledger)
    scene.judge(commit, ledger, model="wine")
    promote.run(
        promote.PromotionContext(
            repository=scene.repository,
            ledger=ledger,
            runs=cast(Runs, scene.runs),
            registry=FakeRegistry(scene.runs.root),
            github=None,
        ),
        promote.PromoteOptions(
            revision=commit, now="2030-01-01T12:00:00+00:00", models=("digits",)
        ),
    )
    return scene


def open_ledger(scene: Scene) -> GitLedger:
    return GitLedger(scene.repository, pause=lambda _: None)


def run_text(
    capsys: pytest.CaptureFixture[str], scene: Scene, *arguments: str, code: int = 0
) -> str:
    """Run the command line and return its output."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["ledger", *arguments, "--repo", str(scene.checkout)])
    output = capsys.readouterr()
    assert ended.value.code == code, output.err
    return output.out if code in {0, 1} and output.out else output.err


def run_json(
    capsys: pytest.CaptureFixture[str], scene: Scene, *arguments: str, code: int = 0
) -> Any:
    document = json.loads(run_text(capsys, scene, *arguments, "--json", code=code))
    printed.check(document)
    return document


def test_show__a_model(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    text = run_text(capsys, scene, "show", "digits")
    commit = scene.repository.resolve("main")
    assert f"digits: version 1 of {commit[:12]} is the production model" in text
    assert f"promotion done: {commit[:12]}" in text
    assert f"evidence/digits/{scene.fingerprint(commit)}.json" in text
    document = run_json(capsys, scene, "show", "digits")
    assert document["schema"] == "interlock/ledger-model/v1"
    assert document["champion"]["version"] == 1
    assert [p["phase"] for p in document["promotions"]] == ["intent", "done"]
    assert run_text(capsys, scene, "show", "wine").startswith("wine: no production model\n")


def test_show__lists_every_kind_of_record_of_the_model(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = open_ledger(scene)
    areas = {r.area for r in records.RECORDS.values()} - {"commands", "verifications"}
    added = {f"{area}/digits/added.json": {"schema": "interlock/x/v1"} for area in areas}
    other = {"drift/wine/added.json": {"schema": "interlock/x/v1"}}
    for path, record in (added | other).items():
        if not path.startswith("promotions/"):
            ledger.append({path: record}, message="Add a record")
    document = run_json(capsys, scene, "show", "digits")
    assert set(document["records"]) == areas
    assert all(document["records"].values())
    text = run_text(capsys, scene, "show", "digits").split()
    assert set(text) >= {path for paths in document["records"].values() for path in paths}
    assert run_json(capsys, scene, "show", "wine")["records"]["drift"] == list(other)


def test_show__a_record_is_what_git_shows(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    path = f"evidence/digits/{scene.fingerprint('main')}.json"
    shown = run_text(capsys, scene, "show", path)
    assert shown.strip() == run(scene.checkout, "show", f"origin/interlock-ledger:{path}")
    assert run_text(capsys, scene, "show", path, "--json") == shown
    assert json.loads(shown)["schema"] == "interlock/evidence/v1"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("letters", "no record of model 'letters'"),
        ("evidence/digits/0000.json", "the ledger has no evidence/digits/0000.json"),
        ("../../etc/passwd", "cannot be a path in the ledger"),
        ("Digits", "cannot be a model's name"),
    ],
)
def test_show__unknown(
    scene: Scene, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    assert message in run_text(capsys, scene, "show", name, code=errors.EXIT_INPUT)


def test_log__newest_first(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run_text(capsys, scene, "log").splitlines()
    subjects = [line.split(" ", 1)[1] for line in lines if not line.startswith(" ")]
    short = scene.repository.resolve("main")[:12]
    assert subjects == [
        f"Done: promotion of digits at {short}",
        f"Intent: promotion of digits at {short}",
        f"Evidence of wine at {short}",
        f"Evidence of digits at {short}",
    ]
    document = run_json(capsys, scene, "log", "wine")
    (entry,) = document["commits"]
    assert entry["subject"] == f"Evidence of wine at {short}"
    assert [path.split("/")[0] for path in entry["paths"]] == ["evidence", "verdicts"]
    assert entry["commit"] == run(scene.checkout, "rev-parse", "origin/interlock-ledger~2")


@pytest.mark.parametrize("content", [b"[]", b"null", b"3", b"{", b"[" * 100_000, b"\xff\xfe{"])
def test_show__a_record_that_is_none(
    scene: Scene, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    put(scene, {"evidence/digits/ab.json": content}, message="Damage")
    output = run_text(capsys, scene, "show", "evidence/digits/ab.json", code=1)
    assert "evidence/digits/ab.json is not a JSON object" in output
    assert "interlock ledger verify" in output
    audit_output = run_text(capsys, scene, "verify", code=1)
    assert "evidence/digits/ab.json" in audit_output


def test_log__what_would_steer_a_terminal_is_spelt_out(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    put(scene, {"evidence/digits/\x1b[2J.json": b"{}"}, message="Clear \x1b[2J the screen")
    for verb in ("log", "verify"):
        text = run_text(capsys, scene, verb, code=int(verb == "verify"))
        assert "\x1b" not in text
        assert r"\x1b[2J.json" in text


def put(scene: Scene, files: dict[str, bytes], *, message: str) -> None:
    """Push a commit that no Interlock would write."""
    head = open_ledger(scene).head
    commit = scene.repository.commit(head, files, message=message)
    assert scene.repository.push(commit, BRANCH, expected=head)


def test_log__nothing_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = Scene(tmp_path).create()
    assert run_json(capsys, empty, "log")["commits"] == []
    assert run_text(capsys, empty, "verify").strip() == "there is no ledger yet: nothing to verify"
    text = run_text(capsys, empty, "recover")
    assert text.strip() == "there is no ledger yet: nothing is to be recovered"
    assert run_json(capsys, empty, "recover")["head"] is None


def test_verify__valid(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    head = run(scene.checkout, "rev-parse", "origin/interlock-ledger")
    assert run_json(capsys, scene, "verify") == {
        "schema": "interlock/ledger-audit/v1",
        "head": head,
        "since": None,
        "commits": 4,
        "valid": True,
        "violations": [],
        "ignored": [],
    }


def test_verify__since_a_head_checks_only_later_commits(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """The intent before it is the proof of the outcome after it."""
    since = head(scene, 1)
    document = run_json(capsys, scene, "verify", "--since", since)
    assert (document["since"], document["commits"], document["valid"]) == (since, 1, True)
    text = run_text(capsys, scene, "verify", "--since", head(scene))
    assert text == f"0 commits after {head(scene)[:12]} to {head(scene)[:12]}: valid\n"


def test_verify__since_a_head_finds_an_outcome_that_differs_from_an_earlier_intent(
    scene: Scene,
) -> None:
    (path,) = (p for p in open_ledger(scene).list("promotions/digits") if "outcome" in p)
    record = json.loads(run(scene.folder / "origin.git", "show", f"{BRANCH}:{path}"))
    intent = head(scene, 1)
    forged = {**record, "sha256": "0" * 64, "previous": intent}
    forge(scene, onto=intent, files={path: json.dumps(forged).encode()})
    expected = [(path, "its outcome differs from its intent in sha256")]
    assert audit(scene) == audit(scene, since=intent) == expected


def test_verify__since_a_head_that_the_history_lacks_checks_all_of_it(scene: Scene) -> None:
    earlier, path = head(scene), f"evidence/digits/{scene.fingerprint('main')}.json"
    forge(scene, onto=head(scene, 1), files={path: b"{}"})
    lost = ("", f"the ledger does not continue {earlier[:12]}: its history was rewritten")
    assert audit(scene, since=earlier) == [(path, "a record was changed"), lost]


def test_verify__since_a_head_reads_no_record_of_another_model(scene: Scene) -> None:
    since, origin = head(scene, 1), scene.folder / "origin.git"
    (path,) = open_ledger(scene).list("evidence/wine")
    blob = run(origin, "rev-parse", f"{since}:{path}")
    (origin / "objects" / blob[:2] / blob[2:]).unlink()
    assert audit(scene, since=since) == []
    with pytest.raises(errors.CannotReachGit, match=f"{blob} is missing"):
        audit(scene)


def forge(scene: Scene, *, onto: str, files: dict[str, bytes]) -> str:
    """Write a commit over `onto` at origin, and force the ledger there."""
    origin = git.open_repository(scene.folder / "origin.git")
    commit = origin.commit(onto or None, files, message="Forged")
    run(scene.folder / "origin.git", "update-ref", BRANCH, commit)
    return commit


def head(scene: Scene, back: int = 0) -> str:
    return run(scene.folder / "origin.git", "rev-parse", f"{BRANCH}~{back}")


def audit(
    scene: Scene, *, against: str | None = None, since: str | None = None
) -> list[tuple[str, str]]:
    """The violations at origin, which keeps no earlier head."""
    origin = git.open_repository(scene.folder / "origin.git")
    context = LedgerContext(repository=origin, ledger=GitLedger(origin))
    result = verify.run(context, verify.VerifyOptions(against=against, since=since))
    return [(violation.path, violation.sentence) for violation in result.violations]


def test_verify__a_record_was_edited_in_place(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"evidence/digits/{scene.fingerprint('main')}.json"
    record = json.loads(run(scene.folder / "origin.git", "show", f"{BRANCH}:{path}"))
    record["scores"]["f1_macro"] = 0.99
    commit = forge(scene, onto=head(scene), files={path: json.dumps(record).encode()})
    assert audit(scene) == [(path, "a record was changed")]
    text = run_text(capsys, scene, "verify", code=errors.EXIT_NO)
    assert f"{commit[:12]} {path}: a record was changed" in text
    document = run_json(capsys, scene, "verify", code=errors.EXIT_NO)
    assert document["valid"] is False
    assert document["violations"][0]["commit"] == commit


def test_verify__a_commit_was_dropped_and_the_rest_replayed(scene: Scene) -> None:
    """What `git rebase` leaves: every record is there but one, and nothing else was touched."""
    copy = scene.folder / "rewrite"
    run(scene.folder, "clone", "--quiet", "-b", "interlock-ledger", "origin.git", "rewrite")
    run(copy, "rebase", "--quiet", "--onto", "HEAD~3", "HEAD~2")
    run(copy, "push", "--quiet", "--force", "origin", "HEAD:interlock-ledger")
    violations = audit(scene)
    assert len(violations) == 2
    assert all("it was written over" in sentence for _, sentence in violations)


def test_verify__the_last_commits_were_cut_off(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = head(scene)
    run(scene.folder / "origin.git", "update-ref", BRANCH, head(scene, 1))
    assert audit(scene) == []
    assert audit(scene, against=earlier) == [
        ("", f"the ledger does not continue {earlier[:12]}: its history was rewritten")
    ]
    # A clone that has read the ledger before keeps its head.
    text = run_text(capsys, scene, "verify", code=errors.EXIT_NO)
    assert f"does not continue {earlier[:12]}" in text


def test_verify__the_branch_was_deleted(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    run(scene.folder / "origin.git", "update-ref", "-d", BRANCH)
    assert "origin has no refs/heads/interlock-ledger any more" in run_text(
        capsys, scene, "verify", code=errors.EXIT_NO
    )


@pytest.mark.parametrize(
    ("path", "content", "problem"),
    [
        ("evidence/digits/aaaa.json", b"{", "not readable"),
        ("evidence/digits/aaaa.json", b"[]", "no field `previous`"),
        (
            "evidence/digits/aaaa.json",
            b'{"schema": "interlock/evidence/v1"}',
            "no field `previous`",
        ),
        ("evidence/digits/aaaa.json", b'{"schema": "a/b/v1", "previous": null}', "unknown schema"),
        (
            "evidence/digits/aaaa.json",
            b'{"schema": "interlock/evidence/v2", "previous": null}',
            "unknown schema",
        ),
        (
            "evidence/digits/aaaa.json",
            b'{"schema": "interlock/evidence/v1.1", "previous": null}',
            "malformed",
        ),
        ("evidence/digits/aaaa.json", b"\xff\xfe", "not readable"),
        ("run.sh", b"", "it is not a valid path of a record"),
    ],
)
def test_verify__a_file_that_is_not_a_record(
    scene: Scene, path: str, content: bytes, problem: str
) -> None:
    forge(scene, onto=head(scene), files={path: content})
    assert any(problem in sentence for _, sentence in audit(scene)), audit(scene)


def test_verify__a_record_at_another_records_place(scene: Scene) -> None:
    path = f"evidence/digits/{scene.fingerprint('main')}.json"
    record = json.loads(run(scene.folder / "origin.git", "show", f"{BRANCH}:{path}"))
    content = json.dumps({**record, "previous": head(scene)}).encode()
    forge(scene, onto=head(scene), files={"evidence/wine/aaaa.json": content})
    assert audit(scene) == [("evidence/wine/aaaa.json", f"its content belongs at {path}")]


@pytest.mark.parametrize("noun", [drift_cases.window(1), retrain_cases.labelled(1)])
@pytest.mark.parametrize("order", [1, -1])
def test_verify__a_window_at_the_path_of_an_earlier_version_and_at_its_own(
    scene: Scene, noun: object, order: int
) -> None:
    first, second = records.paths_of(noun)[::order]
    document = json_documents.dump(noun, schema=records.RECORDS[type(noun)].schema)
    for path in (first, second):
        content = json.dumps({**document, "previous": head(scene)}).encode()
        forge(scene, onto=head(scene), files={path: content})
    of_second = (second, f"its window is also recorded at {first}")
    assert audit(scene) == [(first, f"its window is also recorded at {second}"), of_second]
    assert audit(scene, since=head(scene, 1)) == [of_second]


def test_verify__against_a_revision_that_is_not_here(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    text = run_text(capsys, scene, "verify", "--against", "f" * 40, code=errors.EXIT_INPUT)
    assert "there is no revision" in text


def test_verify__works_in_a_bare_repository(scene: Scene) -> None:
    assert audit(scene, against=head(scene, 2)) == []


def test_verify__a_promotion_that_nothing_proves_is_named_by_file_and_commit(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict on wine is one on a model that replaces nothing."""
    path = next(iter(open_ledger(scene).list("promotions/digits")))
    record = json.loads(run(scene.folder / "origin.git", "show", f"{BRANCH}:{path}"))
    candidate = scene.train("main", model="wine")
    forged = {
        **record,
        "model": "wine",
        "phase": "intent",
        "fingerprint": candidate.fingerprint,
        "run_id": candidate.run_id,
        "sha256": candidate.model.sha256,
        "version": None,
        "replaces": "a" * 64,
        "previous": head(scene),
    }
    name = f"{record['position']:08d}-{candidate.fingerprint[:12]}-intent.json"
    forge(scene, onto=head(scene), files={f"promotions/wine/{name}": json.dumps(forged).encode()})
    text = run_text(capsys, scene, "verify", code=errors.EXIT_NO)
    assert f"{head(scene)[:12]} promotions/wine/{name}: nothing proves it" in text
    assert "compares with another model than the replaced one" in text
