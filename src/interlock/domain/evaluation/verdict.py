"""What gates said of a candidate: nouns of findings and verdicts; the rules are in gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.basics.interval import Interval
from interlock.domain.model.manifest import GateRule


class Outcome(StrEnum):
    """Of a finding and of a verdict. Only PASS lets a model through."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric of the candidate beside the champion's; None is absent, never a number.

    `slice` and `value` are empty over all rows, `rows` how many there are. `problem` says why a
    number is absent. `is_part` says that the candidate was evaluated on more rows than the
    champion: `candidate` is of the rows of both then, and `whole` of all of its own. `positive`
    is the positive class, of a metric that depends on it.
    """

    metric: str
    candidate: float | None
    champion: float | None = None
    difference: float | None = None
    interval: Interval | None = None
    slice: str = ""
    value: str = ""
    problem: str = ""
    rows: int | None = None
    is_part: bool = False
    whole: float | None = None
    positive: str = ""

    @property
    def alone(self) -> float | None:
        """The candidate's number, whatever the champion was evaluated on."""
        return self.whole if self.is_part else self.candidate


@dataclass(frozen=True, slots=True)
class Finding:
    """One gate's outcome: what was observed, what is required, one sentence.

    `reason` is why in a few words, without the numbers that stand beside it; "" of a plain pass.
    Of a gate on slices `value` is the worst of `values` slice values, which is the one that
    was observed. `positive` is as of the comparison, and `rows` how many it rests on.
    """

    rule: GateRule
    outcome: Outcome
    observed: float | None
    threshold: str
    sentence: str
    interval: Interval | None = None
    reason: str = ""
    value: str = ""
    values: int = 0
    positive: str = ""
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The sum of the findings under one set of rules.

    `key` identifies everything that it was judged by (fingerprint, rules, policy, champion), so
    that the same judgement is found again instead of made again. `champion` is the fingerprint
    that it was held against, None when there was none. `relaxed` are sentences on rules that
    the change loosened. `pictures` maps a plot's name to its path on the ledger branch,
    `unshown` one that the pipeline declares to why there is no picture of it.
    """

    key: str
    model: str
    fingerprint: str
    revision: str
    outcome: Outcome
    sentence: str
    findings: tuple[Finding, ...]
    comparisons: tuple[Comparison, ...]
    champion: str | None = None
    champion_version: int | None = None
    relaxed: tuple[str, ...] = ()
    pictures: Mapping[str, str] = field(default_factory=dict)
    unshown: Mapping[str, str] = field(default_factory=dict)
