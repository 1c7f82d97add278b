"""The relation of a candidate to the champion: another model, the same one, or an earlier one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChampionRelation:
    """The champion's fingerprint and version, None if there is no champion.

    `served_as` is the version of the candidate itself, if it was in production before.
    """

    champion: str | None = None
    version: int | None = None
    is_champion: bool = False
    is_rollback: bool = False
    served_as: int | None = None

    @property
    def skip(self) -> str:
        """The reason to skip gates against the champion; empty if they count."""
        if self.champion is None:
            return "no champion yet"
        if self.is_champion:
            return "it is the champion"
        if self.is_rollback:
            return (
                f"served before as version {self.served_as}; "
                "a rollback is not compared with the version that it replaces"
            )
        return ""
