"""The lines that a report tells people to type do what they say, whatever the names in them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from interlock import rendering
from tests import report_cases
from tests.canaries import fields, payloads

_BLOCK = re.compile(r"^(`{3,})sh\n(.*?)\n\1$", re.DOTALL | re.MULTILINE)
# What would run is written down instead, an argument a line.
_STUBS = """
note() { printf '<%s>\\n' "$@" >> "$NOTES"; echo end >> "$NOTES"; }
git() { note git "$@"; }
dvc() { note dvc "$@"; }
interlock() { note interlock "$@"; }
"""


def test_lines_to_type__run_nothing_but_what_they_name(tmp_path: Path) -> None:
    notes, canary = tmp_path / "notes", tmp_path / "canary"
    script = [_STUBS]
    for payload in payloads.ALL:
        case = fields.case(dict.fromkeys(fields.FIELDS, payload.text))
        text = rendering.comment(case.many, lock=case.lock, links=report_cases.LINKS)
        script += [block for _, block in _BLOCK.findall(text)]
    environment = {"NOTES": str(notes), "CANARY": str(canary), "PATH": "/usr/bin:/bin"}
    encoded = "\n".join(script).encode()
    done = subprocess.run(
        ["bash", "-s"],
        input=encoded,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.stderr.decode() == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notes"]
    calls = notes.read_text("utf-8").split("\nend\n")
    options = {line for call in calls for line in call.split("\n")[1:] if line.startswith("<-")}
    ours = {"<--pull>", "<--rev>", "<--force>", "<--detach>", "<--message>", "<-->"}
    assert options <= ours
    assert len(calls) > len(payloads.ALL)
    print(f"\n{len(calls):,} lines to type")
