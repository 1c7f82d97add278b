"""Schemas are schemas, and what needs a GitHub to be printed fits its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from interlock import documents as nouns
from interlock.cli import report
from interlock.commands.report import ReportResult
from interlock.ports.github import Check, Conclusion
from tests import report_cases
from tests.docs import documents

FILES = sorted(documents.SCHEMAS.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_schema__is_one(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema.get("required", ())) <= set(schema["properties"])


@pytest.mark.parametrize("name", report_cases.CASES)
@pytest.mark.parametrize("conclusion", [Conclusion.SUCCESS, None])
def test_report__prints_what_its_schema_says(name: str, conclusion: Conclusion | None) -> None:
    case = report_cases.CASES[name]()
    check = Check("interlock", "b" * 40, conclusion, "title", "summary")
    result = ReportResult(case.report, "comment", (check,), lock=case.lock)
    documents.check(json.loads(nouns.text(report.document(result))))


def test_records__of_every_kind_fit_their_schemas() -> None:
    word = replace(report_cases.accepted().acceptances[0], key="5" * 64)
    failure = report_cases.failed().failures[0]
    for noun in (word, failure, report_cases.promotion(), report_cases.evidence()):
        documents.check(json.loads(nouns.text(nouns.dump(noun))))


def test_check__refuses_what_does_not_fit() -> None:
    document = nouns.dump(report_cases.promotion()) | {"phase": "planned"}
    with pytest.raises(jsonschema.ValidationError):
        documents.check({"schema": "interlock/ledger-log/v1", "commits": [document]})
