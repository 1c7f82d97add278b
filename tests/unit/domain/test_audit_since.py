"""An audit of the last commits finds in them what an audit of the whole history finds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.evidence import Evidence
from interlock.domain.promotion import ledger_audit
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.ledger_commit import LedgerCommit
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from tests.unit.domain.test_ledger_audit import evidence, history, promotion, verdict

MODELS = ("digits", "wine")


@dataclass
class World:
    """One model whose versions are trained, promoted, held, released and rolled back."""

    model: str
    trained: int = 0
    position: int = 0
    epoch: int = 0
    held: bool = False
    deployed: list[str] = field(default_factory=list)

    @property
    def champion(self) -> str | None:
        return self.deployed[-1] if self.deployed else None

    def act(self, name: str) -> list[list[object]]:
        if name in {"train", "judge"} or (not self.held and name == "promote"):
            return getattr(self, name)()  # type: ignore[no-any-return]
        if not self.deployed or self.held is not (name == "release"):
            return []
        return getattr(self, name)()  # type: ignore[no-any-return]

    def train(self, *, outcome: Outcome = Outcome.PASS) -> list[list[object]]:
        self.trained += 1
        fingerprint = f"{MODELS.index(self.model)}{self.trained:063d}"
        own = evidence(fingerprint)
        candidate = dataclasses.replace(own.candidate, name=self.model)
        judged = dataclasses.replace(
            verdict(fingerprint, outcome=outcome), model=self.model, champion=self.champion
        )
        return [[dataclasses.replace(own, candidate=candidate), judged]]

    def judge(self) -> list[list[object]]:
        """A second verdict on the last version, which failed."""
        fingerprint = f"{MODELS.index(self.model)}{self.trained:063d}"
        failed = verdict(fingerprint, outcome=Outcome.FAIL)
        return [
            [dataclasses.replace(failed, key="1c" * 32, model=self.model, champion=self.champion)]
        ]

    def promote(self) -> list[list[object]]:
        self.position += 1
        return [*self.train(), *self.promotion(f"{MODELS.index(self.model)}{self.trained:063d}")]

    def promotion(
        self, fingerprint: str, kind: PromotionKind = PromotionKind.PROMOTION
    ) -> list[list[object]]:
        intent = dataclasses.replace(
            promotion(Phase.INTENT, fingerprint, position=self.position),
            model=self.model,
            kind=kind,
            replaces=self.champion,
            epoch=self.epoch,
        )
        self.deployed.append(fingerprint)
        return [[intent], [dataclasses.replace(intent, phase=Phase.DONE, version=1)]]

    def accept(self) -> list[list[object]]:
        """An inconclusive result, accepted and promoted."""
        ((own, judged),) = self.train(outcome=Outcome.INCONCLUSIVE)
        assert isinstance(judged, Verdict)
        accepted = Acceptance(
            judged.key, self.model, judged.fingerprint, judged.revision, "octocat", "fine", ""
        )
        self.position += 1
        return [[own, judged], [accepted], *self.promotion(judged.fingerprint)]

    def hold(self) -> list[list[object]]:
        self.epoch, self.held = self.epoch + 1, True
        fingerprint = str(self.champion)
        record = Hold(self.model, self.epoch, HoldStep.HOLD, "octocat", "", "", fingerprint, 1)
        (intent,), done = self.promotion(fingerprint)
        return [[record, intent], done]

    def release(self) -> list[list[object]]:
        self.epoch, self.held = self.epoch + 1, False
        return [[Hold(self.model, self.epoch, HoldStep.RELEASE, "octocat", "", "")]]

    def roll_back(self) -> list[list[object]]:
        self.position += 1
        return self.promotion(self.deployed[0], PromotionKind.ROLLBACK)


ACTS = ("train", "judge", "promote", "accept", "hold", "release", "roll_back")
_FAULTS: dict[type, dict[str, Any]] = {
    Evidence: {},
    Verdict: {
        "outcome": Outcome.FAIL,
        "champion": "e" * 64,
        "findings": (),
        "fingerprint": "f" * 64,
    },
    Acceptance: {"key": "0" * 64, "fingerprint": "f" * 64},
    Hold: {"epoch": 7, "step": HoldStep.RELEASE, "fingerprint": "f" * 64, "model": "wine"},
    Promotion: {
        "sha256": "6b" * 32,
        "replaces": "e" * 64,
        "epoch": 3,
        "fingerprint": "0" + "1".zfill(63),
        "phase": Phase.SUPERSEDED,
        "kind": PromotionKind.ROLLBACK,
        "run_id": "r2",
        "position": 1,
    },
}


class Records:
    """The records of a part of a history, the newest first: their order does not count."""

    def __init__(self, commits: Sequence[LedgerCommit]) -> None:
        self._nouns = [record.noun for commit in reversed(commits) for record in commit.records]

    def holds(self, model: str) -> Iterator[Hold]:
        return (n for n in self._nouns if isinstance(n, Hold) and n.model == model)

    def of_fingerprint(self, model: str, fingerprint: str) -> Iterator[object]:
        return (n for n in self._nouns if _fingerprint(n) == (model, fingerprint))


def _fingerprint(noun: object) -> tuple[str, str] | None:
    match noun:
        case Evidence(candidate=candidate):
            return candidate.name, candidate.fingerprint
        case Verdict() | Acceptance() | Promotion():
            return noun.model, noun.fingerprint
    return None


@st.composite
def acts(draw: st.DrawFn) -> list[list[object]]:
    worlds = {model: World(model) for model in MODELS}
    names = st.tuples(st.sampled_from(MODELS), st.sampled_from(ACTS))
    return [
        c for model, name in draw(st.lists(names, max_size=14)) for c in worlds[model].act(name)
    ]


@st.composite
def damaged(draw: st.DrawFn, commits: list[list[object]]) -> list[list[object]]:
    """The same records with a few faults: dropped, repeated, moved or changed."""
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(commits) - 1))
        match draw(st.sampled_from(["drop", "repeat", "swap", "change"])):
            case "drop":
                commits = [*commits[:at], *commits[at + 1 :]] if len(commits) > 1 else commits
            case "repeat":
                commits = [*commits[:at], commits[at], *commits[at:]]
            case "swap":
                commits = [*commits[:at], *commits[at : at + 2][::-1], *commits[at + 2 :]]
            case "change":
                index = draw(st.integers(0, len(commits[at]) - 1))
                noun: Any = commits[at][index]
                changes = _FAULTS[type(noun)]
                if changes:
                    name = draw(st.sampled_from(sorted(changes)))
                    noun = dataclasses.replace(noun, **{name: changes[name]})
                nouns = [*commits[at][:index], noun, *commits[at][index + 1 :]]
                commits = [*commits[:at], nouns, *commits[at + 1 :]]
    return commits


@given(st.data())
def test_verify__since_a_valid_commit_is_the_whole_audit_of_later_commits(
    data: st.DataObject,
) -> None:
    planned = data.draw(acts().filter(bool))
    commits = history(*data.draw(damaged(planned)))
    whole = list(ledger_audit.verify(commits))
    broken = {violation.commit for violation in whole}
    first = next((n for n, c in enumerate(commits) if c.id in broken), len(commits))
    cut = data.draw(st.integers(0, first))
    earlier, later = commits[:cut], commits[cut:]
    after = earlier[-1].id if earlier else None
    ids = {commit.id for commit in later}
    expected = [violation for violation in whole if violation.commit in ids]
    assert list(ledger_audit.verify(later, after=after, earlier=Records(earlier))) == expected


def test_verify__since_every_commit_of_a_valid_history_is_valid() -> None:
    """A return of the first version needs the evidence, the promotion and the hold before it."""
    world = World("digits")
    names = ("promote", "promote", "hold", "release", "accept", "judge", "roll_back", "hold")
    commits = history(*(nouns for name in names for nouns in world.act(name)))
    for cut in range(1, len(commits)):
        earlier, later = commits[:cut], commits[cut:]
        after = earlier[-1].id
        assert list(ledger_audit.verify(later, after=after, earlier=Records(earlier))) == []
    last = commits[-1:]
    lost = ledger_audit.verify(last, after=commits[-2].id, earlier=Records(commits[:-2]))
    assert [each.sentence for each in lost] == [
        "there was no hold or release 3 before it",
        "it closes an act that was never begun",
    ]


@given(acts())
def test_verify__the_worlds_histories_are_valid(planned: list[list[object]]) -> None:
    assert list(ledger_audit.verify(history(*planned))) == []
