"""What `provenance: required` adds to the requests of a pull request's verbs."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import provenance

_KEYS = (
    "GET /_services/token/.well-known/openid-configuration",
    "GET /_services/token/.well-known/jwks",
)
_TOKEN = "GET /_services/pipelines/idtoken"


def test_required__adds_no_api_call_and_reads_the_keys_once(tmp_path: Path, programs: Path) -> None:
    with provenance.sides(tmp_path, program=programs / "interlock") as (required, none):
        for side in (required, none):
            side.run()
    issuer = {"evaluate": [*_KEYS, _TOKEN], "report": [*_KEYS], "plan": [*_KEYS]}
    for verb in provenance.VERBS:
        assert provenance.api_calls(required, verb) == provenance.api_calls(none, verb)
        added = [each for each in required.requests[verb] if " /api" not in each]
        assert sorted(added) == sorted(issuer[verb])
        assert [each for each in none.requests[verb] if " /api" not in each] == []
