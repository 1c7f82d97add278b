"""What a user who may push to the ledger tries: each attack wins where records need no attestation,
and changes nothing where they do. Git is real, and the tokens are those of the sandbox."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

import github_sandbox
from interlock import errors
from interlock.adapters import git, oidc
from interlock.adapters.git.tree import GitTree
from interlock.adapters.ledger import GitLedger
from interlock.domain.provenance import acceptance
from interlock.services import best_effort, ledger_verifications
from tests import ledger_attacks
from tests.ledger_attacks import EVIDENCE, FIRST, FREE, HOLD, INTENT, PROMOTION, World, state

AT = "2030-01-01T00:00:00+00:00"
Attack = Callable[[World], None]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[github_sandbox.Sandbox]:
    made = github_sandbox.Sandbox(tmp_path_factory.mktemp("sandbox"))
    try:
        with made.serve():
            yield made
    finally:
        made.close()


@pytest.fixture
def world(hub: github_sandbox.Sandbox, tmp_path: Path) -> World:
    forger = ledger_attacks.in_memory(tmp_path).forge
    return World(
        folder=tmp_path,
        sign=hub.sign_id_token,
        forge=forger,
        rules=ledger_attacks.rules_of(hub.issuer),
        reader=lambda: oidc.Issuer(url=hub.issuer),
    )


def by_hand(world: World) -> None:
    world.push({FREE: world.junk()})


def with_a_copied_attestation(world: World) -> None:
    old = world.plain().read_bytes(acceptance.path_of(None))
    assert old is not None
    world.push({FREE: world.junk(), acceptance.path_of(world.head): old})


def with_a_replayed_token(world: World) -> None:
    """The document covers the junk, and the token is over another document."""
    old = world.plain().read(acceptance.path_of(None))
    assert old is not None
    world.push_attested({FREE: world.junk()}, lambda _: str(old["token"]), {})


def of(verb: str = "evaluate", **claims: object) -> Attack:
    """A token of GitHub over exactly this commit, of a job that may not write it."""

    def attack(world: World) -> None:
        world.push_attested({FREE: world.junk()}, world.sign, world.claims(verb, **claims))

    return attack


def with_a_planted_key(world: World) -> None:
    world.push_attested({FREE: world.junk()}, world.forge, world.claims("evaluate"))


def with_another_issuer(world: World) -> None:
    claims = world.claims("evaluate", iss="https://token.actions.githubusercontent.com")
    world.push_attested({FREE: world.junk()}, world.sign, claims)


def a_change(world: World) -> None:
    world.push({FIRST: world.junk()})


def a_removal(world: World) -> None:
    world.push({}, removed=[FIRST])


def a_removal_that_is_taken_back(world: World) -> None:
    """Between the two a promotion was written: its proof is not lost."""
    old = world.plain().read_bytes(FIRST)
    assert old is not None
    world.push({}, removed=[FIRST])
    world.ledger("command", event_name="issue_comment").append(
        {"holds/digits/00000001.json": {"schema": HOLD}}, message="Hold"
    )
    world.push({FIRST: old, "evidence/digits/cccc.json": world.junk()})


def a_file_instead_of_the_folder(world: World) -> None:
    world.push({"evidence/digits": b"{}"}, removed=["evidence/digits"])


def a_folder_instead_of_the_file(world: World) -> None:
    world.push({f"{FIRST}/inside.json": b"{}"}, removed=[FIRST])


def folders_with_the_names_of_records(world: World) -> None:
    """Each name ends like a record's, and the last verification would be this one."""
    folders = (FREE, "holds/digits/00000009.json", "verifications/ledger/99999999.json")
    world.push({f"{folder}/inside": b"{}" for folder in folders})


def a_merge_of_another_line(world: World) -> None:
    head = str(world.head)
    other = world.commit({FREE: world.junk(), FIRST: b"{}"}, over=None)
    world.merge(other, head, other)


def a_merge_into_another_line(world: World) -> None:
    head = str(world.head)
    other = world.commit({FREE: world.junk()}, over=None)
    world.merge(other, other, head)


def a_planted_verification(world: World) -> None:
    """It ignores the honest evidence, and counts the junk."""
    world.push({FREE: world.junk()})
    document = world.junk(
        "interlock/verification/v1",
        number=9,
        verified_through=world.head,
        since="",
        ignored={FIRST: None},
        shown={},
        at=AT,
    )
    world.push({"verifications/ledger/00000009.json": document})


def a_picture_and_a_submodule(world: World) -> None:
    world.push({"evidence/digits/plot.png": b"png", "README.md": b"junk", FREE: world.junk()})


def a_symbolic_link(world: World) -> None:
    place = checkout(world)
    (place / FREE).symlink_to("aaaa.json")
    ledger_attacks.run(place, "add", ".")
    ledger_attacks.run(place, "commit", "--quiet", "--message=Link")
    ledger_attacks.run(place, "push", "--quiet")


def checkout(world: World) -> Path:
    place = world.folder / "work"
    world.git("clone", "--quiet", "--branch=interlock-ledger", str(world.origin), str(place))
    return place


def a_submodule_with_the_id_of_the_record(world: World) -> None:
    """Git compares ids, and a submodule may have any: the path looks unchanged, and has no file."""
    commit_a_submodule(checkout(world))


def a_merged_submodule_with_the_id_of_the_record(world: World) -> None:
    """Against the first parent of the merge nothing changes, and that line has no record."""
    place, head = checkout(world), str(world.head)
    blob = ledger_attacks.run(place, "rev-parse", f"HEAD:{FIRST}")
    ledger_attacks.run(place, "switch", "--quiet", "--orphan=other")
    commit_a_submodule(place, blob)
    other = ledger_attacks.run(place, "rev-parse", "HEAD")
    world.merge(other, other, head)


def commit_a_submodule(place: Path, object_id: str = "") -> None:
    object_id = object_id or ledger_attacks.run(place, "rev-parse", f"HEAD:{FIRST}")
    ledger_attacks.run(place, "update-index", "--add", "--cacheinfo", f"160000,{object_id},{FIRST}")
    ledger_attacks.run(place, "commit", "--quiet", "--message=Submodule")
    ledger_attacks.run(place, "push", "--quiet", "origin", "HEAD")


