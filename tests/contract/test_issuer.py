"""What every issuer of tokens promises: the fake in memory, and the sandbox's over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jwt
import pytest

import github_sandbox
from interlock import errors, wiring
from interlock.adapters import oidc, signing_key
from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.claims import Claims
from interlock.ports.provenance import Attestor, TokenReader
from tests.fakes.issuer import FakeIssuer

DOCUMENT = {"format": "test", "files": [["model.bin", 3, "a" * 64]]}


@dataclass
class World:
    """`reader` returns a process that knows no key yet. `forge` signs with the keys of another
    issuer, `rotate` makes a new key, and `forget` unpublishes all others."""

    attestor: Attestor
    reader: Callable[[], TokenReader]
    forge: Callable[[], Attestation]
    rotate: Callable[[], None]
    forget: Callable[[], None]


@pytest.fixture(params=["fake", "sandbox", "key"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "fake":
        yield _fake()
    elif request.param == "key":
        yield _keys(tmp_path)
    else:
        yield from _sandbox(tmp_path)


def _fake() -> World:
    issuer = FakeIssuer()

    def rotate() -> None:
        issuer.key = "key-2"

    return World(
        attestor=issuer,
        reader=lambda: issuer,
        forge=lambda: FakeIssuer(secret="forger").attest(DOCUMENT),
        rotate=rotate,
        forget=lambda: issuer.forgotten.add("key-1"),
    )


@dataclass
class KeyReaders:
    """Reads the list of the policy again for each token."""

    listed: list[str]

    def read(self, attestation: Attestation) -> Claims | Refusal:
        reader = signing_key.KeyReader(keys=tuple(self.listed), issuer=FakeIssuer())
        return reader.read(attestation)


def _keys(folder: Path) -> World:
    """Keys of dedicated evaluators; the policy lists those that count."""
    tokens = [signing_key.KeyTokens(file=folder / name) for name in ("one", "two", "forger")]
    one, two, _ = (signing_key.create(each.file) for each in tokens)
    current, listed = [tokens[0]], [one]

    @dataclass
    class Current:
        def attest(self, document: Mapping[str, Any]) -> Attestation:
            return current[0].attest(document)

    def rotate() -> None:
        current[0] = tokens[1]
        listed.append(two)

    return World(
        attestor=Current(),
        reader=lambda: KeyReaders(listed),
        forge=lambda: tokens[2].attest(DOCUMENT),
        rotate=rotate,
        forget=lambda: listed.remove(one),
    )


def _sandbox(folder: Path) -> Iterator[World]:
    hubs = [github_sandbox.Sandbox(folder / name) for name in ("true", "false")]
    try:
        with hubs[0].serve(), hubs[1].serve():
            true, false = (_tokens(hub) for hub in hubs)
            yield World(
                attestor=true,
                reader=lambda: oidc.Issuer(url=hubs[0].issuer),
                forge=lambda: false.attest(DOCUMENT),
                rotate=hubs[0].rotate_signing_key,
                forget=hubs[0].forget_old_signing_keys,
            )
    finally:
        for hub in hubs:
            hub.close()


def _tokens(hub: github_sandbox.Sandbox) -> oidc.JobTokens:
    events: list[github_sandbox.Event] = []
    hub.on_event(events.append)
    repository = wiring.repository(hub.create_repository("acme/models"))
    commit = repository.commit(None, {"README.md": b""}, message="Begin")
    repository.push(commit, "refs/heads/main", expected=None)
    hub.emit_schedule("acme/models", cron="0 0 * * *")
    job = github_sandbox.WorkflowJob(workflow_path=".github/workflows/models-monitor.yml")
    access = hub.open_job(events[-1], job)
    return oidc.JobTokens(
        url=access.url, request_token=access.token, issuer=oidc.Issuer(url=hub.issuer)
    )


def test_read__a_token_over_the_document(world: World) -> None:
    made = world.attestor.attest(DOCUMENT)
    read = world.reader().read(made)
    assert isinstance(read, Claims)
    assert made.key["kid"]


@pytest.mark.parametrize("other", [{}, {**DOCUMENT, "files": []}])
def test_read__a_token_over_another_document(world: World, other: dict[str, Any]) -> None:
    made = world.attestor.attest(DOCUMENT)
    assert isinstance(world.reader().read(replace(made, audience_of=other)), Refusal)


@pytest.mark.parametrize("token", ["", "a.b.c", "{}", "null"])
def test_read__text_that_is_not_a_token(world: World, token: str) -> None:
    made = world.attestor.attest(DOCUMENT)
    assert isinstance(world.reader().read(replace(made, token=token)), Refusal)


def test_read__a_token_of_another_issuer_with_its_own_key(world: World) -> None:
    assert isinstance(world.reader().read(world.forge()), Refusal)


def test_read__after_a_rotation_of_keys(world: World) -> None:
    old = world.attestor.attest(DOCUMENT)
    world.rotate()
    assert isinstance(world.reader().read(old), Claims)
    assert isinstance(world.reader().read(world.attestor.attest(DOCUMENT)), Claims)
    world.forget()
    assert isinstance(world.reader().read(old), Refusal)


def test_read__a_key_that_is_newer_than_the_reader(world: World) -> None:
    reader = world.reader()
    assert isinstance(reader.read(world.attestor.attest(DOCUMENT)), Claims)
    world.rotate()
    assert isinstance(reader.read(world.attestor.attest(DOCUMENT)), Claims)


def _signed(token: str, key: str, algorithm: str, kid: str = "") -> str:
    payload = jwt.decode(token, options={"verify_signature": False})
    kid = kid or jwt.get_unverified_header(token)["kid"]
    return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": kid})


@pytest.mark.parametrize(("key", "algorithm"), [("", "none"), ("k" * 32, "HS256")])
def test_oidc__another_algorithm(tmp_path: Path, key: str, algorithm: str) -> None:
    for world in _sandbox(tmp_path):
        made = world.attestor.attest(DOCUMENT)
        forged = replace(made, token=_signed(made.token, key, algorithm))
        assert isinstance(world.reader().read(forged), Refusal)


def test_oidc__a_list_of_audiences(tmp_path: Path) -> None:
    """A token for two audiences vouches for neither."""
    hub = github_sandbox.Sandbox(tmp_path)
    with hub.serve():
        made = _tokens(hub).attest(DOCUMENT)
        payload = jwt.decode(made.token, options={"verify_signature": False})
        forged = hub.sign_id_token({**payload, "aud": [payload["aud"], "other"]})
        read = oidc.Issuer(url=hub.issuer).read(replace(made, token=forged))
        assert isinstance(read, Refusal)
        assert "aud" in read.reason
    hub.close()


def test_oidc__no_server(tmp_path: Path) -> None:
    made = FakeIssuer().attest(DOCUMENT)
    token = jwt.encode({}, "k" * 32, headers={"kid": "1"})
    with pytest.raises(errors.CannotReachIssuer, match=r"127\.0\.0\.1:9 issues no token"):
        oidc.Issuer(url="http://127.0.0.1:9").read(replace(made, token=token))


def test_oidc__plain_http() -> None:
    token = jwt.encode({}, "k" * 32, headers={"kid": "1"})
    with pytest.raises(errors.CannotReachIssuer, match="TLS"):
        oidc.Issuer(url="http://github.acme.example").read(Attestation(token, {}, {}))


def test_oidc__an_ended_job(tmp_path: Path) -> None:
    hub = github_sandbox.Sandbox(tmp_path)
    with hub.serve():
        tokens = _tokens(hub)
        wrong = replace(tokens, request_token="wrong")
        with pytest.raises(errors.CannotReachIssuer, match="401"):
            wrong.attest(DOCUMENT)
    hub.close()


def test_oidc__requests_the_keys_twice_at_most(tmp_path: Path) -> None:
    hub = github_sandbox.Sandbox(tmp_path)
    with hub.serve():
        made = _tokens(hub).attest(DOCUMENT)
        hub.reset_counts()
        reader = oidc.Issuer(url=hub.issuer)
        assert all(isinstance(reader.read(made), Claims) for _ in range(10))
        assert hub.count() == 2
        unknown = replace(made, token=_signed(made.token, "k" * 32, "HS256", kid="unknown"))
        assert all(isinstance(reader.read(unknown), Refusal) for _ in range(10))
        assert hub.count() == 4
    hub.close()


def test_keys__a_token_of_github_is_read_by_its_issuer(tmp_path: Path) -> None:
    issuer = FakeIssuer()
    reader = signing_key.KeyReader(keys=(signing_key.create(tmp_path / "key"),), issuer=issuer)
    token = jwt.encode({}, "k" * 32, headers={"kid": "1"})
    made = replace(issuer.attest(DOCUMENT), token=token)
    assert reader.read(made) == issuer.read(made)
