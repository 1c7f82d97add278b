"""The payloads of payloads.json: what a stranger may write, by what it is meant to harm.

`$CANARY` in one of them is the path of a file that nobody may ever make.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("payloads.json")


@dataclass(frozen=True)
class Payload:
    """`is_long`: so long that whatever shows it must cut it."""

    kind: str
    text: str
    is_long: bool = False


def _read() -> list[Payload]:
    written = json.loads(_FILE.read_text("utf-8"))
    return [_payload(kind, each) for kind, many in written.items() for each in many]


def _payload(kind: str, written: str | dict[str, object]) -> Payload:
    if isinstance(written, str):
        return Payload(kind, written)
    return Payload(kind, str(written["text"]) * int(str(written["times"])), is_long=True)


ALL = _read()
SHORT = [payload for payload in ALL if not payload.is_long]
LONG = [payload for payload in ALL if payload.is_long]
