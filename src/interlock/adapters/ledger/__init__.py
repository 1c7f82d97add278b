"""The ledger on a branch in Git: reads the head's tree, appends by compare-and-swap."""

from interlock.adapters.ledger.git_ledger import GitLedger

__all__ = ["GitLedger"]
