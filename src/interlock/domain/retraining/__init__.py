"""Whether a retraining is asked for, and what becomes of its pull request; no effect may enter."""
