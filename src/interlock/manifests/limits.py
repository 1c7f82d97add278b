"""How much a YAML document may hold, and the refusal of more; a manifest is a few kilobytes."""

from __future__ import annotations

from typing import NoReturn

import yaml

from interlock.manifests.complaints import Complaint
from interlock.manifests.positions import START, of

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_VALUES = 100_000
MAX_CHARACTERS = 2 * MAX_BYTES
"""Of all values together, after aliases are followed; without aliases there are never so many."""


def refuse_depth(node: yaml.Node | None) -> NoReturn:
    raise Complaint(
        START if node is None else of(node),
        f"values are nested more than {MAX_DEPTH} deep",
        "nothing here needs more than five levels",
    )


def refuse_values(node: yaml.Node | None) -> NoReturn:
    raise Complaint(
        START if node is None else of(node),
        f"the file holds more than {MAX_VALUES:,} values",
        "nothing here needs more than a few hundred; aliases (*name) count as what they stand for",
    )
