"""Run a local GitHub until Ctrl-C: `python -m github_sandbox FOLDER`."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from pathlib import Path

from github_sandbox.errors import SandboxError
from github_sandbox.starter import start


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m github_sandbox FOLDER\n")
        return 2
    try:
        with start(Path(arguments[0])) as running, suppress(KeyboardInterrupt):
            sys.stdout.write(f"{running.url}\ntoken {running.token}\nclone {running.clone_url}\n")
            sys.stdout.flush()
            threading.Event().wait()
    except SandboxError as error:
        sys.stderr.write(f"error: {error.message}\nhint: {error.hint}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
