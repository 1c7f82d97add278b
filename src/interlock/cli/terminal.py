"""Text of anybody's as a terminal may show it; what is said is decided elsewhere."""

from __future__ import annotations


def plain(text: str) -> str:
    """Return the text with whatever would steer a terminal, or is no Unicode at all, spelt out."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
