"""Findings and verdicts; the rules are in `gates`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.basics.interval import Interval
from interlock.domain.model.manifest import Better, GateRule


class Outcome(StrEnum):
    """The outcome of a finding and of a verdict. Only PASS allows a promotion."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric of the candidate and of the champion; None is a missing number.

    `slice` and `value` are empty for all rows; `rows` is their number. `problem` is the reason for
    a missing number. `is_part`: the candidate was evaluated on more rows than the champion; then
    `candidate` is of the common rows, and `whole` of all its own. `positive` is the positive class,
    for a metric that depends on one. `better` is the direction of a metric of the pipeline's own,
    if a gate names one.
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
    better: Better | None = None

    @property
    def alone(self) -> float | None:
        """The candidate's number on all its own rows."""
        return self.whole if self.is_part else self.candidate


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one gate: its threshold, the observed value, the outcome and a sentence.

    `reason` is the reason in a few words, without numbers; "" for a pass. For a gate on slices
    `value` is the worst of `values` slice values. `positive` is the positive class, `rows` the
    number of rows.
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
    """The findings of one candidate and the outcome that follows from them.

    `key` identifies everything that decides it (fingerprint, rules, policy, champion), so that the
    same verdict is reused and not computed again. `champion` is the fingerprint of the model that
    it was compared with. `relaxed` has a sentence for each rule that the change relaxes. `pictures`
    maps a plot's name to its path on the branch of pictures, `unshown` a declared plot to the
    reason why there is no picture of it.
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
