"""Audits the promotions and holds of a history, commit by commit; keeps only what later commits
need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.promotion import hold as holding
from interlock.domain.promotion import proof
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.ledger_commit import LedgerCommit, Violation
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.proof_state import ProofState

Find = Callable[[str, str], Manifest | None]
"""The manifest of a model at a revision; None if it is unknown."""


class EarlierRecords(Protocol):
    """The valid records before the first audited commit."""

    def holds(self, model: str) -> Iterable[Hold]: ...
    def of_fingerprint(self, model: str, fingerprint: str) -> Iterable[object]:
        """Evidence, verdicts, acceptances and promotions of one fingerprint."""
        ...


@dataclass(slots=True)
class _Holds:
    """The last hold or release of a model, and the epochs of its holds."""

    last: Hold | None = None
    held: set[int] = field(default_factory=set)

    @property
    def known(self) -> tuple[Hold, ...]:
        return () if self.last is None else (self.last,)

    def add(self, hold: Hold) -> None:
        if self.last is None or hold.epoch > self.last.epoch:
            self.last = hold
        if proof.is_pin(hold):
            self.held.add(hold.epoch)


@dataclass(slots=True)
class _Fingerprint:
    """The facts about one model and fingerprint."""

    state: ProofState = field(default_factory=ProofState)
    intents: dict[tuple[int, int, str], Promotion] = field(default_factory=dict)

    def add_earlier(self, noun: object) -> None:
        """Add a record of a valid history: every promotion in it is proven."""
        self.state.add(noun)
        if proof.is_intent(noun):
            self.intents[noun.act] = noun
            self.state.proven.add(noun.act)


@dataclass(slots=True)
class PromotionAudit:
    """`earlier` are the records before the first commit, read only for the models and fingerprints
    that the commits are about."""

    earlier: EarlierRecords | None = None
    find_manifest: Find | None = None
    _holds: dict[str, _Holds] = field(default_factory=dict)
    _fingerprints: dict[tuple[str, str], _Fingerprint] = field(default_factory=dict)

    def check(self, commit: LedgerCommit) -> Iterator[Violation]:
        """Check that holds are in order, that an outcome has an intent, and an intent a proof."""
        nouns = [(record.path, record.noun) for record in commit.records]
        promotions = [(path, noun) for path, noun in nouns if isinstance(noun, Promotion)]
        begun = [noun for _, noun in promotions if proof.is_intent(noun)]
        for path, noun in nouns:
            if isinstance(noun, Hold):
                yield from _at(commit, path, self._hold(noun, begun))
        for path, promotion in promotions:
            yield from _at(commit, path, self._promotion(promotion))
        for path, promotion in promotions:
            if proof.is_intent(promotion):
                yield from _at(commit, path, self._unproven(promotion))
        for _, noun in nouns:
            if (about := _fingerprint_of(noun)) is not None:
                self._of(*about).state.add(noun)

    def _hold(self, hold: Hold, begun: Sequence[Promotion]) -> Iterator[str]:
        """Check the number of a hold, and that it begins the promotion of its fingerprint."""
        before = self._holds_of(hold.model)
        if hold.epoch != holding.epoch(before.known) + 1:
            yield f"it is number {hold.epoch}, after {holding.epoch(before.known)}"
        if hold.step is HoldStep.RELEASE and holding.active(before.known) is None:
            yield "it releases a model without a hold"
        pins = [(act.model, act.epoch, act.fingerprint) for act in begun]
        if proof.is_pin(hold) and (hold.model, hold.epoch, hold.fingerprint) not in pins:
            yield "it pins a fingerprint that no act of its commit promotes"
        before.add(hold)

    def _promotion(self, promotion: Promotion) -> Iterator[str]:
        if promotion.epoch > holding.epoch(self._holds_of(promotion.model).known):
            yield f"there was no hold or release {promotion.epoch} before it"
        intents = self._of(promotion.model, promotion.fingerprint).intents
        if proof.is_intent(promotion):
            intents[promotion.act] = promotion
        elif promotion.act not in intents:
            yield "it closes an act that was never begun"
        elif refusal := proof.check_outcome(promotion, intents[promotion.act]):
            yield refusal.reason

    def _unproven(self, intent: Promotion) -> Iterator[str]:
        """Check the proof of an intent. It proves later ones without its manifest: not all clones
        have that."""
        state = self._of(intent.model, intent.fingerprint).state
        held = self._holds_of(intent.model).held
        refusal = state.check(intent, held, None)
        find = self.find_manifest
        manifest = find(intent.model, intent.revision) if find else None
        if manifest is not None:
            refusal = state.check(intent, held, manifest)
        if refusal is not None:
            yield f"nothing proves it: {refusal}"

    def _holds_of(self, model: str) -> _Holds:
        if model not in self._holds:
            self._holds[model] = _Holds()
            for hold in self.earlier.holds(model) if self.earlier else ():
                self._holds[model].add(hold)
        return self._holds[model]

    def _of(self, model: str, fingerprint: str) -> _Fingerprint:
        key = (model, fingerprint)
        if key not in self._fingerprints:
            self._fingerprints[key] = _Fingerprint()
            for noun in self.earlier.of_fingerprint(*key) if self.earlier else ():
                self._fingerprints[key].add_earlier(noun)
        return self._fingerprints[key]


def _at(commit: LedgerCommit, path: str, sentences: Iterable[str]) -> Iterator[Violation]:
    return (Violation(commit.id, path, sentence) for sentence in sentences)


def _fingerprint_of(noun: object) -> tuple[str, str] | None:
    """Return the model and the fingerprint of a record that counts for a proof."""
    match noun:
        case Evidence(candidate=candidate):
            return candidate.name, candidate.fingerprint
        case Verdict() | Acceptance() | Promotion():
            return noun.model, noun.fingerprint
    return None
