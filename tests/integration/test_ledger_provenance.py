"""The policy of the default branch decides which records of the ledger count, for every verb."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from interlock import cli, errors, wiring
from interlock.adapters import signing_key
from interlock.adapters.ledger import GitLedger
from interlock.domain.provenance import acceptance
from interlock.services import best_effort, ledger_verifications
from interlock.settings import Settings
from tests import ledger_attacks
from tests.docs import documents as printed
from tests.ledger_attacks import FIRST, FREE, World

FACES = "evidence/faces/bbbb.json"
AT = "2030-01-01T00:00:00+00:00"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = ledger_attacks.in_memory(tmp_path)
    set_policy(made, "provenance: required\n")
    made.write_honest()
    return made


def set_policy(world: World, text: str) -> None:
    made = world.commit({".github/interlock.yml": text.encode()}, over=None)
    ledger_attacks.run(world.origin, "update-ref", "refs/heads/main", made)


def in_actions(world: World, **more: Any) -> Settings:
    event = world.folder / "event.json"
    event.write_text(json.dumps({"repository": {"default_branch": "main"}}))
    facts = {"github_repository_id": "42", "github_event_path": event}
    return Settings(in_actions=True, **{**facts, **more})


def use_tokens_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "ledger_provenance", lambda *_, **__: world.provenance("promote"))


def attest_faces(world: World) -> None:
    record = {"schema": ledger_attacks.EVIDENCE, "by": "job"}
    world.ledger("evaluate").append({"evidence/faces/aaaa.json": record}, message="Faces")


def interlock(
    world: World, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0
) -> tuple[str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main(["ledger", *arguments, "--repo", str(world.origin)])
    output = capsys.readouterr()
    assert ended.value.code == code, output.err
    return output.out, output.err


def test_provenance__of_a_job_without_a_request_to_the_api(world: World) -> None:
    repository = wiring.repository(world.origin)
    provenance = wiring.ledger_provenance(repository, in_actions(world))
    assert provenance is not None
    assert (provenance.rules.repository_id, provenance.rules.default_branch) == ("42", "main")
    assert provenance.attestor is None
    url = {"id_token_url": "https://example.com", "id_token_request": "secret"}
    provenance = wiring.ledger_provenance(repository, in_actions(world, **url))
    assert provenance is not None
    assert provenance.attestor is not None
    with pytest.raises(errors.MissingSetting, match="GITHUB_REPOSITORY"):
        wiring.ledger_provenance(repository, in_actions(world, github_repository_id=""))


@pytest.mark.parametrize(
    ("policy", "inside"), [("provenance: none\n", False), ("repair: report\n", True)]
)
def test_provenance__is_required_in_actions_if_the_policy_does_not_say_otherwise(
    world: World, policy: str, inside: bool
) -> None:
    set_policy(world, policy)
    repository = wiring.repository(world.origin)
    assert wiring.ledger_provenance(repository, Settings()) is None
    assert (wiring.ledger_provenance(repository, in_actions(world)) is not None) is inside


def test_provenance__a_schedule_names_no_branch_and_runs_on_the_default_one(world: World) -> None:
    """With another policy, its verification would hide records for ever."""
    ledger_attacks.run(world.origin, "branch", "-m", "main", "trunk")
    text = b'provenance_since: "%s"' % (b"5" * 40)
    policy = world.commit({".github/interlock.yml": text}, over=None)
    ledger_attacks.run(world.origin, "update-ref", "refs/heads/trunk", policy)
    job = in_actions(world, github_event_name="schedule", github_ref="refs/heads/trunk")
    (world.folder / "event.json").write_text('{"schedule": "30 5 * * 1"}')
    provenance = wiring.ledger_provenance(wiring.repository(world.origin), job)
    assert provenance is not None
    assert provenance.since == "5" * 40
    assert provenance.rules.default_branch == "trunk"


def test_provenance__of_a_policy_with_an_error_is_refused(world: World) -> None:
    set_policy(world, "provenance: sometimes\n")
    with pytest.raises(errors.CannotReadManifest):
        wiring.ledger(wiring.repository(world.origin), Settings()).read(FIRST)


def test_verify__names_records_without_an_attestation(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_tokens_of(world, monkeypatch)
    arguments = ("verify", "--since", str(world.head))
    assert "valid" in interlock(world, capsys, *arguments)[0]
    junk = world.push({FREE: world.junk()})
    out, _ = interlock(world, capsys, *arguments, "--json")
    document = json.loads(out)
    printed.check(document)
    reason = "it has no attestation"
    assert document["ignored"] == [{"commit": junk, "path": FREE, "reason": reason}]


def test_warning__names_five_changes_and_counts_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_tokens_of(world, monkeypatch)
    for number in range(7):
        world.push({f"evidence/digits/{number:04}.json": world.junk()})
    _, err = interlock(world, capsys, "show", FIRST)
    lines = [line for line in err.splitlines() if "not count" in line]
    assert len(lines) == 6
    assert "evidence/digits/0000.json does not count: it has no attestation" in lines[0]
    assert "2 more changes of the ledger that do not count" in lines[5]


@pytest.mark.parametrize("name", ["digits", FREE])
def test_show__names_what_does_not_count_and_how_to_accept_it(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    use_tokens_of(world, monkeypatch)
    world.move(world.commit({FREE: world.junk()}, over=None))
    _, err = interlock(world, capsys, "show", name, code=errors.EXIT_INPUT)
    error = err[err.index("error:") :]
    assert f"that counts; without effect: 1 file, for example {FREE}" in error
    assert "interlock ledger recover" in error
    assert "provenance_since" in error


def test_show__lists_each_record_of_a_model_that_does_not_count(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_tokens_of(world, monkeypatch)
    attest_faces(world)
    world.push({FREE: world.junk(), FACES: world.junk()})
    out, err = interlock(world, capsys, "show", "faces")
    assert f"  {FACES} does not count: it has no attestation\n" in out
    assert FREE not in out
    assert f"\n1 record does not count, for example {FACES}: it has no attestation\n" in err
    assert "provenance_since" in err
    assert "1 record does not" not in interlock(world, capsys, "show", FIRST)[1]


@pytest.mark.parametrize(
    ("policy", "is_noted"), [("repair: auto\n", True), ("provenance: none\n", False)]
)
def test_show__names_what_only_jobs_do_not_count(
    world: World, capsys: pytest.CaptureFixture[str], policy: str, is_noted: bool
) -> None:
    set_policy(world, policy)
    attest_faces(world)
    world.push({FACES: world.junk()})
    out, err = interlock(world, capsys, "show", "faces", "--json")
    document = json.loads(out)
    printed.check(document)
    uncounted = [{"path": FACES, "reason": "it has no attestation"}] if is_noted else []
    assert (document["uncounted"], document["uncounted_only_in_jobs"]) == (uncounted, True)
    assert FACES in document["records"]["evidence"]
    assert (f"in GitHub Actions, 1 record does not count, for example {FACES}" in err) is is_noted


def test_show__names_the_settings_with_which_a_ledger_is_verified(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    _, err = interlock(world, capsys, "show", "digits", code=errors.EXIT_SETTINGS)
    assert "GITHUB_REPOSITORY is not set" in err
    assert "GITHUB_TOKEN: the policy requires provenance" in err


def test_verify_offline__confirms_the_records_of_a_key(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    file = world.folder / "evaluator.key"
    public = signing_key.create(file)
    signed = dataclasses.replace(
        world.provenance("promote"), attestor=signing_key.KeyTokens(file=file)
    )
    reader = signing_key.KeyReader(keys=(public,), issuer=signed.reader)
    rules = dataclasses.replace(signed.rules, keys=(public,))
    signed = dataclasses.replace(signed, reader=reader, rules=rules)
    since = str(world.head)
    ledger = GitLedger(wiring.repository(world.origin), provenance=lambda: signed)
    ledger.append({FREE: {"schema": ledger_attacks.EVIDENCE}}, message="With a key")
    set_policy(world, f"provenance: required\nkeys: [{public}]\n")
    arguments = ("verify", "--offline", "--since", since)
    out, _ = interlock(world, capsys, *arguments, code=1)  # the record itself is not complete
    assert f"{FREE} does not count" not in out
    set_policy(world, "provenance: required\n")
    out, _ = interlock(world, capsys, *arguments, code=1)
    assert f"{FREE} does not count" in out


def test_verify_offline__lists_what_is_not_confirmed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = interlock(world, capsys, "verify", "--offline", "--since", str(world.head))
    assert f"{FIRST} does not count: it is not confirmed without the issuer" in out
    assert "valid" in out.splitlines()[-1]


def test_recover__a_rewound_ledger(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_tokens_of(world, monkeypatch)
    head, attempts = str(world.head), best_effort.Attempts()
    out, _ = interlock(world, capsys, "recover")
    assert "no commit of the ledger is confirmed" in out
    ledger_verifications.record(world.ledger(), at=AT, attempts=attempts)
    out, _ = interlock(world, capsys, "recover", "--json")
    printed.check(json.loads(out))
    assert json.loads(out)["confirmed"] == head
    names = ("verifications/ledger/00000001.json", acceptance.path_of(head))
    files = {path: world.plain().read_bytes(path) for path in names}
    world.move(world.commit({FREE: world.junk()}, over=None))
    last = world.push({path: data for path, data in files.items() if data})
    _, err = interlock(world, capsys, "show", FIRST, code=1)
    assert "hint: interlock ledger recover" in err
    out, _ = interlock(world, capsys, "recover")
    assert f"{FREE} does not count: it has no attestation" in out
    assert out.splitlines()[-1] == f"provenance_since: {last}"
