"""Production versions: promotions, holds, rollbacks, reconciliation."""
