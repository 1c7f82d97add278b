"""Whether a model's route is proven: a verdict that lets it through; no record is fetched here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from interlock.domain.acceptance import Acceptance
from interlock.domain.verdict import Outcome, Verdict


def objection(
    verdict: Verdict | None, acceptances: Iterable[Acceptance], *, key: str, model: str, commit: str
) -> str:
    """Say why a model may not be promoted; empty when it may.

    `key` is the judgement that counts (gates.key): under the rules of that commit, against what is
    served now. An acceptance counts for exactly that judgement.
    """
    if verdict is None or verdict.key != key or verdict.model != model:
        return (
            f"it was not judged under the rules of {commit[:12]} against what is served now; "
            f"`interlock evaluate {model} --rev {commit}` does that"
        )
    match verdict.outcome:
        case Outcome.PASS:
            return ""
        case Outcome.FAIL | Outcome.SKIP:
            return f"its verdict is {verdict.outcome}: {_reasons(verdict, verdict.outcome)}"
        case Outcome.INCONCLUSIVE:
            if any(acceptance.key == key for acceptance in acceptances):
                return ""
            return (
                f"its verdict is inconclusive: {_reasons(verdict, Outcome.INCONCLUSIVE)}; "
                f"a person may accept it: `interlock accept {model} --rev {commit} --reason TEXT`"
            )
        case _:
            assert_never(verdict.outcome)


def _reasons(verdict: Verdict, outcome: Outcome) -> str:
    """The sentences of the gates that decided it, or the verdict's own."""
    sentences = [finding.sentence for finding in verdict.findings if finding.outcome is outcome]
    return "; ".join(s.rstrip(".") for s in sentences) or verdict.sentence.rstrip(".")
