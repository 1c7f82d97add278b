"""Read and write dvc.lock: like DVC, and so that every YAML reader reads the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from interlock import errors
from interlock.domain.training import dvc_lock
from interlock.yaml_reader import dvc

_LARGEST_BYTES = 5_000_000


def parse(data: bytes, *, path: str) -> dict[str, Any] | None:
    """Return the lock file, None if it has another version than the one that Interlock writes."""
    if len(data) > _LARGEST_BYTES:
        return None
    try:
        document = dvc.read(data, path=path)
    except errors.CannotFingerprint:
        return None
    return document if dvc_lock.is_lock(document) else None


def dump(document: Mapping[str, Any]) -> bytes:
    """Blocks, keys in their order, lists indented like their key: as DVC writes it."""
    text = yaml.dump(
        dict(document),
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
    )
    return text.encode()


class _Dumper(yaml.SafeDumper):
    """PyYAML follows YAML 1.1, DVC follows 1.2: texts that one of them would misread are quoted."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_date(dumper: yaml.SafeDumper, date: dvc.Date) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", str(date))


def _represent_none(dumper: yaml.SafeDumper, _: None) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


_Dumper.add_representer(dvc.Date, _represent_date)
_Dumper.add_representer(type(None), _represent_none)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:\d[\d_]*\.?[\d_]*|\.[\d_]+)(?:[eE][-+]?\d+)?\Z"),
    list("-+.0123456789"),
)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"[-+]?(?:0[box]?)?[\d_a-fA-F]+\Z"),
    list("-+0123456789"),
)
