"""`key`: makes the key of a dedicated evaluator outside of GitHub, or shows its public half."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from interlock.ports.provenance import SigningKeys


@dataclass(frozen=True, slots=True)
class EvaluatorKey:
    """`public` is for the policy's list `keys`; not `is_new` when the file existed."""

    file: Path
    public: str
    is_new: bool


def run(keys: SigningKeys, *, file: Path) -> EvaluatorKey:
    """Return the key of a file, which is made if there is none; raises BadInput, OutsideFailure."""
    if file.exists():
        return EvaluatorKey(file, keys.public_of(file), is_new=False)
    return EvaluatorKey(file, keys.create(file), is_new=True)
