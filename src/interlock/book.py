"""The ledger's table of contents: which record lies where; nothing is written here."""

from __future__ import annotations

from interlock import documents
from interlock.domain.acceptance import Acceptance
from interlock.domain.evidence import Attempt, Evidence
from interlock.domain.promotion import Phase, Promotion
from interlock.domain.verdict import Verdict
from interlock.ports.ledger import Ledger


def evidence_path(model: str, fingerprint: str) -> str:
    return f"evidence/{model}/{fingerprint}.json"


def verdict_path(model: str, fingerprint: str, key: str) -> str:
    return f"verdicts/{model}/{fingerprint}/{key}.json"


def attempt_path(attempt: Attempt) -> str:
    return f"attempts/{attempt.name}/{attempt.fingerprint}/{attempt.run_id}.json"


def acceptance_path(acceptance: Acceptance) -> str:
    name = f"{acceptance.key}-{acceptance.revision}"
    return f"acceptances/{acceptance.model}/{acceptance.fingerprint}/{name}.json"


def picture_path(model: str, fingerprint: str, name: str) -> str:
    return f"pictures/{model}/{fingerprint}/{name}.png"


def promotion_path(promotion: Promotion) -> str:
    name = f"{promotion.position:08d}-{promotion.fingerprint[:12]}-{promotion.phase}"
    return f"promotions/{promotion.model}/{name}.json"


def find_evidence(ledger: Ledger, *, model: str, fingerprint: str) -> Evidence | None:
    path = evidence_path(model, fingerprint)
    document = ledger.read(path)
    return None if document is None else documents.load(document, Evidence, where=path)


def find_verdict(ledger: Ledger, *, model: str, fingerprint: str, key: str) -> Verdict | None:
    path = verdict_path(model, fingerprint, key)
    document = ledger.read(path)
    return None if document is None else documents.load(document, Verdict, where=path)


def attempts(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Attempt, ...]:
    paths = ledger.list(f"attempts/{model}/{fingerprint}")
    return tuple(documents.load(ledger.read(path), Attempt, where=path) for path in paths)


def acceptances(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Acceptance, ...]:
    paths = ledger.list(f"acceptances/{model}/{fingerprint}")
    return tuple(documents.load(ledger.read(path), Acceptance, where=path) for path in paths)


def promotions(ledger: Ledger, *, model: str) -> tuple[Promotion, ...]:
    """Every record of every promotion of a model, in order of position."""
    paths = ledger.list(f"promotions/{model}")
    return tuple(documents.load(ledger.read(path), Promotion, where=path) for path in paths)


def champion(ledger: Ledger, *, model: str) -> Promotion | None:
    """What is served: the finished promotion with the highest position."""
    done = [p for p in promotions(ledger, model=model) if p.phase is Phase.DONE]
    return max(done, key=lambda p: p.position, default=None)