ATTACKS: list[Attack] = [
    by_hand,
    with_a_copied_attestation,
    with_a_replayed_token,
    of(repository_id="43"),
    of(iat=600),
    of("monitor"),
    of("promote"),
    of(event_name="workflow_run"),
    of(event_name="pull_request", ref="refs/pull/7/merge", base_ref="hostile"),
    of(ref="refs/heads/other"),
    of(runner_environment="self-hosted"),
    of(job_workflow_ref="acme/interlock/.github/workflows/models-evaluate.yml@refs/heads/main"),
    of(job_workflow_ref="mallory/models/.github/workflows/models-evaluate.yml@refs/tags/v1"),
    with_a_planted_key,
    with_another_issuer,
    a_change,
    a_removal,
    a_file_instead_of_the_folder,
    a_folder_instead_of_the_file,
    folders_with_the_names_of_records,
    a_merge_of_another_line,
    a_merge_into_another_line,
    a_planted_verification,
    a_picture_and_a_submodule,
    a_symbolic_link,
    a_submodule_with_the_id_of_the_record,
    a_merged_submodule_with_the_id_of_the_record,
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack__changes_what_all_read_without_provenance_only(
    world: World, attack: Attack
) -> None:
    world.write_honest()
    before, old = state(world.ledger()), _without_provenance(world)
    attack(world)
    assert _without_provenance(world) != old, "the attack has no effect to defend against"
    for clone in ("", "whole", "partial"):
        assert state(world.ledger(clone=clone)) == before
    _record(world)
    assert state(world.ledger(clone="partial")) == before


def _without_provenance(world: World) -> object:
    try:
        return state(world.plain())
    except (errors.LedgerBroken, KeyError) as error:
        return str(error)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack__does_not_stop_the_next_writer(world: World, attack: Attack) -> None:
    """Its records count, at a path with junk too, and the order of records stays right."""
    world.write_honest()
    attack(world)
    world.ledger("evaluate", clone="partial").append(
        {FREE: {"schema": EVIDENCE, "by": "job"}}, message="Three"
    )
    outcome = INTENT.replace("intent", "outcome")
    world.ledger("promote").append({outcome: {"schema": PROMOTION}}, message="Four")
    for clone in ("", "partial"):
        ledger = world.ledger(clone=clone)
        assert ledger.read(FREE) == {"schema": EVIDENCE, "by": "job"}
        assert ledger.read(FIRST) == {"schema": EVIDENCE, "by": "job"}
        assert ledger.earlier({outcome: [FIRST, FREE, INTENT], INTENT: [FIRST, FREE]}) == {
            outcome: {FIRST, FREE, INTENT},
            INTENT: {FIRST},
        }


def test_attack__a_removal_before_a_record_and_its_end_after_it(world: World) -> None:
    world.write_honest()
    a_removal_that_is_taken_back(world)
    hold = "holds/digits/00000001.json"
    for _ in range(2):
        for clone in ("", "partial"):
            assert world.ledger(clone=clone).earlier({hold: [FIRST]}) == {hold: {FIRST}}
        _record(world)


def _record(world: World) -> None:
    attempts = best_effort.Attempts()
    ledger_verifications.record(world.ledger("promote"), at=AT, attempts=attempts)
    assert attempts.undone == ()


def test_ignored__names_commit_path_and_reason_until_it_is_verified(world: World) -> None:
    world.write_honest()
    junk = world.push({FREE: world.junk()})
    verified = world.ledger().verified
    assert verified is not None
    assert [(each.commit, each.path, each.reason) for each in verified.ignored] == [
        (junk, FREE, "it has no attestation")
    ]
    _record(world)
    verified = world.ledger().verified
    assert verified is not None
    assert (verified.ignored, verified.news) == ((), 0)
    assert verified.exceptions == {FREE: None}


def test_verification__confirms_records_whose_key_is_gone(
    world: World, hub: github_sandbox.Sandbox
) -> None:
    world.write_honest()
    world.push({FREE: world.junk()})
    before = state(world.ledger())
    hub.rotate_signing_key()
    _record(world)
    hub.forget_old_signing_keys()
    assert state(world.ledger(clone="partial")) == before
    # Mallory hides the verification, or writes junk in its place.
    world.push({}, removed=["verifications/ledger/00000001.json"])
    assert state(world.ledger(clone="partial")) == before
    world.push({"verifications/ledger/00000001.json": b"{}"})
    assert state(world.ledger(clone="whole")) == before


def test_verification__a_ledger_that_lacks_its_commit_is_refused(world: World) -> None:
    world.write_honest()
    first, record = str(world.head), "verifications/ledger/00000001.json"
    _record(world)
    files = {path: world.plain().read_bytes(path) for path in (record, acceptance.path_of(first))}
    world.move(world.commit({}, over=None))
    world.push({path: data for path, data in files.items() if data})
    ledger = world.ledger(clone="partial")
    with pytest.raises(errors.LedgerBroken, match="its history was rewritten"):
        ledger.read(FIRST)


def test_verification__is_found_behind_any_number_of_others_with_few_requests(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partial clone fetches each group of files that it reads."""
    world.write_honest()
    _record(world)
    before = state(world.ledger())
    world.push({f"verifications/ledger/9{number:07}.json": b"{}" for number in range(200)})
    ledger, requests, read_many = world.ledger(clone="partial"), 0, GitTree.read_many

    def counting(tree: GitTree, paths: Iterable[str]) -> dict[str, bytes]:
        nonlocal requests
        requests += 1
        return read_many(tree, paths)

    monkeypatch.setattr(GitTree, "read_many", counting)
    verified = ledger.verified
    assert verified is not None
    assert verified.base is not None
    assert requests < 25
    assert state(ledger) == before


def test_since__its_commit_and_all_before_need_no_attestation(world: World) -> None:
    world.plain().append({FIRST: {"schema": EVIDENCE, "by": "old"}}, message="Old")
    since = str(world.head)
    world.push({FREE: world.junk()})
    ledger = world.ledger(since=since, clone="partial")
    assert ledger.read(FIRST) == {"schema": EVIDENCE, "by": "old"}
    assert ledger.read(FREE) is None
    assert world.ledger().read(FIRST) is None
    with pytest.raises(errors.LedgerBroken, match="provenance_since"):
        world.ledger(since="5" * 40).read(FIRST)


def test_since__a_verification_with_another_one_does_not_count(world: World) -> None:
    world.plain().append({FIRST: {"schema": EVIDENCE, "by": "old"}}, message="Old")
    since = str(world.head)
    _record(world)
    assert world.ledger(since=since).read(FIRST) is not None
    assert world.ledger().read(FIRST) is None


def test_shown__evidence_of_a_fork_is_for_a_report_alone(world: World) -> None:
    world.ledger("evaluate", event_name="issue_comment").append(
        {FREE: {"schema": EVIDENCE}}, message="Of a fork"
    )
    for _ in range(2):
        assert world.ledger().read(FREE) is None
        assert world.ledger(with_shown=True, clone="partial").read(FREE) == {"schema": EVIDENCE}
        _record(world)


def test_write__without_the_permission_is_refused_before_it_is_pushed(world: World) -> None:
    provenance = dataclasses.replace(world.provenance("promote"), attestor=None)
    ledger = GitLedger(git.open_repository(world.origin), provenance=lambda: provenance)
    with pytest.raises(errors.Refused, match="id-token: write"):
        ledger.append({FIRST: {"schema": EVIDENCE}}, message="One")
    assert world.head is None
    other = world.ledger("monitor")
    with pytest.raises(errors.Refused, match="may not write interlock/evidence/v1"):
        other.append({FIRST: {"schema": EVIDENCE}}, message="One")
    assert world.head is None
