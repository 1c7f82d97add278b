"""The promotion of one model, for `promote` and `reconcile`."""
