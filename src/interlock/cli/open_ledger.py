"""Opens the ledger of a verb, and warns of its records that do not count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from interlock import wiring
from interlock.ports.git import Repository
from interlock.ports.ledger import Ledger
from interlock.settings import Settings

if TYPE_CHECKING:
    from interlock.domain.provenance.acceptance import IgnoredRecord

_MOST = 5
_ACCEPT = (
    "if they are records from before the policy required provenance, accept them with the line "
    "that `interlock ledger recover` prints"
)


def ledger(
    repository: Repository,
    current: Settings,
    *,
    with_shown: bool = False,
    offline: bool = False,
    is_quiet: bool = False,
) -> Ledger:
    """Open the ledger; see `wiring.ledger`. With `is_quiet` it warns of nothing."""

    def warn(ignored: Sequence[IgnoredRecord]) -> None:
        from interlock.cli import failed_effects  # noqa: PLC0415 - most ledgers need no warning
        from interlock.domain.basics import figures  # noqa: PLC0415 - as above

        lines = [sentence(each) for each in ignored[:_MOST]]
        more = len(ignored) - len(lines)
        if more:
            lines.append(f"{figures.count(more, 'more change')} of the ledger that do not count")
        failed_effects.tell(current, [*lines, _ACCEPT])

    return wiring.ledger(
        repository,
        current,
        with_shown=with_shown,
        offline=offline,
        warn=(lambda _: None) if is_quiet else warn,
    )


def sentence(ignored: IgnoredRecord) -> str:
    return f"{ignored.commit[:12]} {ignored.path} does not count: {ignored.reason}"
