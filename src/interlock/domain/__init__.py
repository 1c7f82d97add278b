"""The nouns and the rules: frozen dataclasses, pure functions; no clock, disk or environment."""
