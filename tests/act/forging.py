"""A step of a hostile workflow: it uses the tokens of its own job for a planted run and a record.

`command` starts it with a plan of `write`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.adapters.oidc import Issuer, JobTokens
from interlock.demo.project import DemoProject
from tests.act.pushing import LedgerClone


def command(plan: Path) -> str:
    return f"cd {Path(__file__).parents[2]} && {sys.executable} -m tests.act.forging {plan}"


def write(
    plan: Path,
    project: DemoProject,
    ledger: LedgerClone,
    *,
    subject: Mapping[str, Any],
    records: Mapping[str, bytes],
) -> None:
    """Write a plan: `subject` is the document of the planted run's attestation, `records` are the
    files of a commit of the ledger."""
    document = {
        "issuer": project.hub.issuer,
        "mlflow": project.mlflow_uri,
        "ledger": str(ledger.folder),
        "subject": subject,
        "records": {path: data.decode() for path, data in records.items()},
    }
    plan.write_text(json.dumps(document))


def _forge(plan: Mapping[str, Any]) -> None:
    tokens = JobTokens(
        url=os.environ["ACTIONS_ID_TOKEN_REQUEST_URL"],
        request_token=os.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
        issuer=Issuer(url=plan["issuer"]),
    )
    subject = plan["subject"]
    MlflowRuns(plan["mlflow"]).attest(subject["run"], tokens.attest(subject))
    records = {path: text.encode() for path, text in plan["records"].items()}
    LedgerClone(Path(plan["ledger"])).push_attested(records, tokens)


if __name__ == "__main__":
    _forge(json.loads(Path(sys.argv[1]).read_text()))
