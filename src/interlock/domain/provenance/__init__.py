"""Proof of who made a record or a candidate: tokens of GitHub over a digest; no network."""
