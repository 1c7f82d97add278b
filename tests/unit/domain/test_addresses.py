"""The two content addresses that the ledger is found by: none may change unnoticed."""

from __future__ import annotations

from interlock.domain.evaluation import gates
from interlock.domain.model.lineage import Input, InputKind, Lineage, fingerprint
from interlock.domain.model.policy import Policy
from tests.unit.domain.test_gates_key import MANIFEST

LINEAGE = Lineage(
    "digits",
    (
        Input(InputKind.CODE, "train.py", "git:aa"),
        Input(InputKind.PARAMS, "params.yaml", "value:1.0", name="classifier.c", text="1.0"),
    ),
    ("dvc.yaml:train",),
)


def test_fingerprint__of_these_inputs_is_this_for_ever() -> None:
    assert fingerprint(LINEAGE) == (
        "b1ec193d956f4c564965cb8e50e032558d0107bb42e507b7312da58f5dc8aba0"
    )


def test_key__of_this_judgement_is_this_until_the_evaluator_changes() -> None:
    """A change here means that every stored verdict is made anew: raise gates.EVALUATOR, too."""
    key = gates.key(fingerprint="a" * 64, manifest=MANIFEST, policy=Policy(), champion="b" * 64)
    assert key == "fd8e0f177bc77cdf568df0d9934d072d9a2e5ffc035ccdff096a6b5d9aa89542"
    assert gates.EVALUATOR == 1
