"""`interlock sandbox`: run the local GitHub until a signal stops it."""

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
    from github_sandbox import RunningSandbox

_STATE = "state.sqlite3"
_STOPS = (signal.SIGINT, signal.SIGTERM)


def _check_port(_context: click.Context, _option: click.Parameter, port: int) -> int:
    # Not a range of click: its help would show 0 as a normal port.
    if not 0 <= port <= 65_535:
        raise click.BadParameter(f"{port} is not a valid port; use a number up to 65535")
    return port


@click.command("sandbox")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the state, which is used again at the next start, for example `hub`.",
)
@click.option(
    "--port",
    type=int,
    callback=_check_port,
    default=0,
    metavar="PORT",
    help="Port on 127.0.0.1, for example `8080`. Default: any free port.",
)
@options.as_json
def command(keep: Path | None, port: int, as_json: bool) -> None:
    """Run a local GitHub server for tests and demos.

    It has the repository acme/models and its administrator octocat, the REST API, Git over HTTP,
    events and pages. Ctrl-C stops the server.
    """
    with _stop_signals() as wait, _folder(keep) as root:
        github_sandbox = _import()
        try:
            with github_sandbox.start(root, port=port) as running:
                addresses = _addresses(running)
                click.echo(json.dumps(addresses) if as_json else _text(addresses))
                wait()
        except github_sandbox.SandboxError as error:
            raise errors.BadInput(error.message, hint=error.hint) from error
    click.echo("stopped", err=True)


@contextmanager
def _stop_signals() -> Iterator[Callable[[], object]]:
    """Catch SIGINT and SIGTERM, and yield a function that waits for one of them.

    It uses a pipe. A lock would not wake up when another thread gets the signal.
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
    """Refuse a folder with other files: raises BadInput."""
    if not folder.is_dir() or not any(folder.iterdir()) or (folder / _STATE).exists():
        return
    hint = "use a new folder"
    if (folder / "github" / _STATE).exists():
        hint = f"the state of a demo is in a subfolder: use --keep {folder / 'github'}"
    raise errors.BadInput(f"{folder} is not empty and has no state of a sandbox", hint=hint)


def _import() -> ModuleType:
    with errors.needing_extra("sandbox"):
        import github_sandbox  # noqa: PLC0415 - heavy, and an extra
    return github_sandbox


def _addresses(running: RunningSandbox) -> dict[str, str]:
    return {
        "schema": "interlock/sandbox/v1",
        "url": running.url,
        "api_url": running.api_url,
        "repository": running.repository,
        "login": running.login,
        "token": running.token,
        "clone": f"git clone {running.clone_url}",
        "root": str(running.sandbox.instance.root),
    }


def _text(addresses: dict[str, str]) -> str:
    url, api_url = addresses["url"], addresses["api_url"]
    repository, token = addresses["repository"], addresses["token"]
    return (
        f"Local GitHub: {url}\n"
        f"  state  {addresses['root']}\n"
        f"  clone  {addresses['clone']}\n"
        f"  use    export GITHUB_API_URL={api_url} GITHUB_SERVER_URL={url} \\\n"
        f"           GITHUB_REPOSITORY={repository} GITHUB_TOKEN={token}\n"
        "Press Ctrl-C to stop."
    )
