"""What an attestation says of a file in the ledger: its kind and its SHA-256."""

from __future__ import annotations

from interlock.domain.basics import digests, json_text, parse_limits


def describe(data: bytes) -> tuple[str, str]:
    """Return the schema that a record names, "" without one, and the SHA-256 of its bytes."""
    return _kind(data), digests.of_chunks([data])


def _kind(data: bytes) -> str:
    try:
        document = json_text.read_strict(data, size=parse_limits.RECORD)
    except ValueError:
        return ""
    schema = document.get("schema") if isinstance(document, dict) else None
    return schema if isinstance(schema, str) else ""
