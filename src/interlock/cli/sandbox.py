"""`interlock sandbox`: start the GitHub on loopback and keep it until it is told to stop."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING

import click

from interlock import errors
from interlock.cli import options
from interlock.services import temporary_folders

if TYPE_CHECKING:
    from github_sandbox import Sandbox

_REPOSITORY = "acme/models"
_LOGIN = "octocat"
_STATE = "state.sqlite3"
_STOPS = (signal.SIGINT, signal.SIGTERM)


def _check_port(_context: click.Context, _option: click.Parameter, port: int) -> int:
    # Not click's own range: its help would show 0 as a port like any other.
    if not 0 <= port <= 65_535:
        raise click.BadParameter(f"{port} is not a port: they go up to 65535")
    return port


@click.command("sandbox")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the state in this folder, and resume what is there.",
)
@click.option(
    "--port",
    type=int,
    callback=_check_port,
    default=0,
    metavar="PORT",
    help="The port on 127.0.0.1, up to 65535; without it, any free one.",
)
@options.as_json
def command(keep: Path | None, port: int, as_json: bool) -> None:
    """Serve a GitHub on loopback: REST API, Git, events, and a page, until Ctrl-C.

    It holds one repository, acme/models, and one user, octocat, who may write to it.
    """
    with _stop_signals() as wait, _folder(keep) as root:
        sandbox = _import()
        try:
            _serve(sandbox.Sandbox(root), port=port, as_json=as_json, wait=wait)
        except sandbox.SandboxError as error:
            raise errors.BadInput(error.message, hint=error.hint) from error
    click.echo("stopped", err=True)


@contextmanager
def _stop_signals() -> Iterator[Callable[[], object]]:
    """Catch SIGINT and SIGTERM, and give a function that waits for one of them.

    Through a pipe: waiting on a lock instead is not woken by a signal that another thread took,
    and a second signal while the first is handled would wait for ever.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    before = {number: signal.signal(number, _ignore) for number in _STOPS}
    fd = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield lambda: reader.recv(1)
    finally:
        signal.set_wakeup_fd(fd)
        for number, handler in before.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    return


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        _refuse_foreign(keep)
        yield keep
        return
    with temporary_folders.folder("sandbox") as folder:
        yield folder


def _refuse_foreign(folder: Path) -> None:
    """Put no state among files that are somebody's: raises BadInput."""
    if not folder.is_dir() or not any(folder.iterdir()) or (folder / _STATE).exists():
        return
    hint = "name a folder that does not exist yet"
    if (folder / "github" / _STATE).exists():
        hint = f"a demo keeps its GitHub in a folder of its own: --keep {folder / 'github'}"
    raise errors.BadInput(f"{folder} is not empty, and no sandbox was kept there", hint=hint)


def _import() -> ModuleType:
    try:
        import github_sandbox  # noqa: PLC0415 - heavy, and an extra
    except ModuleNotFoundError as error:
        raise errors.missing_extra(str(error.name), extra="sandbox") from error
    return github_sandbox


def _serve(hub: Sandbox, *, port: int, as_json: bool, wait: Callable[[], object]) -> None:
    if _REPOSITORY not in hub.repositories:
        hub.create_repository(_REPOSITORY)
    hub.create_user(_LOGIN, repository=_REPOSITORY, permission="admin")
    with hub.serve(port=port) as url:
        facts = _facts(hub, url)
        click.echo(json.dumps(facts) if as_json else _text(facts))
        wait()
    hub.close()


def _facts(hub: Sandbox, url: str) -> dict[str, str]:
    token = hub.create_token(_LOGIN)
    return {
        "schema": "interlock/sandbox/v1",
        "url": url,
        "api_url": f"{url}/api",
        "repository": _REPOSITORY,
        "login": _LOGIN,
        "token": token,
        "clone": f"git clone {hub.git_url(_REPOSITORY, token)}",
        "root": str(hub.instance.root),
    }


def _text(facts: dict[str, str]) -> str:
    return (
        f"A GitHub on loopback: {facts['url']}\n"
        f"  state  {facts['root']}\n"
        f"  clone  {facts['clone']}\n"
        f"  use    export GITHUB_API_URL={facts['api_url']} GITHUB_SERVER_URL={facts['url']} \\\n"
        f"           GITHUB_REPOSITORY={facts['repository']} GITHUB_TOKEN={facts['token']}\n"
        "Ctrl-C stops it."
    )
