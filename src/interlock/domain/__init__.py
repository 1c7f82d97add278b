"""The nouns and the rules: frozen dataclasses and pure functions; standard library only, no clock, disk or environment."""
