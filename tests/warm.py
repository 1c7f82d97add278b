"""`interlock` and `dvc` for tests of what many commands do: forked from one process that has
imported everything."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
# Without site-packages it starts in 10 ms.
_PROGRAM = """\
#!{python} -IS
import json, os, socket, sys
job = {{
    "program": {name!r},
    "arguments": sys.argv[1:],
    "folder": os.getcwd(),
    "environment": dict(os.environ),
}}
text = json.dumps(job).encode()
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"%8d" % len(text)], [0, 1, 2])
    server.sendall(text)
    sys.exit(int(server.makefile().read() or 70))
"""


@contextmanager
def programs() -> Iterator[Path]:
    """A folder with both programs, to be put first on a PATH."""
    # A socket's address has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="warm-") as name:
        folder, address = Path(name), f"{name}/socket"
        for program in ("interlock", "dvc"):
            text = _PROGRAM.format(python=sys.executable, name=program, address=address)
            (folder / program).write_text(text)
            (folder / program).chmod(0o755)
        command = [sys.executable, "-m", "tests.warm_server", address]
        environment = os.environ | {"MPLCONFIGDIR": f"{name}/matplotlib", "DVC_NO_ANALYTICS": "1"}
        server = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=_ROOT, env=environment)
        assert server.stdout
        try:
            assert server.stdout.readline() == b"ready\n"
            yield folder
        finally:
            server.kill()
            server.communicate()
