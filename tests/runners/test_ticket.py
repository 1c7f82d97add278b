"""Asking for a just-in-time runner, against an endpoint that answers as GitHub describes it."""

from __future__ import annotations

import base64
import dataclasses
import functools
import json
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.contract import node_world, openapi
from tests.contract.openapi_tape import Exchange
from tests.runners import places

ticket = places.program("ticket")
TICKET = base64.b64encode(b'{".runner": "..."}').decode()
RUNNER = {
    "id": 7,
    "name": "vm-0",
    "os": "unknown",
    "status": "offline",
    "busy": False,
    "labels": [],
}
SECRET = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"


@functools.cache
def description() -> openapi.Description:
    """GitHub's own description of its API, as a package of npm carries it."""
    folder = node_world.install() / "@octokit/openapi/generated"
    return openapi.Description(folder / "api.github.com.json")


@dataclass
class Endpoint:
    """The fake: `status` and `body` are what it answers, `requests` is what it was asked."""

    url: str = ""
    status: int = 201
    body: Any = field(default_factory=lambda: {"runner": RUNNER, "encoded_jit_config": TICKET})
    requests: list[tuple[str, str, str, Any]] = field(default_factory=list)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    fake = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"] or 0)
            document = json.loads(self.rfile.read(length) or b"null")
            fake.requests.append(("POST", self.path, self.headers["Authorization"], document))
            content = json.dumps(fake.body).encode()
            self.send_response(fake.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        fake.url = f"http://127.0.0.1:{server.server_port}"
        yield fake
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def settings(endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "github").write_text(f"{SECRET}\n")
    for name, value in {
        "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials"),
        "GITHUB_API_URL": endpoint.url,
        "INTERLOCK_RUNNER_SCOPE": "orgs/acme",
        "INTERLOCK_RUNNER_GROUP_ID": "2",
        "INTERLOCK_RUNNER_LABELS": "self-hosted, gpu",
    }.items():
        monkeypatch.setenv(name, value)


def ask(tmp_path: Path) -> tuple[int, Path]:
    out = tmp_path / "ticket"
    return ticket.main(["0", "--out", str(out)]), out


def test_ticket__is_requested_once_and_left_for_the_group_alone(
    endpoint: Endpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = ask(tmp_path)
    assert (code, out.read_text()) == (0, TICKET)
    assert stat.S_IMODE(out.stat().st_mode) & 0o137 == 0
    ((method, path, authorization, body),) = endpoint.requests
    assert (method, path) == ("POST", "/orgs/acme/actions/runners/generate-jitconfig")
    assert authorization.endswith(SECRET)
    name = body.pop("name")
    assert "-0-" in name
    assert len(name) <= 64
    assert body == {
        "runner_group_id": 2,
        "labels": ["self-hosted", "gpu"],
        "work_folder": "_work",
    }
    output = capsys.readouterr()
    assert name in output.err
    assert SECRET not in output.out + output.err
    assert TICKET not in output.out + output.err


@pytest.mark.parametrize("scope", ["orgs/acme", "repos/acme/models"])
def test_ticket__is_requested_and_answered_as_github_describes_it(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    monkeypatch.setenv("INTERLOCK_RUNNER_SCOPE", scope)
    assert ask(tmp_path)[0] == 0
    ((method, path, _, body),) = endpoint.requests
    exchange = Exchange(
        method=method,
        path=path,
        query="",
        by="PyGithub/Python",
        request_type="application/json",
        request=json.dumps(body).encode(),
        status=endpoint.status,
        response_type="application/json",
        response=json.dumps(endpoint.body).encode(),
    )
    assert openapi.complaints(description(), exchange) == []
    nameless = dataclasses.replace(exchange, request=b'{"labels": []}')
    assert openapi.complaints(description(), nameless) != []


def test_ticket__without_an_address_is_requested_from_github_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GITHUB_API_URL")
    assert ticket.read(ticket.os.environ).api_url == "https://api.github.com"


def test_ticket__of_a_repository(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERLOCK_RUNNER_SCOPE", "repos/acme/models")
    assert ask(tmp_path)[0] == 0
    assert endpoint.requests[0][1] == "/repos/acme/models/actions/runners/generate-jitconfig"


def test_ticket__replaces_an_older_one(endpoint: Endpoint, tmp_path: Path) -> None:
    (tmp_path / "ticket").write_text("old")
    code, out = ask(tmp_path)
    assert (code, out.read_text()) == (0, TICKET)
    names = {body["name"] for *_, body in endpoint.requests}
    assert ask(tmp_path)[0] == 0
    assert len(names | {endpoint.requests[-1][3]["name"]}) == 2


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 500, 502, 503])
def test_ticket__refused_is_reported_and_not_tried_again(
    endpoint: Endpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    endpoint.status, endpoint.body = status, {"message": "no"}
    code, out = ask(tmp_path)
    assert (code, out.exists(), len(endpoint.requests)) == (4, False, 1)
    text = capsys.readouterr().err
    assert text.startswith(f"no runner: GitHub answered {status} to /orgs/acme/")
    assert "Traceback" not in text


@pytest.mark.parametrize("body", [{}, [], None, {"encoded_jit_config": "not base64!"}])
def test_ticket__an_answer_without_one(endpoint: Endpoint, tmp_path: Path, body: object) -> None:
    endpoint.body = body
    code, out = ask(tmp_path)
    assert (code, out.exists()) == (4, False)


def test_ticket__github_is_out_of_reach(
    endpoint: Endpoint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    assert ask(tmp_path)[0] == 4
    assert "http://127.0.0.1:9 is out of reach" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CREDENTIALS_DIRECTORY", ""),
        ("CREDENTIALS_DIRECTORY", "/nowhere"),
        ("INTERLOCK_RUNNER_SCOPE", ""),
        ("INTERLOCK_RUNNER_SCOPE", "acme/models"),
        ("INTERLOCK_RUNNER_SCOPE", "orgs/acme/../../user"),
        ("INTERLOCK_RUNNER_GROUP_ID", ""),
        ("INTERLOCK_RUNNER_GROUP_ID", "gpu"),
        ("INTERLOCK_RUNNER_LABELS", ""),
        ("INTERLOCK_RUNNER_LABELS", "gpu,,cpu"),
        ("INTERLOCK_RUNNER_LABELS", ",".join("x" * 101)),
        ("INTERLOCK_RUNNER_APP_ID", "12"),
    ],
)
def test_ticket__a_setting_is_missing_or_wrong(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert (ask(tmp_path)[0], endpoint.requests) == (3, [])


def test_ticket__an_app_asks_for_the_one_permission_it_needs(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    (tmp_path / "credentials" / "github").write_bytes(key)
    monkeypatch.setenv("INTERLOCK_RUNNER_APP_ID", "12")
    monkeypatch.setenv("INTERLOCK_RUNNER_INSTALLATION_ID", "34")
    endpoint.body = {"token": "ghs_1", "expires_at": "2099-01-01T00:00:00Z", "permissions": {}} | (
        {"encoded_jit_config": TICKET}
    )
    assert ask(tmp_path)[0] == 0
    assert [path for _, path, *_ in endpoint.requests] == [
        "/app/installations/34/access_tokens",
        "/orgs/acme/actions/runners/generate-jitconfig",
    ]
    assert endpoint.requests[0][3] == {"permissions": {"organization_self_hosted_runners": "write"}}
    assert endpoint.requests[1][2].endswith("ghs_1")
