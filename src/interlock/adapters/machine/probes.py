"""Reads single facts of this machine, each None or empty if it is not available; nothing is
evaluated."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests

from interlock.domain.training.preflight import Torch

_XID = re.compile(r"NVRM: Xid \([^)]*\): (\d+)")
_PATIENCE_SECONDS = 3.0
# This runs in the program's own Python, because this one has no PyTorch. The flags do not need a
# GPU.
_TORCH = """\
import importlib.util, json
found = None
if importlib.util.find_spec("torch"):
    import torch
    flags = getattr(torch._C, "_cuda_getArchFlags", lambda: None)() or ""
    found = None if torch.version.hip else [torch.__version__, torch.version.cuda or "", flags]
print(json.dumps(found))
"""


def torch() -> Torch | None:
    """Return the PyTorch of the `python` on PATH; None without one, or for other GPUs."""
    lines = _output(["python", "-c", _TORCH], seconds=120).splitlines()
    try:
        versions = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    if not isinstance(versions, list):
        return None
    version, cuda, flags = versions
    return Torch(version=version, cuda=cuda, targets=tuple(flags.split()))


def xids() -> tuple[int, ...]:
    """Return the codes of the GPU errors in the kernel's log; () if it may not be read."""
    return tuple(int(code) for code in _XID.findall(_output(["dmesg"], seconds=5)))


def skews(servers: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Return the seconds that this clock is ahead of each server's; servers that do not answer are
    left out."""
    return tuple(skew for server in servers for skew in _skew(server))


def _skew(server: str) -> Iterator[tuple[str, float]]:
    parts = urlsplit(server)
    if parts.scheme not in {"http", "https"}:
        return
    before = time.time()
    try:
        answer = requests.head(server, timeout=_PATIENCE_SECONDS, allow_redirects=False)
        # The header has whole seconds, rounded down.
        server_time = parsedate_to_datetime(answer.headers["Date"]).timestamp() + 0.5
    except (requests.RequestException, KeyError, ValueError, TypeError):
        return
    # The user name and password of the address are removed, because users see it.
    yield (
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        (before + time.time()) / 2 - server_time,
    )


def _output(command: list[str], *, seconds: float) -> str:
    try:
        done = subprocess.run(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout
