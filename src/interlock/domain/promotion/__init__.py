"""Which version is in production and why: promotions, holds, rollbacks, reconciliation."""
