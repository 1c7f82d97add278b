"""Runs a program of Mallory's between the jobs `train` and `attest` of one call.

act has no hook between two jobs. But each shell of a step first reads the file that BASH_ENV names,
and the first one with the inputs of the action `attest` has done nothing yet.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlflow import MlflowClient

from tests.act import planting
from tests.act.conftest import ActSession

_SCRIPT = """\
if [ "${{INTERLOCK_MODEL:-}}" = {model} ] && [ -n "${{INTERLOCK_RUN:-}}" ] &&
  mkdir {files} 2> /dev/null; then
  (cd {root} && BASH_ENV= {python} -m tests.act.between_jobs {plan} "$INTERLOCK_RUN")
fi 2>> {log}
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Swap:
    folder: Path

    @property
    def document(self) -> dict[str, Any]:
        """The document of the swapped run; FileNotFoundError if nothing was swapped."""
        return dict(json.loads((self.folder / "swapped.json").read_text()))


@contextmanager
def swapped(session: ActSession, model: str, *, bytes_of: str) -> Iterator[Swap]:
    """Until the end of the block, the run that a job has trained gets the bytes of another run
    before its attestation, and a document that agrees with them."""
    folder = session.project.folder / "between"
    folder.mkdir()
    script, plan = folder / "script", folder / "plan.json"
    uri = session.project.mlflow_uri
    plan.write_text(json.dumps({"mlflow": uri, "bytes_of": bytes_of}))
    words = {"model": model, "plan": plan, "files": folder / "files", "log": folder / "log"}
    root = Path(__file__).parents[2]
    script.write_text(_SCRIPT.format(**words, root=root, python=sys.executable))
    installed = session.act.installed
    variables = {**installed.variables, "BASH_ENV": str(script)}
    session.act.installed = dataclasses.replace(installed, variables=variables)
    try:
        yield Swap(folder)
    finally:
        session.act.installed = installed


def _swap(plan: Path, run: str) -> None:
    known = json.loads(plan.read_text())
    client = MlflowClient(tracking_uri=known["mlflow"])
    files = plan.parent / "files" / run
    document = planting.rewrite(client, files, of=run, bytes_of=known["bytes_of"])
    (plan.parent / "swapped.json").write_text(json.dumps(document))


if __name__ == "__main__":
    _swap(Path(sys.argv[1]), sys.argv[2])
