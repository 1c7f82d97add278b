"""The promotion of one model, step by step, for `promote` and `reconcile`."""
