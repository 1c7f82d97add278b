"""Reads manifests and policy from YAML text, and reports diagnostics; opens no file."""

from interlock.manifests.discovery import find, find_all, search, search_all
from interlock.manifests.gates import read_gates
from interlock.manifests.manifest import Checked, check, read
from interlock.manifests.policy import POLICY_PATH, read_policy
from interlock.yaml_reader.positions import LineMap
from interlock.yaml_reader.strict import read_yaml

__all__ = [
    "POLICY_PATH",
    "Checked",
    "LineMap",
    "check",
    "find",
    "find_all",
    "read",
    "read_gates",
    "read_policy",
    "read_yaml",
    "search",
    "search_all",
]
