"""What a model is: its manifest, its inputs and fingerprint, and the evidence about it."""
