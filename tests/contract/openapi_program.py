"""`interlock` as a program whose GitHub on loopback is listened to.

`python -m tests.contract.openapi_program FILE VERB ...` runs the verb and leaves one exchange or
event a line in FILE; what they are worth is judged by whoever reads them.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from interlock import cli
from tests.contract.openapi_tape import Exchange, RecordedEvent, Tape, record

ROOT = Path(__file__).parents[2]


def command(file: Path) -> list[str]:
    """What to run in place of `python -m interlock`; needs ROOT on PYTHONPATH."""
    return [sys.executable, "-m", __name__, str(file)]


def read(file: Path) -> list[Exchange | RecordedEvent]:
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    raw = [{k: v.encode("latin-1") if k in _RAW else v for k, v in row.items()} for row in rows]
    return [RecordedEvent(**row) if "payload" in row else Exchange(**row) for row in raw]


_RAW = ("request", "response", "payload")


def _write(file: Path, requests: list[Exchange | RecordedEvent]) -> None:
    rows = [dataclasses.asdict(item) for item in requests]
    texts = [{k: v.decode("latin-1") if k in _RAW else v for k, v in r.items()} for r in rows]
    file.write_text("".join(json.dumps(row) + "\n" for row in texts))


def main() -> None:
    file, sys.argv[1:] = Path(sys.argv[1]), sys.argv[2:]
    tape = Tape()
    record(tape)
    try:
        cli.main()
    finally:
        _write(file, tape.take())


if __name__ == "__main__":
    main()
