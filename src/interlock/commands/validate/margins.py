"""Warns of gates with a margin that the rows of the champion's comparison cannot resolve."""

from __future__ import annotations

from interlock import errors
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.evaluation import detectable_difference
from interlock.domain.evaluation.verdict import Comparison
from interlock.ledger import lookup
from interlock.manifests import Checked
from interlock.ports.ledger import Ledger


def warn(checked: Checked, ledger: Ledger) -> None:
    manifest = checked.manifest
    if manifest is None:
        return
    comparisons = _last_comparisons(ledger, manifest.model)
    for index, rule in enumerate(manifest.gates):
        bound = "max_rise" if rule.max_drop is None else "max_drop"
        for name, difference in detectable_difference.foresee(rule, comparisons):
            message = f"{name}: {difference.sentence}"
            hint = "evaluate on more rows, or allow a larger margin"
            checked.complain(("gates", index, bound), message, hint, Severity.WARNING)


def _last_comparisons(ledger: Ledger, model: str) -> tuple[Comparison, ...]:
    """Return the comparisons of the champion's last verdict; none for a first model."""
    try:
        champion = lookup.champion(ledger, model=model)
        if champion is None:
            return ()
        verdicts = lookup.verdicts(ledger, model=model, fingerprint=champion.fingerprint)
    except errors.InterlockError:
        return ()  # `ledger verify` reports a ledger that cannot be read
    compared = [each for each in verdicts if any(c.interval for c in each.comparisons)]
    last = max(compared, key=lambda each: (each.champion_version or 0, each.key), default=None)
    return last.comparisons if last else ()
