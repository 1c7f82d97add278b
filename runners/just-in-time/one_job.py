"""Runs the runner's program for one job in a folder that nobody used before; holds no credential.

Standard library only: it is started by the system's Python, as the user that the job runs as.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

EXIT_SETTINGS = 3
EXIT_REFUSED = 4
# What a job sees of this machine's environment. More by name, in INTERLOCK_RUNNER_PASS.
_PASSED = (
    *("PATH", "LANG", "LC_ALL", "TZ", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"),
    "INTERLOCK_CHECKPOINTS",
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
)
# Not DVC's state database, nor its site cache: both are unpickled by whoever opens them.
_LENT = ("dvc", "uv")
_DVC_SETTINGS = """\
[core]
    analytics = false
[cache]
    dir = {cache}
"""


class CannotStart(Exception):
    """Why no job is taken, in one sentence; `code` is the exit code."""

    def __init__(self, sentence: str, *, code: int = EXIT_REFUSED) -> None:
        super().__init__(sentence)
        self.code = code


def empty(folder: Path) -> None:
    """Remove all that an earlier job left; raises CannotStart when something stays."""
    for path in folder.iterdir():
        if path.is_symlink() or not path.is_dir():
            path.unlink()
            continue
        _open_up(path)
        shutil.rmtree(path, ignore_errors=True)
    left = sorted(path.name for path in folder.iterdir())
    if left:
        raise CannotStart(f"{folder} still holds {', '.join(left)} of an earlier job")


def _open_up(folder: Path) -> None:
    """A folder without its write bit keeps what is in it; the bits are its owner's to set."""
    folder.chmod(0o700)
    for root, folders, _ in os.walk(folder):
        for name in folders:
            path = Path(root, name)
            if not path.is_symlink():
                path.chmod(0o700)


def furnish(home: Path, *, program: Path, caches: Path | None) -> Path:
    """Make the job's folders below `home`; returns the `run.sh` of its own copy of the runner.

    Caches are copied, not shared: what a job does to its copy is its own affair. On XFS and Btrfs
    a copy shares its blocks with the original and costs next to nothing.
    """
    if not (program / "run.sh").is_file():
        raise CannotStart(f"{program} holds no run.sh", code=EXIT_SETTINGS)
    for name in ("home", "tmp", "dvc-site"):
        (home / name).mkdir()
    for name in _LENT:
        lent = caches / name if caches else None
        if lent and lent.is_dir():
            _copy(lent, home / name)
        else:
            (home / name).mkdir()
    settings = home / "home" / ".config" / "dvc"
    settings.mkdir(parents=True)
    (settings / "config").write_text(_DVC_SETTINGS.format(cache=home / "dvc"))
    _copy(program, home / "runner")
    return home / "runner" / "run.sh"


def _copy(source: Path, target: Path) -> None:
    how = ("--recursive", "--no-dereference", "--preserve=mode,links", "--reflink=auto")
    command = ["cp", *how, "--no-target-directory", "--", str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(f"{source} could not be copied: {done.stderr.strip()[:500]}")


def environment(env: Mapping[str, str], *, home: Path, ticket: str) -> dict[str, str]:
    """What the runner sees, and through it the job, which never sees the ticket's variable."""
    names = [*_PASSED, *env.get("INTERLOCK_RUNNER_PASS", "").split()]
    return {name: env[name] for name in names if name in env} | {
        "HOME": str(home / "home"),
        "TMPDIR": str(home / "tmp"),
        "UV_CACHE_DIR": str(home / "uv"),
        "DVC_SITE_CACHE_DIR": str(home / "dvc-site"),
        # In the environment and not on the command line, which every process may read.
        "ACTIONS_RUNNER_INPUT_JITCONFIG": ticket,
        # Makes run.sh pass INT and TERM on, so that a job can be cancelled.
        "RUNNER_MANUALLY_TRAP_SIG": "1",
    }


def _read(ticket: Path) -> str:
    try:
        text = ticket.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"there is no ticket at {ticket}", code=EXIT_SETTINGS) from error
    if not text:
        raise CannotStart(f"the ticket at {ticket} is empty", code=EXIT_SETTINGS)
    return text


def _start(options: argparse.Namespace) -> None:
    ticket = _read(options.ticket)
    home = options.home.resolve()
    empty(home)
    run = furnish(home, program=options.program, caches=options.caches)
    os.chdir(run.parent)
    # The runner takes our place: signals reach it, and nobody stands between it and systemd.
    os.execve(run, [str(run)], environment(os.environ, home=home, ticket=ticket))  # noqa: S606


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the job's folder; is emptied")
    parser.add_argument("--program", type=Path, help="an unpacked actions/runner; is copied")
    parser.add_argument("--ticket", type=Path, help="what ticket.py wrote")
    parser.add_argument("--caches", type=Path, help="folder with dvc/ and uv/, to start from")
    parser.add_argument("--empty", action="store_true", help="only empty the job's folder")
    options = parser.parse_args(arguments)
    if not options.empty and not (options.program and options.ticket):
        parser.error("give --program and --ticket, or --empty")
    try:
        empty(options.home) if options.empty else _start(options)
    except (CannotStart, OSError) as error:
        print(f"no job: {error}", file=sys.stderr)
        return getattr(error, "code", EXIT_REFUSED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
