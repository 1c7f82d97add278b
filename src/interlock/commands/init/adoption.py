"""What `init` proposes."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.commands.init.proposal import ProposedFile
from interlock.domain.adoption.model_choice import ModelChoice


@dataclass(frozen=True, slots=True)
class Adoption:
    """The proposed files on a commit `base`, and what only a person knows, as sentences; `branch`
    is the default branch. Unknown values may be requested from the user."""

    base: str
    branch: str
    choices: tuple[ModelChoice, ...]
    files: tuple[ProposedFile, ...]
    notes: tuple[str, ...]
    is_owner_known: bool
    is_mlflow_known: bool
