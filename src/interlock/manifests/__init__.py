"""Manifests and policy: YAML text to checked nouns, or to diagnostics; no file is opened here."""

from interlock.manifests import consistency
from interlock.manifests.gates import read_gates
from interlock.manifests.manifest import Checked, check, read
from interlock.manifests.policy import POLICY_PATH, read_policy
from interlock.manifests.positions import LineMap
from interlock.manifests.search import find
from interlock.manifests.syntax import read_yaml

__all__ = [
    "POLICY_PATH",
    "Checked",
    "LineMap",
    "check",
    "consistency",
    "find",
    "read",
    "read_gates",
    "read_policy",
    "read_yaml",
]
