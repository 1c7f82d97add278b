"""A model: its manifest, its inputs and fingerprint, and its evidence."""
